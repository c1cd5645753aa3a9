curl -H "Authorization: Bearer $KEY:$SECRET" "https://lkc-1.example.com/connect/v1/connectors"

for f in connectors/*.json; do
  confluent connect cluster create --config-file "$f"
done

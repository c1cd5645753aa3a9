for f in connectors/**/*.json; do
  jq empty "$f"
done

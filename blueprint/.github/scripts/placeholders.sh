#!/usr/bin/env bash
# Prints a value for each secret that connector files refer to, as the variable connector_secrets takes them:
# placeholders.sh FOLDER
#
# {"NAME":{"KEY":"placeholder"}} for each ${secretsmanager:NAME:KEY}. A file that is no connector adds nothing; Terraform
# says what is wrong with it.
set -euo pipefail
shopt -s nullglob
files=("$1"/*.json)
((${#files[@]})) || { echo "{}"; exit; }
jq --null-input --raw-input --compact-output '
  reduce (inputs | scan("\\$\\{secretsmanager:([^:}\"]+):([^:}\"]+)\\}")) as [$name, $key] ({}; .[$name][$key] = "placeholder")
' "${files[@]}"

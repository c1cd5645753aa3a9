#!/usr/bin/env bash
# Refuses a plan that would destroy data: gate.sh ENVIRONMENT STACK
#
# What may be lost stands by name in allow-destroy.txt of the root, one address a line, # begins a comment. The file is
# part of the pull request, so that a loss is reviewed as any other change; take the line out again afterwards.
set -euo pipefail
cd "$(git rev-parse --show-toplevel)"
permits=()
file=terraform/environments/$1/$2/allow-destroy.txt
if [[ -f $file ]]; then
  while IFS= read -r line || [[ -n $line ]]; do
    address=$(sed -E 's/(^|[[:space:]])#.*//; s/^[[:space:]]+//; s/[[:space:]]+$//' <<<"$line")
    [[ -z $address ]] || permits+=(--allow-destroy "$address")
  done <"$file"
fi
sluice terraform gate "$RUNNER_TEMP/plan/plan.json" ${permits[@]+"${permits[@]}"}

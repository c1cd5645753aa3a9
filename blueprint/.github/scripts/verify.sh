#!/usr/bin/env bash
# Checks a root after its apply: verify.sh ENVIRONMENT STACK
#
# A second plan must be empty, and no check block may fail. The next environment waits for this.
set -euo pipefail
umask 077
scripts=$(cd "$(dirname "$0")" && pwd)
cd "$(git rev-parse --show-toplevel)"
root=terraform/environments/$1/$2
folder=$RUNNER_TEMP/verify
rm -rf "$folder"
mkdir -p "$folder"

code=0
terraform -chdir="$root" plan -json -input=false -lock=false -detailed-exitcode -out="$folder/tfplan" \
  >"$folder/plan.log" 2>&1 || code=$?
if ((code != 0 && code != 2)); then
  "$scripts/summary.sh" "$folder/plan.log"
  echo "::error title=$1/$2::the plan after the apply failed"
  exit 1
fi
terraform -chdir="$root" show -json "$folder/tfplan" >"$folder/plan.json"
changes=$(jq --raw-output '.resource_changes[]? | select(.change.actions | . != ["no-op"] and . != ["read"])
  | "\(.address): \(.change.actions | join(", "))"' "$folder/plan.json")
checks=$(jq --raw-output '.checks[]? | select(.address.kind == "check" and (.status == "fail" or .status == "error"))
  | "\(.address.to_display): " + ([.instances[]?.problems[]?.message] | join("; "))' "$folder/plan.json")
rm -rf "$folder"
if [[ -n $checks ]]; then
  echo "$checks"
  echo "::error title=$1/$2::a check fails after the apply"
fi
if [[ -n $changes ]]; then
  echo "$changes"
  echo "::error title=$1/$2::the plan after the apply is not empty"
fi
[[ -z $checks && -z $changes ]] || exit 1
echo "$1/$2: the plan after the apply is empty, no check fails"

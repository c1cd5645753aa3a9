#!/usr/bin/env bash
# Applies the plan that was reviewed: apply.sh ENVIRONMENT STACK
#
# Terraform refuses a plan whose state has changed since. The log stays on the runner: see summary.sh.
set -euo pipefail
umask 077
scripts=$(cd "$(dirname "$0")" && pwd)
cd "$(git rev-parse --show-toplevel)"
root=terraform/environments/$1/$2
folder=$RUNNER_TEMP/plan

"$scripts/init.sh" "$root"
code=0
terraform -chdir="$root" apply -json -input=false -lock-timeout=10m "$folder/tfplan" >"$folder/apply.log" 2>&1 || code=$?
"$scripts/summary.sh" "$folder/apply.log" | tee -a "${GITHUB_STEP_SUMMARY:-/dev/null}"
if ((code)); then
  echo "::error title=$1/$2::the apply failed; what was made before is in the state, and the next plan goes on from there"
  exit 1
fi

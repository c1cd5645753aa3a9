#!/usr/bin/env bash
# Plans one root: plan.sh ENVIRONMENT STACK
#
# Leaves tfplan and plan.json in $RUNNER_TEMP/plan and writes changes=true or false to GITHUB_OUTPUT. Both files hold
# secrets in plain text (so does the log of a provider that fails): they are readable by this user only, and nothing of
# this folder is uploaded as it is.
set -euo pipefail
umask 077
scripts=$(cd "$(dirname "$0")" && pwd)
cd "$(git rev-parse --show-toplevel)"
root=terraform/environments/$1/$2
folder=$RUNNER_TEMP/plan
rm -rf "$folder"
mkdir -p "$folder"

"$scripts/init.sh" "$root"
code=0
# Without a lock: plans of pull requests must not make an apply wait. A plan that has been overtaken is refused by the
# apply.
terraform -chdir="$root" plan -json -input=false -lock=false -detailed-exitcode -out="$folder/tfplan" \
  >"$folder/plan.log" 2>&1 || code=$?
"$scripts/summary.sh" "$folder/plan.log"
case $code in
  0) echo "changes=false" >>"$GITHUB_OUTPUT" ;;
  2) echo "changes=true" >>"$GITHUB_OUTPUT" ;;
  *)
    echo "::error title=$1/$2::the plan failed; what it said stands above"
    exit 1
    ;;
esac
terraform -chdir="$root" show -json "$folder/tfplan" >"$folder/plan.json"

#!/usr/bin/env bash
# Plans one root: plan.sh ENVIRONMENT STACK
#
# Leaves tfplan and plan.json in $RUNNER_TEMP/plan and writes changes=true or false to GITHUB_OUTPUT. Both files hold
# secrets in plain text (so does the log of a provider that fails): they are readable by this user only, and nothing of
# this folder is uploaded as it is.
#
# With IS_PULL_REQUEST=true the secrets of connectors are placeholders, one for each reference in rendered/ENVIRONMENT;
# otherwise they are CONNECTOR_SECRETS. note.md says so to who reads the plan.
set -euo pipefail
umask 077
scripts=$(cd "$(dirname "$0")" && pwd)
cd "$(git rev-parse --show-toplevel)"
root=terraform/environments/$1/$2
folder=$RUNNER_TEMP/plan
rm -rf "$folder"
mkdir -p "$folder"

if [[ $2 == connectors ]]; then
  secrets=${CONNECTOR_SECRETS:-}
  [[ ${IS_PULL_REQUEST:-} != true ]] || secrets=$("$scripts/placeholders.sh" "rendered/$1")
  export TF_VAR_connector_secrets=${secrets:-"{}"}
fi
: >"$folder/note.md"
if [[ ${IS_PULL_REQUEST:-} == true && ${TF_VAR_connector_secrets:-"{}"} != "{}" ]]; then
  # shellcheck disable=SC2016 # it is Markdown
  echo 'Secrets of connectors are placeholders here: code of a pull request is not given the real ones. So a connector that has some is shown as changed in `config_sensitive`, whether it changes or not. The plan of main has the real ones.' \
    >"$folder/note.md"
fi
unset CONNECTOR_SECRETS

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

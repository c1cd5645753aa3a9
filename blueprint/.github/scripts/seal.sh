#!/usr/bin/env bash
# Encrypts the plan, so that it can wait for its approval as an artifact: seal.sh
#
# A plan holds every secret that the state holds, and everyone who may read the repository may download its artifacts.
# Writes the digest of the encrypted plan to GITHUB_OUTPUT: it travels apart from the artifact, and open.sh checks it.
set -euo pipefail
umask 077
folder=$RUNNER_TEMP/plan
if [[ -z ${PLAN_PASSPHRASE:-} ]]; then
  echo "::error title=PLAN_PASSPHRASE::set the repository's secret PLAN_PASSPHRASE; plans are encrypted with it"
  exit 1
fi
openssl enc -aes-256-cbc -pbkdf2 -iter 600000 -salt -pass env:PLAN_PASSPHRASE -in "$folder/tfplan" -out "$folder/tfplan.sealed"
echo "digest=$(sha256sum "$folder/tfplan.sealed" | cut -d ' ' -f 1)" >>"$GITHUB_OUTPUT"

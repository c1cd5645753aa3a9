#!/usr/bin/env bash
# Opens the plan that was approved: open.sh DIGEST
#
# It must be the file that was reviewed, byte for byte; anything else is refused before it is decrypted.
set -euo pipefail
umask 077
folder=$RUNNER_TEMP/plan
found=$(sha256sum "$folder/tfplan.sealed" | cut -d ' ' -f 1)
if [[ ! $1 =~ ^[0-9a-f]{64}$ || $found != "$1" ]]; then
  echo "::error title=not the reviewed plan::the artifact has digest $found, reviewed was ${1:-none}"
  exit 1
fi
openssl enc -d -aes-256-cbc -pbkdf2 -iter 600000 -pass env:PLAN_PASSPHRASE -in "$folder/tfplan.sealed" -out "$folder/tfplan"

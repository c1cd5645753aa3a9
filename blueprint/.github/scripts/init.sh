#!/usr/bin/env bash
# Prepares a root with its state: init.sh ROOT
set -euo pipefail
options=(-input=false -no-color)
# With a lock file in the repository, only the providers that it names by checksum are taken.
[[ ! -f $1/.terraform.lock.hcl ]] || options+=(-lockfile=readonly)
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! terraform -chdir="$1" init "${options[@]}" >"$log" 2>&1; then
  cat "$log"
  echo "::error title=$1::terraform init failed"
  exit 1
fi

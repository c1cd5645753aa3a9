#!/usr/bin/env bash
# Says whether the commit that is checked out is the newest of main: newest.sh [--must]
#
# Two merges in a row run side by side, and the older run may come last: its plan would undo what the newer has applied.
# So only the newest commit is planned and applied; the newer run contains the older change. Writes newest=true or false
# to GITHUB_OUTPUT; with --must, false is an error.
set -euo pipefail
here=$(git rev-parse HEAD)
newest=$(git ls-remote --exit-code origin refs/heads/main | cut -f 1)
if [[ $here == "$newest" ]]; then
  echo "newest=true" >>"$GITHUB_OUTPUT"
  exit 0
fi
echo "newest=false" >>"$GITHUB_OUTPUT"
if [[ ${1:-} == --must ]]; then
  echo "::error title=an older commit::main has moved on to ${newest:0:12}: approve the plan of that run, it contains this change"
  exit 1
fi
echo "::notice title=an older commit::main has moved on to ${newest:0:12}, whose run deploys this change too"

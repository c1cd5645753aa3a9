#!/usr/bin/env bash
# Prints the Terraform roots as a JSON list for a job matrix: roots.sh [BASE]
#
# With BASE, a commit, only those that the change since then can affect. Modules and the pipeline itself can affect every
# root; teams the stack platform; an environment's rendered connector files its platform (dead letter topics) and its
# connectors.
set -euo pipefail
cd "$(git rev-parse --show-toplevel)"

paths=()
if (($#)); then
  while IFS= read -r path; do paths+=("$path"); done < <(git diff --name-only "$1" HEAD)
fi

affected() {
  local path
  for path in "${paths[@]}"; do
    case $path in
      *.md) ;;
      "terraform/environments/$1/$2/"*) return 0 ;;
      terraform/environments/* | terraform/examples/*) ;;
      terraform/teams/*) [[ $2 == platform ]] && return 0 ;;
      terraform/* | .github/*) return 0 ;;
      "rendered/$1/"*) [[ $2 != foundation ]] && return 0 ;;
    esac
  done
  return 1
}

list=
for folder in terraform/environments/*/; do
  environment=$(basename "$folder")
  for stack in foundation platform connectors; do
    [[ -n $(find "$folder$stack" -maxdepth 1 -name '*.tf' -print -quit 2>/dev/null) ]] || continue
    if (($#)) && ! affected "$environment" "$stack"; then continue; fi
    list+="${list:+,}{\"environment\":\"$environment\",\"stack\":\"$stack\"}"
  done
done
echo "[$list]"

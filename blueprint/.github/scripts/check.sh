#!/usr/bin/env bash
# Checks that need no state and no credentials: format, validity of every root and example, the rules of sluice.
# All are made, so that one run shows all that is wrong.
set -uo pipefail
cd "$(git rev-parse --show-toplevel)" || exit 1
log=$(mktemp)
trap 'rm -f "$log"' EXIT
wrong=()

echo "== format"
terraform fmt -check -diff -recursive terraform || wrong+=("format: run terraform fmt -recursive terraform")

for root in terraform/environments/*/*/ terraform/examples/*/; do
  root=${root%/}
  compgen -G "$root/*.tf" >/dev/null || continue
  echo "== $root"
  # Without the backend: validate asks for no state, so it needs no credentials either.
  if ! terraform -chdir="$root" init -backend=false -input=false -no-color >"$log" 2>&1; then
    cat "$log"
    wrong+=("$root: terraform init")
  elif ! terraform -chdir="$root" validate -no-color; then
    wrong+=("$root: terraform validate")
  fi
done

echo "== rules"
sluice terraform lint . || wrong+=("rules: see sluice terraform lint")

for problem in ${wrong[@]+"${wrong[@]}"}; do
  echo "::error title=check::$problem"
done
((${#wrong[@]} == 0))

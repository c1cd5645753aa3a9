#!/usr/bin/env bash
# Prints what may be shown of the log of `terraform plan -json` or `apply -json`: summary.sh LOG
#
# A provider's error can quote the answer of a service, and the answer to "make an API key" holds the key's secret. So
# the log itself is never printed: addresses, times and counts are, and of errors what is left when quoted answers and
# all that looks like a credential have been taken out.
set -euo pipefail
jq --raw-input --raw-output '
  def scrub:
    gsub("\\{[\\s\\S]*\\}"; "{...}")
    | gsub("(?<word>password|passwd|secret|token|credential)(?<is>\"?\\s*[:=]\\s*)\"?[^\\s\",;]+"; "\(.word)\(.is)..."; "i")
    | gsub("(?<![A-Za-z0-9+/_=-])(?=[A-Za-z+/_=-]*[0-9])(?=[a-z0-9+/_=-]*[A-Z])[A-Za-z0-9+/_=-]{16,}"; "...")
    | gsub("(?<![A-Za-z0-9])[0-9a-f]{32,}(?![A-Za-z0-9])"; "...");
  def indent: split("\n") | map(select(. != "") | "    " + .) | join("\n");

  (try fromjson catch null)
  | select(type == "object")
  | if .type == "apply_complete" then
      "\(.hook.resource.addr): \(.hook.action) done after \(.hook.elapsed_seconds) s"
    elif .type == "apply_errored" then
      "\(.hook.resource.addr): \(.hook.action) FAILED after \(.hook.elapsed_seconds) s"
    elif .type == "resource_drift" then
      "\(.change.resource.addr): changed outside Terraform"
    elif .type == "change_summary" then
      "\(.changes.operation): \(.changes.add) to add, \(.changes.change) to change, \(.changes.remove) to destroy, \(.changes.import // 0) to import"
    elif .type == "diagnostic" then
      .diagnostic
      | "\(.severity): \(.summary | scrub)"
        + (if .address then "\n  at \(.address)" else "" end)
        + (if .range then "\n  in \(.range.filename) line \(.range.start.line)" else "" end)
        + (if (.detail // "") != "" then "\n" + (.detail | scrub | indent) else "" end)
    else empty end
' "$1"

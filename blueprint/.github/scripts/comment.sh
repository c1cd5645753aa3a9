#!/usr/bin/env bash
# Puts the plans of a pull request into its one comment: comment.sh FOLDER
#
# FOLDER has one Markdown file a root, made by `sluice terraform comment`. The comment is found again by a hidden mark
# and updated in place. Reads GITHUB_REPOSITORY, PULL_REQUEST and RUN_URL; gh reads GH_TOKEN.
set -euo pipefail
: "${GITHUB_REPOSITORY:?}" "${PULL_REQUEST:?}" "${RUN_URL:?}" "${RUNNER_TEMP:?}"
mark='<!-- sluice: plans of this pull request -->'
limit=64000 # GitHub refuses comments of more than 65,536 characters
body=$RUNNER_TEMP/comment.md

{
  echo "$mark"
  files=0
  for file in "$1"/*.md "$1"/*/*.md; do
    [[ -f $file ]] || continue
    files=$((files + 1))
    cat "$file"
    echo
  done
  if ((files == 0)); then
    echo "No plan was made: see [the run]($RUN_URL)."
  fi
  echo "[The run that made this]($RUN_URL)"
} >"$body"

if (($(wc -c <"$body") > limit)); then
  # Cut between lines, so that no line of a table and no character is torn.
  head -c "$limit" "$body" | sed '$d' >"$body.cut"
  printf '\n\n**Cut here: this is too long for a comment.** All of it is in [the summary of the run](%s).\n' "$RUN_URL" >>"$body.cut"
  mv "$body.cut" "$body"
fi

# Only a comment of this pipeline's own is updated: anyone may write the mark into a comment.
id=$(gh api --paginate "repos/$GITHUB_REPOSITORY/issues/$PULL_REQUEST/comments" \
  --jq ".[] | select(.user.login == \"github-actions[bot]\" and (.body | startswith(\"$mark\"))) | .id" | head -n 1)
if [[ -n $id ]]; then
  gh api --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$id" --field "body=@$body" --silent
  echo "updated comment $id"
else
  gh api --method POST "repos/$GITHUB_REPOSITORY/issues/$PULL_REQUEST/comments" --field "body=@$body" --silent
  echo "wrote the comment"
fi

#!/usr/bin/env bash
# Proposes an image to Terraform by a pull request: image-propose.sh IMAGE
#
# Writes the digest into worker_image of every environment. Merged, it goes the way of every change: dev, staging, and
# prod after approval. gh and git use GH_TOKEN.
set -euo pipefail
image=$1
cd "$(git rev-parse --show-toplevel)"
if [[ ! $image =~ @sha256:[0-9a-f]{64}$ ]]; then
  echo "::error title=image::\"$image\" is not an image by digest"
  exit 1
fi
mapfile -t files < <(grep -l -E '^worker_image[[:space:]]*=' terraform/environments/*/*/terraform.tfvars)
if ((${#files[@]} == 0)); then
  echo "::error title=image::no terraform.tfvars of an environment sets worker_image"
  exit 1
fi
sed -i -E "s|^(worker_image[[:space:]]*=[[:space:]]*)\"[^\"]*\"|\1\"$image\"|" "${files[@]}"
if git diff --quiet -- "${files[@]}"; then
  echo "every environment has $image already"
  exit 0
fi
short=${image##*@sha256:}
branch=worker-image-${short:0:12}
git switch --create "$branch"
git -c user.name='github-actions[bot]' -c user.email='github-actions[bot]@users.noreply.github.com' \
  commit --quiet --message "worker image ${short:0:12}" -- "${files[@]}"
git push --force origin "$branch"
if [[ -z $(gh pr list --head "$branch" --state open --json number --jq '.[].number') ]]; then
  gh pr create --head "$branch" --base main --title "Worker image ${short:0:12}" \
    --body "Built from $(git rev-parse HEAD^). The plans of this pull request show what it changes: $image"
fi

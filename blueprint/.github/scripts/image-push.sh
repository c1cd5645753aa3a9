#!/usr/bin/env bash
# Pushes the image to ECR: image-push.sh NAME REPOSITORY_URL
#
# The tag is the commit; the repository's tags cannot be moved. What Terraform gets is the digest: writes
# image=REPOSITORY_URL@sha256:... to GITHUB_OUTPUT.
set -euo pipefail
repository=$2
if [[ ! $repository =~ ^[0-9]{12}\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?/[a-z0-9._/-]+$ ]]; then
  echo "::error title=ECR_REPOSITORY_URL::\"$repository\" is not ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME; set the variable ECR_REPOSITORY_URL"
  exit 1
fi
region=${BASH_REMATCH[1]}
tagged=$repository:$(git rev-parse HEAD)
aws ecr get-login-password --region "$region" | docker login --username AWS --password-stdin "${repository%%/*}"
trap 'docker logout "${repository%%/*}" >/dev/null' EXIT
docker tag "$1" "$tagged"
docker push "$tagged"
digest=$(docker image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' "$tagged" | grep -F "$repository@" | head -n 1)
if [[ ! $digest =~ @sha256:[0-9a-f]{64}$ ]]; then
  echo "::error title=image::the push told no digest"
  exit 1
fi
echo "image=$digest" >>"$GITHUB_OUTPUT"
echo "pushed $digest"

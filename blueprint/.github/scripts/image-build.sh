#!/usr/bin/env bash
# Builds the worker's image from image/Dockerfile with the pinned sluice in it: image-build.sh NAME
#
# Tries it the way it runs later: not as root, with a read-only root folder and no rights.
set -euo pipefail
cd "$(git rev-parse --show-toplevel)"
cp "$(command -v sluice)" image/sluice
trap 'rm -f image/sluice' EXIT
docker build --pull --tag "$1" image
user=$(docker image inspect --format '{{.Config.User}}' "$1")
if [[ -z $user || $user == 0 || $user == 0:* || $user == root* ]]; then
  echo "::error title=image::it runs as ${user:-root}; set USER to another in image/Dockerfile"
  exit 1
fi
docker run --rm --read-only --cap-drop ALL --network none "$1" sluice --version

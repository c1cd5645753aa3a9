#!/usr/bin/env bash
# Builds the worker's image: image-build.sh NAME SOURCE
#
# SOURCE is a checkout of Sluice's repository at the pinned commit, which the program is built of. The image is tried the
# way it runs later: not as root, with a read-only root folder, no rights and no network.
set -euo pipefail
cd "$(git rev-parse --show-toplevel)"
found=$(git -C "$2" rev-parse HEAD)
if [[ $found != "$SLUICE_COMMIT" ]]; then
  echo "::error title=image::$2 is at $found, pinned is $SLUICE_COMMIT in .github/workflows/image.yml"
  exit 1
fi
docker build --pull --file image/Dockerfile --build-arg "SLUICE_COMMIT=$found" --tag "$1" "$2"
user=$(docker image inspect --format '{{.Config.User}}' "$1")
if [[ -z $user || $user == 0 || $user == 0:* || $user == root* ]]; then
  echo "::error title=image::it runs as ${user:-root}; set USER to another in image/Dockerfile"
  exit 1
fi
docker run --rm --read-only --cap-drop ALL --network none "$1" --version

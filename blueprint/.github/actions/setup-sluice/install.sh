#!/usr/bin/env bash
# Installs one pinned version of sluice into the job's tool folder.
#
# Reads SLUICE_VERSION, SLUICE_SHA256 and SLUICE_RELEASES. The archive is unpacked only after its checksum has matched:
# whoever can replace a release cannot replace what this repository pins.
set -euo pipefail
: "${SLUICE_VERSION:?}" "${SLUICE_SHA256:?}" "${SLUICE_RELEASES:?}" "${RUNNER_TEMP:?}" "${GITHUB_PATH:?}"

stop() {
  echo "::error title=setup-sluice::$1"
  exit 1
}

if [[ ! $SLUICE_SHA256 =~ ^[0-9a-f]{64}$ ]]; then
  stop "sha256 is \"$SLUICE_SHA256\": write the checksum of version $SLUICE_VERSION into .github/actions/setup-sluice/action.yml"
fi
if [[ $SLUICE_RELEASES == */YOUR-COMPANY/* ]]; then
  stop "repository is still the placeholder: write the one that has the releases into .github/actions/setup-sluice/action.yml"
fi
machine=$(uname -m)
if [[ $machine != x86_64 ]]; then
  stop "the pinned checksum is of the archive for x86_64, this runner is $machine"
fi

archive="sluice-$SLUICE_VERSION-x86_64-linux.tar.gz"
folder=$RUNNER_TEMP/sluice-$SLUICE_VERSION
mkdir -p "$folder"
curl --fail --silent --show-error --location --proto '=https' --retry 3 \
  --output "$folder/$archive" "$SLUICE_RELEASES/download/v$SLUICE_VERSION/$archive"
found=$(sha256sum "$folder/$archive" | cut -d ' ' -f 1)
if [[ $found != "$SLUICE_SHA256" ]]; then
  rm -f "$folder/$archive"
  stop "$archive has checksum $found, pinned is $SLUICE_SHA256: it is not the archive that was reviewed"
fi
tar -xzf "$folder/$archive" -C "$folder" sluice
rm -f "$folder/$archive"
echo "$folder" >>"$GITHUB_PATH"
printed=$("$folder/sluice" --version)
if [[ $printed != "sluice $SLUICE_VERSION" ]]; then
  stop "the program says \"$printed\", expected is sluice $SLUICE_VERSION"
fi
echo "$printed"

#!/bin/sh
# Makes the root folder of the image: the program, the libraries it loads, certificates and a user. Nothing else is in the
# image, no shell either.
#
# usage: rootfs.sh BINARY FOLDER
set -eu

if [ $# -ne 2 ]; then
  echo "usage: rootfs.sh BINARY FOLDER" >&2
  exit 2
fi
binary=$1
root=$2

if [ ! -x "$binary" ]; then
  echo "rootfs.sh: there is no program $binary; build it first (cargo build --release --package sluice-cli)" >&2
  exit 1
fi
if [ -e "$root" ]; then
  echo "rootfs.sh: $root is there already; name a new folder" >&2
  exit 1
fi
certificates=/etc/ssl/certs/ca-certificates.crt
if [ ! -s "$certificates" ]; then
  echo "rootfs.sh: $certificates is missing; install ca-certificates" >&2
  exit 1
fi

mkdir -p "$root/usr/local/bin" "$root/etc/ssl/certs" "$root/tmp" "$root/data"

install -m 0755 "$binary" "$root/usr/local/bin/sluice"
strip "$root/usr/local/bin/sluice"

# The loader looks for libraries where they were when the program was linked.
ldd "$binary" | awk '$2 == "=>" { print $3 } $1 ~ /^\// { print $1 }' | sort -u | while read -r library; do
  mkdir -p "$root$(dirname "$library")"
  cp --dereference "$library" "$root$library"
done

install -m 0644 "$certificates" "$root$certificates"

printf 'root:x:0:0:root:/:/bin/false\nsluice:x:65532:65532:sluice:/:/bin/false\n' > "$root/etc/passwd"
printf 'root:x:0:\nsluice:x:65532:\n' > "$root/etc/group"
printf 'hosts: files dns\n' > "$root/etc/nsswitch.conf"

# Written to by the worker: temporary files; and offsets of a standalone one, where a volume is mounted.
chmod 1777 "$root/tmp"
if [ "$(id -u)" = 0 ]; then
  chown 65532:65532 "$root/data"
fi
chmod 0700 "$root/data"

#!/bin/sh
# Checks as much of the image as can be checked without a container engine: makes its root folder and runs two workers of a
# group in it, on an embedded broker, as the image's user, with a read-only root, without rights, from variables alone.
# Needs root, for chroot and mounts. The last line says what holds.
#
# usage: check.sh BINARY
set -eu

if [ $# -ne 1 ]; then
  echo "usage: check.sh BINARY" >&2
  exit 2
fi
if [ "$(id -u)" != 0 ] || ! unshare --mount true 2>/dev/null; then
  echo "check.sh: run it as root, where mounts are allowed: it uses chroot and a read-only mount" >&2
  exit 1
fi
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
root=$work/root
processes=
cleanup() {
  for process in $processes; do
    kill -KILL "$process" 2>/dev/null || true
  done
  rm -rf "$work"
}
trap cleanup EXIT

fail() {
  echo "check.sh: $1" >&2
  shift
  for file in "$@"; do
    cat "$file" >&2
  done
  exit 1
}

"$here/rootfs.sh" "$1" "$root"
echo "root folder: $(du -sk "$root" | cut -f1) KiB, $(find "$root" -type f | wc -l) files"

programs=$(find "$root" -type f -perm -001 ! -name '*.so*' | sed "s|^$root||")
[ "$programs" = /usr/local/bin/sluice ] || fail "there are other programs in the image: $programs"
writable=$(find "$root" -xdev ! -type l \( -perm -002 -o -user 65532 \) ! -path "$root/tmp*" ! -path "$root/data*")
[ -z "$writable" ] || fail "the image's user can write to: $writable"

# Becomes a program of the image, as a platform runs it: the mounts are its own, its environment is what is given first,
# VARIABLE=VALUE..., then -- and the command.
inside() {
  # shellcheck disable=SC2016 # the inner shell's parameters
  exec env -i PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin ROOT="$root" "$@"
}
enter='mount --bind "$ROOT" "$ROOT" && mount -o remount,ro,bind "$ROOT" && mount -t tmpfs -o mode=1777 none "$ROOT/tmp" &&
  exec setpriv --no-new-privs chroot --userspec=65532:65532 "$ROOT" "$@"'
run() {
  (inside unshare --mount sh -c "$enter" run "$@")
}

run sluice --version

: > "$work/dev"
"$1" dev -o json > "$work/dev" 2> "$work/dev.log" &
processes="$processes $!"
until grep -q workerLog "$work/dev"; do
  kill -0 $! 2>/dev/null || fail "the embedded broker did not start:" "$work/dev" "$work/dev.log"
  sleep 0.1
done
bootstrap=$(sed -n 's/.*"kafka": "\([^"]*\)".*/\1/p' "$work/dev")

text=org.apache.kafka.connect.storage.StringConverter
line='{"connector.class":"FileStreamSource","file":"/etc/passwd","topic":"${env:SLUICE_SECRET_TOPIC}"}'
start() {
  : > "$work/$1.log"
  (inside \
    CONNECT_BOOTSTRAP_SERVERS="$bootstrap" CONNECT_GROUP_ID=image CONNECT_LISTENERS=http://127.0.0.1:0 \
    CONNECT_CONFIG_STORAGE_TOPIC=image-configs CONNECT_CONFIG_STORAGE_REPLICATION_FACTOR=1 \
    CONNECT_OFFSET_STORAGE_TOPIC=image-offsets CONNECT_OFFSET_STORAGE_REPLICATION_FACTOR=1 \
    CONNECT_STATUS_STORAGE_TOPIC=image-status CONNECT_STATUS_STORAGE_REPLICATION_FACTOR=1 \
    CONNECT_KEY_CONVERTER=$text CONNECT_VALUE_CONVERTER=$text CONNECT_CONFIG_PROVIDERS=env \
    CONNECT_CONFIG_PROVIDERS_ENV_CLASS=org.apache.kafka.common.config.provider.EnvVarConfigProvider \
    CONNECT_CONFIG_PROVIDERS_ENV_PARAM_ALLOWLIST_PATTERN='SLUICE_(SECRET|KAFKA)_[A-Z0-9_]+' \
    SLUICE_CONNECTORS="{\"one\":$line,\"two\":$line,\"three\":$line}" SLUICE_SECRET_TOPIC=topic-of-a-secret \
    unshare --mount sh -c "$enter" run sluice worker --log-format json > "$work/$1.log" 2>&1) &
  eval "$1=$!"
  processes="$processes $!"
  # The log says which port was free.
  port=
  while [ -z "$port" ]; do
    kill -0 $! 2>/dev/null || fail "worker $1 did not start:" "$work/$1.log"
    sleep 0.1
    port=$(sed -n 's/.*REST listens on http:..127\.0\.0\.1:\([0-9]*\).*/\1/p' "$work/$1.log")
  done
  eval "$1_port=$port"
  curl --silent --show-error --fail --retry 60 --retry-delay 1 --output "$work/$1.health" "http://127.0.0.1:$port/health"
  run sluice worker --check-health "http://127.0.0.1:$port/health"
}
# Waits until all that the group has runs, on so many workers.
shared_by() {
  for _ in $(seq 300); do
    curl --silent "http://127.0.0.1:$2/connectors?expand=status&expand=info" > "$work/connectors"
    running=$(grep -o '"state":"RUNNING"' "$work/connectors" | wc -l)
    workers=$(grep -o '"worker_id":"[^"]*"' "$work/connectors" | sort -u | wc -l)
    [ "$running" = 6 ] && [ "$workers" = "$1" ] && return
    sleep 0.2
  done
  fail "three connectors should run on $1 workers, but:" "$work/connectors" "$work/first.log"
}

first_port='' second_port='' first='' second=''
start first
shared_by 1 "$first_port"
start second
shared_by 2 "$second_port"

# As the platform would have it: nothing can be written to but /tmp, by nobody, and the process has no rights.
if touch "/proc/$first/root/probe" 2>/dev/null; then
  fail "the root folder can be written to"
fi
for line in 'Uid:.65532.65532.65532.65532' 'CapEff:.0000000000000000' 'NoNewPrivs:.1'; do
  grep -q "^$line\$" "/proc/$first/status" || fail "the worker is not as $line:" "/proc/$first/status"
done

# The reference, not the value, is what REST shows.
grep -q 'env:SLUICE_SECRET_TOPIC' "$work/connectors" || fail "connectors are not as given:" "$work/connectors"
if grep -q 'topic-of-a-secret' "$work/connectors" "$work/first.log" "$work/second.log"; then
  fail "a secret is in an answer or in the log"
fi

# The leader stops, as in a deployment; the other goes on with everything.
stop() {
  kill -TERM "$1"
  status=0
  wait "$1" || status=$?
  [ $status -eq 0 ] || fail "told to stop, a worker ended with $status:" "$2"
}
stop "$first" "$work/first.log"
if run sluice worker --check-health "http://127.0.0.1:$first_port/health" 2>/dev/null; then
  fail "a worker that has stopped is healthy"
fi
shared_by 1 "$second_port"
stop "$second" "$work/second.log"
echo "1 passed, 0 failed: root folder, user, read-only root, no shell, group of two, health check, references, stop"

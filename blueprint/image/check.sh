#!/bin/sh
# Checks as much of the image as can be checked without a container engine: makes its root folder, and runs the worker in
# it as the image's user, with the properties that ECS gives, until it is healthy and again until it is told to stop.
# Needs root, for chroot. The last line says what holds.
#
# usage: check.sh BINARY
set -eu

if [ $# -ne 1 ]; then
  echo "usage: check.sh BINARY" >&2
  exit 2
fi
if [ "$(id -u)" != 0 ]; then
  echo "check.sh: run it as root: it uses chroot" >&2
  exit 1
fi
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
worker=
cleanup() {
  if [ -n "$worker" ]; then
    kill -KILL "$worker" 2>/dev/null || true
  fi
  rm -rf "$work"
}
trap cleanup EXIT
root=$work/root

"$here/rootfs.sh" "$1" "$root"
echo "root folder: $(du -sk "$root" | cut -f1) KiB, $(find "$root" -type f | wc -l) files"

run() {
  chroot --userspec=65532:65532 "$root" /bin/busybox env -i PATH=/usr/local/bin:/bin "$@"
}

run sluice --version

# Nothing but /tmp and /data may be written to by the image's user.
writable=$(run /bin/busybox find / -xdev ! -type l \( -perm -002 -o -user 65532 \) ! -path '/tmp*' ! -path '/data*' | head -n 5)
if [ -n "$writable" ]; then
  echo "check.sh: the image's user can write to: $writable" >&2
  exit 1
fi

properties="bootstrap.servers=127.0.0.1:1
key.converter=org.apache.kafka.connect.storage.StringConverter
value.converter=org.apache.kafka.connect.storage.StringConverter
offset.storage.file.filename=/data/connect.offsets
listeners=http://127.0.0.1:0
config.providers=env
config.providers.env.class=org.apache.kafka.common.config.provider.EnvVarConfigProvider
config.providers.env.param.allowlist.pattern=SLUICE_(SECRET|KAFKA)_[A-Z0-9_]+
sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username=\"\${env:SLUICE_KAFKA_KEY}\" password=\"\${env:SLUICE_KAFKA_SECRET}\";
sasl.mechanism=PLAIN
security.protocol=SASL_SSL"
# shellcheck disable=SC2016 # the worker looks it up, not this shell
connectors='lines {"name":"lines","config":{"connector.class":"FileStreamSource","file":"/etc/passwd","topic":"${env:SLUICE_SECRET_TOPIC}"}}'
mkfifo "$work/lines"
chroot --userspec=65532:65532 "$root" /bin/busybox env -i PATH=/usr/local/bin:/bin \
  SLUICE_WORKER_PROPERTIES="$properties" SLUICE_CONNECTORS="$connectors" SLUICE_KAFKA_KEY=key \
  SLUICE_KAFKA_SECRET=canary-secret SLUICE_SECRET_TOPIC=topic-of-a-secret \
  /bin/sh /usr/local/bin/start-worker --log-format json > "$work/lines" 2>&1 &
worker=$!

# The log says which port was free.
exec 3< "$work/lines"
port=
while [ -z "$port" ] && IFS= read -r line <&3; do
  printf '%s\n' "$line" >> "$work/log"
  port=$(printf '%s' "$line" | sed -n 's/.*REST listens on http:..127\.0\.0\.1:\([0-9]*\).*/\1/p')
done
if [ -z "$port" ]; then
  echo "check.sh: the worker did not start:" >&2
  cat "$work/log" >&2
  exit 1
fi
cat <&3 >> "$work/log" &
drain=$!

ask() {
  run /bin/busybox wget -q -O - "http://127.0.0.1:$port$1"
}

# 503 while the connectors are created.
curl --silent --show-error --fail --retry 60 --retry-delay 1 --output "$work/health" "http://127.0.0.1:$port/health"
echo "health: $(ask /health)"

# The reference, not the value, is what REST shows.
ask /connectors/lines > "$work/connector"
if ! grep -q 'env:SLUICE_SECRET_TOPIC' "$work/connector"; then
  echo "check.sh: the connector was not created as given: $(cat "$work/connector")" >&2
  exit 1
fi
if grep -q 'canary-secret\|topic-of-a-secret' "$work/connector" "$work/log"; then
  echo "check.sh: a secret is in an answer or in the log" >&2
  exit 1
fi

kill -TERM "$worker"
status=0
wait "$worker" || status=$?
worker=
wait "$drain"
if [ $status -ne 0 ]; then
  echo "check.sh: told to stop, the worker ended with $status:" >&2
  cat "$work/log" >&2
  exit 1
fi
echo "1 passed, 0 failed: root folder, user, start script, health check, references, stop"

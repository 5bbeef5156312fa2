#!/bin/bash
# Measures Penstock, versitygw and minio one after the other in one run, with one client: 4 KiB GET and PUT, LIST, and GetTable (Penstock
# alone has it). The other two come from Go's module proxy; what cannot be built is left out, and that is said.
#
#   test/bench/s3/run.sh PENSTOCK DIR [SECONDS]      # PENSTOCK: the binary; DIR: a folder on the disk to measure, which is emptied
set -u
penstock=$(realpath "$1"); dir=$(realpath -m "$2"); seconds=${3:-4}
here=$(cd "$(dirname "$0")" && pwd)
rm -rf "$dir"; mkdir -p "$dir/bin" || exit 1
(cd "$here" && go build -o "$dir/bin/s3bench" .) || exit 1
export GOBIN="$dir/bin"
for program in github.com/versity/versitygw/cmd/versitygw@v1.8.0 github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c; do
	(cd "$dir" && nice -n 10 go install "$program" > "$dir/install.log" 2>&1) || echo "left out: $program cannot be built: $(tail -1 "$dir/install.log")"
done

# measure NAME PORT PID KEY SECRET OPS
measure() {
	echo "== $1 =="
	for op in $6; do
		for clients in 1 16 64; do
			"$dir/bin/s3bench" -url "http://127.0.0.1:$2" -pid "$3" -key "$4" -secret "$5" -op "$op" -clients "$clients" -seconds "$seconds"
		done
	done
	syncs "$@"
}

# syncs counts the synced files of PUTs, one client and 16.
syncs() {
	command -v strace > /dev/null || { echo "syncs a PUT: strace is not installed"; return; }
	for clients in 1 16; do
		strace -f -q -e trace=fsync,fdatasync,sync_file_range -e signal=none -o "$dir/trace" -p "$3" 2> /dev/null & tracer=$!
		sleep 1
		ops=$("$dir/bin/s3bench" -url "http://127.0.0.1:$2" -pid "$3" -key "$4" -secret "$5" -op put -clients $clients -seconds 2 | sed -n 's/.* \([0-9]*\) operations.*/\1/p')
		kill -INT $tracer; wait $tracer 2> /dev/null
		calls=$(grep -c 'sync[a-z_]*(' "$dir/trace")
		echo "put   $clients clients: $(awk "BEGIN { printf \"%.2f\", $calls / ${ops:-1} }") syncs a PUT ($calls in $ops)"
	done
}

# ready PORT waits until a server answers.
ready() {
	for _ in $(seq 100); do
		(exec 3<> "/dev/tcp/127.0.0.1/$1") 2> /dev/null && return
		sleep 0.1
	done
	echo "nothing answers on port $1"
}

"$penstock" serve --data "$dir/penstock" --listen 127.0.0.1:14680 --warehouse-listen 127.0.0.1:0 > "$dir/penstock.log" 2>&1 & pid=$!
ready 14680
key=$(sed -n 's/^aws_access_key_id = //p' "$dir/penstock/credentials"); secret=$(sed -n 's/^aws_secret_access_key = //p' "$dir/penstock/credentials")
measure penstock 14680 $pid "$key" "$secret" "get put list table"
kill -INT $pid; wait $pid

if [ -x "$dir/bin/versitygw" ]; then
	mkdir "$dir/versity"
	"$dir/bin/versitygw" --keep-alive --quiet --access benchkey --secret benchsecret --port 127.0.0.1:14681 posix "$dir/versity" > "$dir/versity.log" 2>&1 & pid=$!
	ready 14681
	measure "versitygw (no fsync)" 14681 $pid benchkey benchsecret "get put list"
	kill $pid; wait $pid 2> /dev/null
fi
if [ -x "$dir/bin/minio" ]; then
	MINIO_ROOT_USER=benchkey MINIO_ROOT_PASSWORD=benchsecret "$dir/bin/minio" server --address 127.0.0.1:14682 "$dir/minio" > "$dir/minio.log" 2>&1 & pid=$!
	ready 14682
	sleep 2
	measure minio 14682 $pid benchkey benchsecret "get put list"
	kill $pid; wait $pid 2> /dev/null
fi

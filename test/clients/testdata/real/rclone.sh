# rclone with its defaults: keys and endpoint come from the environment. provider is Other, as rclone asks for what is not AWS's own
# endpoint: for AWS it sends PutObject with a trailing checksum, which its SDK does over TLS only.
set -eu
remote=":s3,provider=Other,env_auth=true"
r() { rclone --config /dev/null "$@"; }
mkdir -p src/sub
printf one >src/a.txt; printf two >"src/sub/b c+é.txt"; head -c 12000000 /dev/urandom >src/big.bin; : >src/empty
r mkdir "$remote:lake"
r copy src "$remote:lake/in"
r check src "$remote:lake/in"
r copy "$remote:lake/in" "$remote:lake/second"   # by CopyObject
test "$(r lsf -R --files-only "$remote:lake/second" | sort | tr '\n' '|')" = "a.txt|big.bin|empty|sub/b c+é.txt|"
r check "$remote:lake/in" "$remote:lake/second"
rm src/a.txt; printf three >src/new.txt; printf TWO >"src/sub/b c+é.txt"
r sync src "$remote:lake/in"
r check src "$remote:lake/in"
r move "$remote:lake/in" "$remote:lake/moved"
test -z "$(r lsf -R "$remote:lake/in" 2>/dev/null)"
r check src "$remote:lake/moved"
test "$(r cat "$remote:lake/moved/new.txt")" = three
r sync "$remote:lake/moved" back
r check src back
r rcat "$remote:lake/piped" <src/big.bin
test "$(r size --json "$remote:lake" | python3 -c 'import json,sys; print(json.load(sys.stdin)["count"])')" = 9
r delete "$remote:lake/second/a.txt"
r purge "$remote:lake/moved"
r delete "$remote:lake"
r rmdir "$remote:lake"
test -z "$(r lsf "$remote:")"
echo ok

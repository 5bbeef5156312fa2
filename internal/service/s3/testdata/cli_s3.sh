# The S3 commands of the AWS CLI, against the endpoint in AWS_ENDPOINT_URL.
set -euo pipefail
command -v aws >/dev/null || { echo "the AWS CLI is not installed: pip install awscli"; exit 1; }
cd "$WORK"
fail() { echo "failed: $*"; exit 1; }

aws s3 mb s3://cli-lake >mb.txt
grep -q "make_bucket: cli-lake" mb.txt || fail mb
mkdir -p in/sub
printf 'a,b\n1,2\n' >in/one.csv
head -c 9000000 /dev/zero >in/sub/big.bin
find in -type f -exec touch -d '1 hour ago' {} + # else sync takes a file of this second for newer than its object
aws s3 cp --no-progress in s3://cli-lake/data --recursive >cp.txt
aws s3 ls s3://cli-lake/data/ >ls.txt
grep -q "PRE sub/" ls.txt || fail "ls: $(cat ls.txt)"
grep -q "8 one.csv" ls.txt || fail "ls: $(cat ls.txt)"
aws s3 cp --no-progress s3://cli-lake/data/sub/big.bin back.bin >>cp.txt
cmp in/sub/big.bin back.bin || fail "multipart round trip"
aws s3 sync --no-progress in s3://cli-lake/data >sync.txt
[ ! -s sync.txt ] || fail "sync of what is there already: $(cat sync.txt)"
aws s3api head-object --bucket cli-lake --key data/one.csv --query ContentLength >head.txt
[ "$(cat head.txt)" = 8 ] || fail head-object
aws s3api put-bucket-versioning --bucket cli-lake --versioning-configuration Status=Enabled
[ "$(aws s3api get-bucket-versioning --bucket cli-lake --query Status --output text)" = Enabled ] || fail versioning
aws s3 rm --quiet s3://cli-lake/data/one.csv
aws s3api list-object-versions --bucket cli-lake --prefix data/one.csv --query 'length(DeleteMarkers)' >markers.txt
[ "$(cat markers.txt)" = 1 ] || fail markers
aws s3api copy-object --bucket cli-lake --key c --copy-source cli-lake/data/sub/big.bin >copy.txt 2>&1 || fail "$(cat copy.txt)"
aws s3 mb s3://cli-copy >mb.txt
aws s3 sync --no-progress s3://cli-lake/data s3://cli-copy/data >sync.txt
grep -q "copy: s3://cli-lake/data/sub/big.bin to s3://cli-copy/data/sub/big.bin" sync.txt || fail "sync: $(cat sync.txt)"
aws s3 sync --no-progress s3://cli-lake/data s3://cli-copy/data >sync.txt
[ ! -s sync.txt ] || fail "sync of what is copied already: $(cat sync.txt)"
aws s3 mv --no-progress "s3://cli-copy/data/sub/big.bin" "s3://cli-copy/a b/big ü.bin" >mv.txt
grep -q "move:" mv.txt || fail "mv: $(cat mv.txt)"
aws s3 cp --no-progress "s3://cli-copy/a b/big ü.bin" moved.bin >>cp.txt
cmp in/sub/big.bin moved.bin || fail "moved bytes"
aws s3 rb --force s3://cli-copy >rb.txt
aws s3 rb s3://cli-lake >rb.txt 2>&1 && fail "a bucket with objects was removed"
grep -q BucketNotEmpty rb.txt || fail "rb: $(cat rb.txt)"
echo "all checks passed"

# aws s3 cp, mv and sync between disk and S3 and from S3 to S3.
set -eu
mkdir -p src/sub
printf one >src/a.txt; printf two >"src/sub/b c+é.txt"; head -c 20000000 /dev/urandom >src/big.bin
aws s3 mb s3://lake; aws s3 mb s3://other
aws s3 cp src s3://lake/in --recursive
aws s3 cp s3://lake/in/big.bin s3://other/big.bin      # by UploadPartCopy
aws s3 cp s3://other/big.bin - | cmp - src/big.bin
aws s3 cp s3://lake/in/a.txt s3://lake/in/a.txt --metadata k=v --metadata-directive REPLACE
test "$(aws s3api head-object --bucket lake --key in/a.txt --query Metadata.k --output text)" = v
aws s3 sync s3://lake/in s3://other/in
aws s3 sync s3://lake/in s3://other/in | (! grep .)    # nothing to do
aws s3 mv s3://other/in s3://other/moved --recursive
test "$(aws s3 ls s3://other/in/ | wc -l)" = 0
aws s3 sync s3://other/moved back
diff -r src back
rm src/a.txt; printf new >src/n.txt
aws s3 sync src s3://lake/in --delete
test "$(aws s3 ls --recursive s3://lake/ | awk '{print $4}' | sort | tr '\n' '|')" = "in/big.bin|in/n.txt|in/sub/b|"
aws s3 mv s3://lake/in/n.txt down.txt
test "$(cat down.txt)" = new
aws s3 mv down.txt s3://lake/up.txt --acl bucket-owner-full-control --sse AES256 --storage-class STANDARD
printf piped | aws s3 cp - s3://lake/piped
aws s3 rb s3://other --force
aws s3 rm s3://lake --recursive
aws s3 rb s3://lake
test -z "$(aws s3 ls)"
echo ok

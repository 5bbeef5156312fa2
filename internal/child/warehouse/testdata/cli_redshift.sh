# The Redshift commands of the AWS CLI that a pipeline's user types, against the endpoint in AWS_ENDPOINT_URL.
set -euo pipefail
fail() { echo "failed: $*"; exit 1; }
aws redshift-serverless create-namespace --namespace-name cli-ns --admin-username admin --admin-user-password Passw0rd >/dev/null
aws redshift-serverless create-workgroup --workgroup-name cli-wg --namespace-name cli-ns >/dev/null
s=$(aws redshift-serverless get-workgroup --workgroup-name cli-wg --query workgroup.status --output text)
[ "$s" = AVAILABLE ] || fail "workgroup $s"
id=$(aws redshift-data execute-statement --workgroup-name cli-wg --database dev --sql 'SELECT 40 + 2 AS answer' --query Id --output text)
for _ in $(seq 50); do
	s=$(aws redshift-data describe-statement --id "$id" --query Status --output text)
	[ "$s" = FINISHED ] && break
done
[ "$s" = FINISHED ] || fail "statement $s"
n=$(aws redshift-data get-statement-result --id "$id" --query 'Records[0][0].longValue' --output text)
[ "$n" = 42 ] || fail "answer $n"
aws redshift-data execute-statement --workgroup-name none --database dev --sql 'SELECT 1' >/dev/null 2>err.txt && fail "a workgroup that does not exist"
grep -q ValidationException err.txt || fail "$(cat err.txt)"
aws redshift-serverless delete-workgroup --workgroup-name cli-wg >/dev/null
aws redshift-serverless delete-namespace --namespace-name cli-ns >/dev/null
echo "all checks passed"

# Every operation of S3 that Penstock serves, by the AWS CLI's s3api, and the commands of "aws s3" that people type.
import json
from clients import Service, aws

s3 = Service("s3", "s3api")
cli = s3.cli


def refused(code, op, *words, **kw):
    out = aws("s3api", s3.methods[op].replace("_", "-"), *words, *(x for k, v in kw.items() for x in ("--" + k, v)))
    assert isinstance(out, str) and out.startswith("error ") and f"({code})" in out, out
    return out


def read(name):
    with open(name, "rb") as f:
        return f.read()


def write(name, body):
    with open(name, "wb") as f:
        f.write(body)
    return name


# Buckets.
assert cli("CreateBucket", "--bucket", "lake")["Location"] == "/lake"
assert cli("HeadBucket", "--bucket", "lake")["BucketRegion"] == "us-east-1"
assert [b["Name"] for b in cli("ListBuckets")["Buckets"]] == ["lake"]
assert cli("GetBucketLocation", "--bucket", "lake") == {"LocationConstraint": None}
refused("404", "HeadBucket", bucket="absent")
assert cli("PutBucketTagging", "--bucket", "lake", "--tagging", "TagSet=[{Key=team,Value=a}]") == {}
assert cli("GetBucketTagging", "--bucket", "lake")["TagSet"] == [{"Key": "team", "Value": "a"}]
cli("DeleteBucketTagging", "--bucket", "lake")
refused("NoSuchTagSet", "GetBucketTagging", bucket="lake")

# What every new bucket answers.
assert cli("GetBucketAcl", "--bucket", "lake")["Grants"][0]["Permission"] == "FULL_CONTROL"
assert cli("GetBucketOwnershipControls", "--bucket", "lake")["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
assert cli("GetBucketRequestPayment", "--bucket", "lake") == {"Payer": "BucketOwner"}
for op in ("GetBucketLogging", "GetBucketNotificationConfiguration", "GetBucketAccelerateConfiguration", "GetBucketVersioning"):
    assert cli(op, "--bucket", "lake") == {}, op
for op, code in (("GetBucketPolicy", "NoSuchBucketPolicy"), ("GetBucketPolicyStatus", "NoSuchBucketPolicy"), ("GetBucketCors", "NoSuchCORSConfiguration"), ("GetBucketWebsite", "NoSuchWebsiteConfiguration"),
                 ("GetBucketLifecycleConfiguration", "NoSuchLifecycleConfiguration"), ("GetBucketReplication", "ReplicationConfigurationNotFoundError"),
                 ("GetObjectLockConfiguration", "ObjectLockConfigurationNotFoundError")):
    refused(code, op, bucket="lake")

# What a bucket can be set to.
b = ("--bucket", "lake")
assert all(cli("GetPublicAccessBlock", *b)["PublicAccessBlockConfiguration"].values())
cli("PutPublicAccessBlock", *b, "--public-access-block-configuration", "BlockPublicPolicy=true")
assert [k for k, v in cli("GetPublicAccessBlock", *b)["PublicAccessBlockConfiguration"].items() if v] == ["BlockPublicPolicy"]
cli("DeletePublicAccessBlock", *b)
refused("NoSuchPublicAccessBlockConfiguration", "GetPublicAccessBlock", bucket="lake")
cli("PutBucketOwnershipControls", *b, "--ownership-controls", "Rules=[{ObjectOwnership=ObjectWriter}]")
cli("PutBucketAcl", *b, "--acl", "authenticated-read")
assert [g["Permission"] for g in cli("GetBucketAcl", *b)["Grants"]] == ["FULL_CONTROL", "READ"]
cli("PutObject", *b, "--key", "listed", "--acl", "authenticated-read")
assert [g["Permission"] for g in cli("GetObjectAcl", *b, "--key", "listed")["Grants"]] == ["FULL_CONTROL", "READ"]
cli("PutObjectAcl", *b, "--key", "listed", "--acl", "private")
assert [g["Permission"] for g in cli("GetObjectAcl", *b, "--key", "listed")["Grants"]] == ["FULL_CONTROL"]
cli("DeleteObject", *b, "--key", "listed")
cli("DeleteBucketOwnershipControls", *b)
refused("OwnershipControlsNotFoundError", "GetBucketOwnershipControls", bucket="lake")
cors = {"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]}
cli("PutBucketCors", *b, "--cors-configuration", json.dumps(cors))
assert cli("GetBucketCors", *b) == cors
cli("DeleteBucketCors", *b)
cli("PutBucketNotificationConfiguration", *b, "--notification-configuration", "{}")
cli("PutBucketAccelerateConfiguration", *b, "--accelerate-configuration", "Status=Suspended")
assert cli("GetBucketAccelerateConfiguration", *b) == {"Status": "Suspended"}
cli("PutBucketRequestPayment", *b, "--request-payment-configuration", "Payer=BucketOwner")
cli("PutBucketLogging", *b, "--bucket-logging-status", "{}")
policy = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::lake/none/*"}]}'
cli("PutBucketPolicy", *b, "--policy", policy)
assert json.loads(cli("GetBucketPolicy", *b)["Policy"])["Statement"][0]["Effect"] == "Deny"
assert cli("GetBucketPolicyStatus", *b)["PolicyStatus"] == {"IsPublic": False}
for op in ("DeleteBucketPolicy", "DeleteBucketWebsite", "DeleteBucketReplication", "DeleteBucketLifecycle"):
    cli(op, *b)
aes = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}]}
cli("PutBucketEncryption", *b, "--server-side-encryption-configuration", json.dumps(aes))
assert cli("GetBucketEncryption", *b)["ServerSideEncryptionConfiguration"] == aes
cli("DeleteBucketEncryption", *b)

# Objects.
k = ("--bucket", "lake", "--key", "dir/a b+ü.csv")
put = cli("PutObject", *k, "--body", write("a.csv", b"x,y\n1,2\n"), "--content-type", "text/csv", "--metadata", "run=7")
head = cli("HeadObject", *k)
assert head["ContentLength"] == 8 and head["ContentType"] == "text/csv" and head["Metadata"] == {"run": "7"} and head["ETag"] == put["ETag"], head
assert cli("GetObject", *k, "out")["ContentLength"] == 8 and read("out") == b"x,y\n1,2\n"
assert cli("GetObject", *k, "--range", "bytes=4-", "out")["ContentRange"] == "bytes 4-7/8" and read("out") == b"1,2\n"
refused("NoSuchKey", "GetObject", "out", bucket="lake", key="absent")
refused("PreconditionFailed", "PutObject", "--if-none-match", "*", bucket="lake", key="dir/a b+ü.csv")
cli("PutObjectTagging", *k, "--tagging", json.dumps({"TagSet": [{"Key": "k", "Value": "v"}]}))
assert cli("GetObjectTagging", *k)["TagSet"] == [{"Key": "k", "Value": "v"}]
cli("DeleteObjectTagging", *k)
assert cli("GetObjectTagging", *k)["TagSet"] == []

# Lists and their pages.
for i in range(5):
    cli("PutObject", "--bucket", "lake", "--key", f"many/{i}/k")
listed = cli("ListObjectsV2", "--bucket", "lake", "--prefix", "many/", "--page-size", "2")
assert [o["Key"] for o in listed["Contents"]] == [f"many/{i}/k" for i in range(5)], listed
page = cli("ListObjectsV2", "--bucket", "lake", "--prefix", "many/", "--max-items", "2")
rest = cli("ListObjectsV2", "--bucket", "lake", "--prefix", "many/", "--starting-token", page["NextToken"])
assert len(page["Contents"]) == 2 and len(rest["Contents"]) == 3, (page, rest)
assert [p["Prefix"] for p in cli("ListObjects", "--bucket", "lake", "--prefix", "many/", "--delimiter", "/", "--page-size", "3")["CommonPrefixes"]] == [f"many/{i}/" for i in range(5)]
gone = cli("DeleteObjects", "--bucket", "lake", "--delete", json.dumps({"Objects": [{"Key": f"many/{i}/k"} for i in range(5)]}))
assert len(gone["Deleted"]) == 5 and "Errors" not in gone, gone

# Versions.
cli("PutBucketVersioning", "--bucket", "lake", "--versioning-configuration", "Status=Enabled")
assert cli("GetBucketVersioning", "--bucket", "lake") == {"Status": "Enabled"}
v = ("--bucket", "lake", "--key", "v")
one, two = (cli("PutObject", *v, "--body", write("v", body))["VersionId"] for body in (b"one", b"two"))
assert cli("DeleteObject", *v)["DeleteMarker"] is True
assert cli("GetObject", *v, "--version-id", one, "out")["VersionId"] == one and read("out") == b"one"
versions = cli("ListObjectVersions", "--bucket", "lake", "--prefix", "v", "--page-size", "1")
assert [x["VersionId"] for x in versions["Versions"]] == [two, one] and len(versions["DeleteMarkers"]) == 1, versions

# Uploads in parts.
m = ("--bucket", "lake", "--key", "parts")
u = ("--upload-id", cli("CreateMultipartUpload", *m)["UploadId"])
parts = [{"PartNumber": n, "ETag": cli("UploadPart", *m, *u, "--part-number", str(n), "--body", write("part", body))["ETag"]} for n, body in ((1, b"a" * (5 << 20)), (2, b"end"))]
assert [p["Size"] for p in cli("ListParts", *m, *u)["Parts"]] == [5 << 20, 3]
assert [x["Key"] for x in cli("ListMultipartUploads", "--bucket", "lake")["Uploads"]] == ["parts"]
assert cli("CompleteMultipartUpload", *m, *u, "--multipart-upload", json.dumps({"Parts": parts}))["ETag"].endswith('-2"')
assert cli("HeadObject", *m)["ContentLength"] == (5 << 20) + 3
u = ("--upload-id", cli("CreateMultipartUpload", *m)["UploadId"])
assert cli("UploadPartCopy", *m, *u, "--part-number", "1", "--copy-source", "lake/parts")["CopyPartResult"]["ETag"]
assert [p["Size"] for p in cli("ListParts", *m, *u)["Parts"]] == [(5 << 20) + 3]
assert cli("GetObjectAttributes", *m, "--object-attributes", "ObjectSize")["ObjectSize"] == (5 << 20) + 3
cli("AbortMultipartUpload", *m, *u)
assert "Uploads" not in cli("ListMultipartUploads", "--bucket", "lake")

# Object lock. What is kept by a governance retention goes by bypassing it, so that the bucket can be deleted.
w, k = ("--bucket", "worm"), ("--bucket", "worm", "--key", "kept")
cli("CreateBucket", *w, "--object-lock-enabled-for-bucket")
assert cli("GetObjectLockConfiguration", *w) == {"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled"}}
refused("InvalidBucketState", "PutBucketVersioning", "--versioning-configuration", "Status=Suspended", bucket="worm")
lock = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 2}}}
cli("PutObjectLockConfiguration", *w, "--object-lock-configuration", json.dumps(lock))
assert cli("GetObjectLockConfiguration", *w)["ObjectLockConfiguration"] == lock
version = ("--version-id", cli("PutObject", *k, "--body", write("kept", b"kept"))["VersionId"])
assert cli("HeadObject", *k)["ObjectLockMode"] == "GOVERNANCE"
refused("AccessDenied", "DeleteObject", *version, bucket="worm", key="kept")
until = cli("GetObjectRetention", *k, *version)["Retention"]["RetainUntilDate"]
longer = until.replace(until[:4], str(int(until[:4]) + 1))
cli("PutObjectRetention", *k, *version, "--retention", f"Mode=GOVERNANCE,RetainUntilDate={longer}")
assert cli("GetObjectRetention", *k)["Retention"]["RetainUntilDate"] == longer
refused("AccessDenied", "PutObjectRetention", "--retention", f"Mode=GOVERNANCE,RetainUntilDate={until}", bucket="worm", key="kept")
refused("NoSuchObjectLockConfiguration", "GetObjectLegalHold", bucket="worm", key="kept")
cli("PutObjectLegalHold", *k, "--legal-hold", "Status=ON")
assert cli("GetObjectLegalHold", *k) == {"LegalHold": {"Status": "ON"}}
refused("AccessDenied", "DeleteObject", *version, "--bypass-governance-retention", bucket="worm", key="kept")
cli("PutObjectLegalHold", *k, "--legal-hold", "Status=OFF")
marker = cli("DeleteObject", *k)
assert marker["DeleteMarker"] is True, marker
cli("DeleteObject", *k, "--version-id", marker["VersionId"])
cli("DeleteObject", *k, *version, "--bypass-governance-retention")
cli("DeleteBucket", *w)

# What people type.
out = aws("s3", "mb", "s3://second")
assert "make_bucket: second" in out, out
out = aws("s3", "cp", "a.csv", "s3://second/in/a.csv", "--no-progress")
assert "upload: ./a.csv to s3://second/in/a.csv" in out, out
out = aws("s3", "ls", "s3://second/in/")
assert "8 a.csv" in out, out
out = aws("s3", "cp", "s3://second/in/", "back", "--recursive", "--no-progress")
assert "download: s3://second/in/a.csv to back/a.csv" in out and read("back/a.csv") == b"x,y\n1,2\n", out
out = aws("s3", "cp", "s3://second/in/a.csv", "s3://second/b.csv", "--no-progress")
assert "copy: s3://second/in/a.csv to s3://second/b.csv" in out, out
refused("BucketNotEmpty", "DeleteBucket", bucket="second")
out = aws("s3", "rm", "s3://second", "--recursive")
assert "delete: s3://second/in/a.csv" in out, out
cli("DeleteBucket", "--bucket", "second")
assert [b["Name"] for b in cli("ListBuckets")["Buckets"]] == ["lake"]
print("ok")

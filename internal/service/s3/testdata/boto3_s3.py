# Every S3 operation that Penstock serves, by boto3, against the endpoint in AWS_ENDPOINT_URL.
import base64
import datetime
import hashlib
import io
import json
import sys
try:
    import boto3
    from boto3.s3.transfer import TransferConfig
    from botocore import UNSIGNED
    from botocore.config import Config
    from botocore.exceptions import ClientError, MissingDependencyException
    import urllib3
    from urllib3.filepost import encode_multipart_formdata
except ImportError:
    sys.exit("boto3 is not installed: pip install boto3")

pool = urllib3.PoolManager()
s3 = boto3.client("s3", config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}))


def check(what, ok):
    if not ok:
        sys.exit("failed: " + what)


def refused(code, call, **args):
    try:
        call(**args)
    except ClientError as e:
        check("%s, got %s: %s" % (code, e.response["Error"]["Code"], e.response["Error"].get("Message")), e.response["Error"]["Code"] == code)
        return e.response
    sys.exit("not refused: %s %s" % (code, args))


B = "boto-lake"
s3.create_bucket(Bucket=B)
check("head bucket", s3.head_bucket(Bucket=B)["BucketRegion"] == "us-east-1")
check("list buckets", [b["Name"] for b in s3.list_buckets()["Buckets"]] == [B])
check("location", s3.get_bucket_location(Bucket=B)["LocationConstraint"] is None)
check("no versioning", "Status" not in s3.get_bucket_versioning(Bucket=B))
refused("404", s3.head_bucket, Bucket="absent-bucket")
refused("InvalidBucketName", s3.create_bucket, Bucket="ab..cd")

put = s3.put_object(Bucket=B, Key="dir/a b+ü.csv", Body=b"x,y\n1,2\n", ContentType="text/csv", Metadata={"run": "7"}, Tagging="team=lake", StorageClass="STANDARD_IA")
check("etag", put["ETag"] == chr(34) + hashlib.md5(b"x,y\n1,2\n").hexdigest() + chr(34))
got = s3.get_object(Bucket=B, Key="dir/a b+ü.csv")
check("body", got["Body"].read() == b"x,y\n1,2\n")
check("headers %s" % got, got["ContentType"] == "text/csv" and got["Metadata"] == {"run": "7"} and got["StorageClass"] == "STANDARD_IA" and got["TagCount"] == 1)
check("range", s3.get_object(Bucket=B, Key="dir/a b+ü.csv", Range="bytes=-4")["Body"].read() == b"1,2\n")
check("tags", s3.get_object_tagging(Bucket=B, Key="dir/a b+ü.csv")["TagSet"] == [{"Key": "team", "Value": "lake"}])
s3.put_object_tagging(Bucket=B, Key="dir/a b+ü.csv", Tagging={"TagSet": [{"Key": "k", "Value": "v"}]})
check("tags replaced", s3.get_object_tagging(Bucket=B, Key="dir/a b+ü.csv")["TagSet"] == [{"Key": "k", "Value": "v"}])
s3.delete_object_tagging(Bucket=B, Key="dir/a b+ü.csv")
check("tags removed", s3.get_object_tagging(Bucket=B, Key="dir/a b+ü.csv")["TagSet"] == [])
refused("304", s3.get_object, Bucket=B, Key="dir/a b+ü.csv", IfNoneMatch=put["ETag"])
refused("PreconditionFailed", s3.get_object, Bucket=B, Key="dir/a b+ü.csv", IfMatch='"x"')
refused("PreconditionFailed", s3.put_object, Bucket=B, Key="dir/a b+ü.csv", Body=b"", IfNoneMatch="*")
refused("NoSuchKey", s3.get_object, Bucket=B, Key="absent")
refused("404", s3.head_object, Bucket=B, Key="absent")
r = refused("NoSuchBucket", s3.get_object, Bucket="absent-bucket", Key="k")
check("fields", r["Error"]["BucketName"] == "absent-bucket")
refused("InvalidRange", s3.get_object, Bucket=B, Key="dir/a b+ü.csv", Range="bytes=99-")
r = refused("NotImplemented", s3.put_object, Bucket=B, Key="sse", Body=b"", ServerSideEncryption="aws:kms")
check("member named %s" % r["Error"], "ServerSideEncryption" in r["Error"]["Message"])
for algorithm in ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"]:
    try:
        p = s3.put_object(Bucket=B, Key="sum/" + algorithm, Body=b"123456789", ChecksumAlgorithm=algorithm)
    except MissingDependencyException:  # CRC32C and CRC64NVME need awscrt
        continue
    h = s3.head_object(Bucket=B, Key="sum/" + algorithm, ChecksumMode="ENABLED")
    check(algorithm, h["Checksum" + algorithm] == p["Checksum" + algorithm])

for i in range(25):
    s3.put_object(Bucket=B, Key="many/%02d/k" % i, Body=b"")
pages = list(s3.get_paginator("list_objects_v2").paginate(Bucket=B, Prefix="many/", PaginationConfig={"PageSize": 7}))
check("v2 pages", [o["Key"] for p in pages for o in p["Contents"]] == ["many/%02d/k" % i for i in range(25)] and len(pages) == 4)
pages = list(s3.get_paginator("list_objects_v2").paginate(Bucket=B, Prefix="many/", Delimiter="/", PaginationConfig={"PageSize": 7}))
check("prefixes", [o["Prefix"] for p in pages for o in p["CommonPrefixes"]] == ["many/%02d/" % i for i in range(25)])
pages = list(s3.get_paginator("list_objects").paginate(Bucket=B, Prefix="many/", Delimiter="/", PaginationConfig={"PageSize": 7}))
check("v1 pages", [o["Prefix"] for p in pages for o in p["CommonPrefixes"]] == ["many/%02d/" % i for i in range(25)])
check("start after", s3.list_objects_v2(Bucket=B, Prefix="many/", StartAfter="many/23/k")["KeyCount"] == 1)
check("odd key listed", s3.list_objects_v2(Bucket=B, Prefix="dir/")["Contents"][0]["Key"] == "dir/a b+ü.csv")
refused("InvalidArgument", s3.list_objects_v2, Bucket=B, ContinuationToken="nonsense")
gone = s3.delete_objects(Bucket=B, Delete={"Objects": [{"Key": "many/%02d/k" % i} for i in range(25)]})
check("deleted", len(gone["Deleted"]) == 25 and "Errors" not in gone)

s3.put_bucket_versioning(Bucket=B, VersioningConfiguration={"Status": "Enabled"})
one = s3.put_object(Bucket=B, Key="v", Body=b"one")["VersionId"]
two = s3.put_object(Bucket=B, Key="v", Body=b"two")["VersionId"]
mark = s3.delete_object(Bucket=B, Key="v")
check("marker", mark["DeleteMarker"] and mark["VersionId"] not in (one, two))
check("old version", s3.get_object(Bucket=B, Key="v", VersionId=one)["Body"].read() == b"one")
refused("NoSuchKey", s3.get_object, Bucket=B, Key="v")
refused("MethodNotAllowed", s3.get_object, Bucket=B, Key="v", VersionId=mark["VersionId"])
refused("NoSuchVersion", s3.get_object, Bucket=B, Key="v", VersionId="0" * 32)
l = s3.list_object_versions(Bucket=B, Prefix="v")
check("versions", [v["VersionId"] for v in l["Versions"]] == [two, one] and l["DeleteMarkers"][0]["IsLatest"])
pages = list(s3.get_paginator("list_object_versions").paginate(Bucket=B, Prefix="v", PaginationConfig={"PageSize": 1}))
check("version pages", len(pages) == 3)
s3.delete_object(Bucket=B, Key="v", VersionId=mark["VersionId"])
check("undeleted", s3.get_object(Bucket=B, Key="v")["Body"].read() == b"two")

big = b"0123456789abcdef" * (1 << 20)
s3.upload_fileobj(io.BytesIO(big), B, "big", Config=TransferConfig(multipart_threshold=1 << 20, multipart_chunksize=6 << 20, max_concurrency=3))
check("multipart etag", s3.head_object(Bucket=B, Key="big")["ETag"].endswith('-3"'))
back = io.BytesIO()
s3.download_fileobj(B, "big", back)
check("multipart content", back.getvalue() == big)
u = s3.create_multipart_upload(Bucket=B, Key="parts")["UploadId"]
p1 = s3.upload_part(Bucket=B, Key="parts", UploadId=u, PartNumber=1, Body=b"small")
p2 = s3.upload_part(Bucket=B, Key="parts", UploadId=u, PartNumber=2, Body=b"last")
check("list parts", [p["PartNumber"] for p in s3.list_parts(Bucket=B, Key="parts", UploadId=u)["Parts"]] == [1, 2])
check("list uploads", s3.list_multipart_uploads(Bucket=B)["Uploads"][0]["UploadId"] == u)
both = [{"PartNumber": 1, "ETag": p1["ETag"]}, {"PartNumber": 2, "ETag": p2["ETag"]}]
refused("EntityTooSmall", s3.complete_multipart_upload, Bucket=B, Key="parts", UploadId=u, MultipartUpload={"Parts": both})
refused("InvalidPartOrder", s3.complete_multipart_upload, Bucket=B, Key="parts", UploadId=u, MultipartUpload={"Parts": both[::-1]})
refused("InvalidPart", s3.complete_multipart_upload, Bucket=B, Key="parts", UploadId=u, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": '"x"'}]})
s3.abort_multipart_upload(Bucket=B, Key="parts", UploadId=u)

odd = {"Bucket": B, "Key": "dir/a b+ü.csv"}
c = s3.copy_object(Bucket=B, Key="copied", CopySource=odd)
check("copied %s" % c, c["CopyObjectResult"]["ETag"] == put["ETag"] and c["CopySourceVersionId"] == "null" and c["VersionId"])
got = s3.get_object(Bucket=B, Key="copied")
check("copy %s" % got, got["Body"].read() == b"x,y\n1,2\n" and got["Metadata"] == {"run": "7"} and got["ContentType"] == "text/csv" and "StorageClass" not in got)
s3.copy_object(Bucket=B, Key="copied", CopySource=odd, MetadataDirective="REPLACE", Metadata={"run": "8"}, TaggingDirective="REPLACE", Tagging="a=b", StorageClass="STANDARD_IA", ChecksumAlgorithm="SHA256")
got = s3.get_object(Bucket=B, Key="copied", ChecksumMode="ENABLED")
check("replaced %s" % got, got["Metadata"] == {"run": "8"} and got["ContentType"] == "binary/octet-stream" and got["StorageClass"] == "STANDARD_IA" and got["TagCount"] == 1 and "ChecksumSHA256" in got)
check("old version copied", s3.copy_object(Bucket=B, Key="v", CopySource={"Bucket": B, "Key": "v", "VersionId": one})["CopySourceVersionId"] == one)
check("undone", s3.get_object(Bucket=B, Key="v")["Body"].read() == b"one")
r = refused("InvalidRequest", s3.copy_object, Bucket=B, Key="copied", CopySource={"Bucket": B, "Key": "copied"})
check("itself %s" % r["Error"], r["Error"]["Message"].startswith("This copy request is illegal because it is trying to copy an object to itself"))
refused("NoSuchKey", s3.copy_object, Bucket=B, Key="c", CopySource={"Bucket": B, "Key": "absent"})
refused("PreconditionFailed", s3.copy_object, Bucket=B, Key="c", CopySource=odd, CopySourceIfNoneMatch=put["ETag"])
parts = TransferConfig(multipart_threshold=1 << 20, multipart_chunksize=6 << 20, max_concurrency=3)
s3.copy({"Bucket": B, "Key": "big"}, B, "big copy", Config=parts)
back = io.BytesIO()
s3.download_fileobj(B, "big copy", back)
check("copied in parts", back.getvalue() == big and s3.head_object(Bucket=B, Key="big copy")["ETag"].endswith('-3"'))
s3.copy_object(Bucket=B, Key="whole", CopySource={"Bucket": B, "Key": "big"})
check("in one piece", s3.head_object(Bucket=B, Key="whole")["ETag"] == chr(34) + hashlib.md5(big).hexdigest() + chr(34))
ask = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"]
a = s3.get_object_attributes(Bucket=B, Key="big copy", ObjectAttributes=ask, MaxParts=2)
check("attributes %s" % a, a["ETag"].endswith("-3") and a["ObjectSize"] == len(big) and a["StorageClass"] == "STANDARD" and a["Checksum"]["ChecksumType"])
if "Parts" in a["ObjectParts"]:
    check("parts %s" % a, a["ObjectParts"]["IsTruncated"] and a["ObjectParts"]["NextPartNumberMarker"] == 2 and len(a["ObjectParts"]["Parts"]) == 2)
refused("InvalidArgument", s3.get_object_attributes, Bucket=B, Key="big copy", ObjectAttributes=["Owner"])
refused("NoSuchKey", s3.get_object_attributes, Bucket=B, Key="absent", ObjectAttributes=ask)
l = s3.list_objects_v2(Bucket=B, MaxKeys=1, StartAfter="a", Delimiter="")
check("start %s" % l, l["StartAfter"] == "a" and "Delimiter" not in l)
check("token alone", "StartAfter" not in s3.list_objects_v2(Bucket=B, StartAfter="a", ContinuationToken=l["NextContinuationToken"]))
u = s3.create_multipart_upload(Bucket=B, Key="pieces")["UploadId"]
r = refused("InvalidArgument", s3.upload_part_copy, Bucket=B, Key="pieces", UploadId=u, PartNumber=1, CopySource=odd, CopySourceRange="bytes=0-8")
check("range %s" % r["Error"], r["Error"]["Message"] == "Range specified is not valid for source object of size: 8")
refused("InvalidArgument", s3.upload_part_copy, Bucket=B, Key="pieces", UploadId=u, PartNumber=1, CopySource=odd, CopySourceRange="0-8")
s3.abort_multipart_upload(Bucket=B, Key="pieces", UploadId=u)
refused("InvalidArgument", s3.get_object, Bucket=B, Key="v", VersionId="nonsense")
refused("InvalidArgument", s3.delete_object, Bucket=B, Key="v", VersionId="nonsense")
u = s3.create_multipart_upload(Bucket=B, Key="url", ChecksumAlgorithm="SHA1")["UploadId"]
r = refused("InvalidRequest", s3.upload_part, Bucket=B, Key="url", UploadId=u, PartNumber=1, Body=b"x", ChecksumAlgorithm="CRC32")
check("mismatch %s" % r["Error"], r["Error"]["Message"] == "Checksum Type mismatch occurred, expected checksum Type: sha1, actual checksum Type: crc32")
p = s3.upload_part(Bucket=B, Key="url", UploadId=u, PartNumber=1, Body=b"x", ChecksumAlgorithm="SHA1")
p = {"PartNumber": 1, "ETag": p["ETag"], "ChecksumSHA1": p["ChecksumSHA1"]}
done = [s3.complete_multipart_upload(Bucket=B, Key="url", UploadId=u, MultipartUpload={"Parts": [p]}) for _ in range(2)]
check("location %s" % done, done[0]["Location"] == s3.meta.endpoint_url + "/" + B + "/url" and done[0]["ETag"] == done[1]["ETag"] and done[0]["VersionId"] == done[1]["VersionId"])
def post(form, content, name="a.csv", **more):
    fields = list({**form["fields"], **more}.items()) + [("file", (name, content))]
    body, kind = encode_multipart_formdata(fields)
    r = pool.request("POST", form["url"], body=body, headers={"Content-Type": kind}, redirect=False)
    return r.status, r.headers, r.data.decode()


for version in ["s3v4", "s3"]:
    signer = boto3.client("s3", config=Config(s3={"addressing_style": "path"}, signature_version=version))
    form = signer.generate_presigned_post(B, "forms/${filename}", Fields={"Content-Type": "text/csv", "x-amz-meta-run": "9", "success_action_status": "201"},
        Conditions=[["starts-with", "$Content-Type", "text/"], {"x-amz-meta-run": "9"}, {"success_action_status": "201"}, ["content-length-range", 1, 100]], ExpiresIn=60)
    status, headers, text = post(form, b"x,y\n")
    check("posted %s %s" % (status, text), status == 201 and "<Key>forms/a.csv</Key>" in text and headers["Location"].endswith("/forms/a.csv") and headers["ETag"] in text.replace("&#34;", chr(34)))
    got = s3.get_object(Bucket=B, Key="forms/a.csv")
    check("posted object %s" % got, got["Body"].read() == b"x,y\n" and got["ContentType"] == "text/csv" and got["Metadata"] == {"run": "9"})
    for code, change in [("EntityTooLarge", {"content": b"x" * 101}), ("EntityTooSmall", {"content": b""}), ("AccessDenied", {"key": "other"}), ("AccessDenied", {"acl": "private"}),
            ("AccessDenied", {"Content-Type": "image/png"}), ("SignatureDoesNotMatch", {"policy": form["fields"]["policy"][:-4] + "AAAA"})]:
        status, _, text = post(form, change.pop("content", b"x"), **change)
        check("%s, got %s %s" % (code, status, text), "<Code>%s</Code>" % code in text)
    form = signer.generate_presigned_post(B, "plain", Fields={"success_action_redirect": "http://127.0.0.1/done?a=b"}, Conditions=[["starts-with", "$success_action_redirect", ""]])
    status, headers, _ = post(form, big)
    check("redirect %s" % headers, status == 303 and headers["Location"].startswith("http://127.0.0.1/done?a=b&bucket=" + B + "&etag=%22"))
    check("large form", s3.get_object(Bucket=B, Key="plain")["Body"].read() == big)
status, _, text = post({"url": form["url"], "fields": {"key": "anonymous"}}, b"x")
check("anonymous %s %s" % (status, text), status == 403 and "AccessDenied" in text)

s3.put_bucket_versioning(Bucket=B, VersioningConfiguration={"Status": "Suspended"})
check("no version in a suspended bucket", "VersionId" not in s3.put_object(Bucket=B, Key="susp", Body=b""))
check("null version", s3.head_object(Bucket=B, Key="susp")["VersionId"] == "null")
refused("NoSuchUpload", s3.list_parts, Bucket=B, Key="parts", UploadId=u)

refused("NoSuchTagSet", s3.get_bucket_tagging, Bucket=B)
s3.put_bucket_tagging(Bucket=B, Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
check("bucket tags", s3.get_bucket_tagging(Bucket=B)["TagSet"] == [{"Key": "a", "Value": "b"}])
s3.delete_bucket_tagging(Bucket=B)
refused("NoSuchBucketPolicy", s3.get_bucket_policy, Bucket=B)
refused("NoSuchCORSConfiguration", s3.get_bucket_cors, Bucket=B)
refused("NoSuchWebsiteConfiguration", s3.get_bucket_website, Bucket=B)
refused("NoSuchLifecycleConfiguration", s3.get_bucket_lifecycle_configuration, Bucket=B)
refused("ReplicationConfigurationNotFoundError", s3.get_bucket_replication, Bucket=B)
refused("ObjectLockConfigurationNotFoundError", s3.get_object_lock_configuration, Bucket=B)
s3.put_bucket_notification_configuration(Bucket=B, NotificationConfiguration={})
refused("NotImplemented", s3.put_bucket_notification_configuration, Bucket=B, NotificationConfiguration={"EventBridgeConfiguration": {}})
s3.put_bucket_request_payment(Bucket=B, RequestPaymentConfiguration={"Payer": "BucketOwner"})
refused("NotImplemented", s3.put_bucket_request_payment, Bucket=B, RequestPaymentConfiguration={"Payer": "Requester"})
s3.put_bucket_logging(Bucket=B, BucketLoggingStatus={})
refused("NotImplemented", s3.put_bucket_logging, Bucket=B, BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": B, "TargetPrefix": "log/"}})
for remove in (s3.delete_bucket_policy, s3.delete_bucket_website, s3.delete_bucket_replication, s3.delete_bucket_lifecycle):
    check("remove none", remove(Bucket=B)["ResponseMetadata"]["HTTPStatusCode"] == 204)
    refused("NoSuchBucket", remove, Bucket="absent-bucket")
rules = [{"AllowedMethods": ["GET"], "AllowedOrigins": ["https://*.example.com"], "AllowedHeaders": ["x-amz-*"], "ExposeHeaders": ["ETag"], "MaxAgeSeconds": 60, "ID": "one"}]
s3.put_bucket_cors(Bucket=B, CORSConfiguration={"CORSRules": rules})
check("cors", s3.get_bucket_cors(Bucket=B)["CORSRules"] == rules)
for wrong, words in (({"AllowedMethods": ["PATCH"]}, "Found unsupported HTTP method in CORS config. Unsupported method is PATCH"),
                     ({"AllowedOrigins": ["*a*"]}, 'AllowedOrigin "*a*" can not have more than one wildcard.')):
    e = refused("InvalidRequest", s3.put_bucket_cors, Bucket=B, CORSConfiguration={"CORSRules": [rules[0] | wrong]})
    check(words, e["Error"]["Message"] == words)
s3.delete_bucket_cors(Bucket=B)
refused("NoSuchCORSConfiguration", s3.get_bucket_cors, Bucket=B)
e = refused("InvalidTag", s3.put_bucket_tagging, Bucket=B, Tagging={"TagSet": [{"Key": "aws:name", "Value": "x"}]})
check("system tag", e["Error"]["Message"] == "System tags cannot be added/updated by requester")

ALL = {k: True for k in ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")}
check("block of a new bucket", s3.get_public_access_block(Bucket=B)["PublicAccessBlockConfiguration"] == ALL)
s3.delete_public_access_block(Bucket=B)
refused("NoSuchPublicAccessBlockConfiguration", s3.get_public_access_block, Bucket=B)
s3.put_public_access_block(Bucket=B, PublicAccessBlockConfiguration={"BlockPublicAcls": True})
check("block", s3.get_public_access_block(Bucket=B)["PublicAccessBlockConfiguration"] == ALL | {"IgnorePublicAcls": False, "BlockPublicPolicy": False, "RestrictPublicBuckets": False})

rule = s3.get_bucket_encryption(Bucket=B)["ServerSideEncryptionConfiguration"]["Rules"]
check("encryption of a new bucket", rule == [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}])
refused("NotImplemented", s3.put_bucket_encryption, Bucket=B, ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]})
rule[0]["BucketKeyEnabled"] = True
s3.put_bucket_encryption(Bucket=B, ServerSideEncryptionConfiguration={"Rules": rule})
check("encryption", s3.get_bucket_encryption(Bucket=B)["ServerSideEncryptionConfiguration"]["Rules"] == rule)
s3.delete_bucket_encryption(Bucket=B)
check("encryption again", s3.get_bucket_encryption(Bucket=B)["ServerSideEncryptionConfiguration"]["Rules"][0]["BucketKeyEnabled"] is False)

owners = lambda: s3.get_bucket_ownership_controls(Bucket=B)["OwnershipControls"]["Rules"][0]["ObjectOwnership"]
own = lambda o: s3.put_bucket_ownership_controls(Bucket=B, OwnershipControls={"Rules": [{"ObjectOwnership": o}]})
check("ownership of a new bucket", owners() == "BucketOwnerEnforced")
refused("AccessControlListNotSupported", s3.put_bucket_acl, Bucket=B, ACL="private")
own("BucketOwnerPreferred")
check("ownership", owners() == "BucketOwnerPreferred")
refused("MissingSecurityHeader", s3.put_bucket_acl, Bucket=B)
refused("AccessDenied", s3.put_bucket_acl, Bucket=B, ACL="public-read")
s3.delete_public_access_block(Bucket=B)
s3.put_bucket_acl(Bucket=B, ACL="public-read")
check("a grant to everyone", s3.get_bucket_acl(Bucket=B)["Grants"][1]["Grantee"]["URI"].endswith("/AllUsers"))
s3.put_bucket_acl(Bucket=B, ACL="authenticated-read")
check("grants", [g["Permission"] for g in s3.get_bucket_acl(Bucket=B)["Grants"]] == ["FULL_CONTROL", "READ"])
refused("InvalidBucketAclWithObjectOwnership", own, o="BucketOwnerEnforced")
me = s3.get_bucket_acl(Bucket=B)["Owner"]
s3.put_object(Bucket=B, Key="listed", Body=b"x", ACL="authenticated-read")
check("grants of an object", [g["Permission"] for g in s3.get_object_acl(Bucket=B, Key="listed")["Grants"]] == ["FULL_CONTROL", "READ"])
s3.put_object_acl(Bucket=B, Key="listed", AccessControlPolicy={"Owner": me, "Grants": [{"Grantee": {"Type": "CanonicalUser", "ID": me["ID"]}, "Permission": "READ"}]})
check("a document's grants", [g["Permission"] for g in s3.get_object_acl(Bucket=B, Key="listed")["Grants"]] == ["READ"])
s3.put_object_acl(Bucket=B, Key="listed", ACL="public-read")
s3.put_bucket_acl(Bucket=B, AccessControlPolicy={"Owner": me, "Grants": [{"Grantee": {"Type": "CanonicalUser", "ID": me["ID"]}, "Permission": "FULL_CONTROL"}]})
refused("MalformedACLError", s3.put_bucket_acl, Bucket=B, AccessControlPolicy={"Owner": me, "Grants": [{"Grantee": {"Type": "CanonicalUser"}, "Permission": "READ"}]})
s3.delete_bucket_ownership_controls(Bucket=B)
refused("OwnershipControlsNotFoundError", s3.get_bucket_ownership_controls, Bucket=B)
own("BucketOwnerEnforced")
refused("InvalidBucketAclWithObjectOwnership", s3.create_bucket, Bucket="boto-acl", ACL="authenticated-read")
refused("InvalidBucketAclWithBlockPublicAccessError", s3.create_bucket, Bucket="boto-acl", ACL="public-read", ObjectOwnership="ObjectWriter")
refused("InvalidArgument", s3.create_bucket, Bucket="boto-acl", ObjectOwnership="nobody")
check("acl", s3.get_bucket_acl(Bucket=B)["Grants"][0]["Permission"] == "FULL_CONTROL")
check("logging", "LoggingEnabled" not in s3.get_bucket_logging(Bucket=B))
check("notification", "QueueConfigurations" not in s3.get_bucket_notification_configuration(Bucket=B))
check("acceleration", "Status" not in s3.get_bucket_accelerate_configuration(Bucket=B))
s3.put_bucket_accelerate_configuration(Bucket=B, AccelerateConfiguration={"Status": "Suspended"})
check("acceleration suspended", s3.get_bucket_accelerate_configuration(Bucket=B)["Status"] == "Suspended")
refused("NotImplemented", s3.put_bucket_accelerate_configuration, Bucket=B, AccelerateConfiguration={"Status": "Enabled"})
refused("NoSuchBucketPolicy", s3.get_bucket_policy_status, Bucket=B)
check("payer", s3.get_bucket_request_payment(Bucket=B)["Payer"] == "BucketOwner")
check("ownership", s3.get_bucket_ownership_controls(Bucket=B)["OwnershipControls"]["Rules"][0]["ObjectOwnership"] == "BucketOwnerEnforced")

# Object lock. Nothing is left locked by the mode that nobody passes.
W, GOVERNED = "boto-worm", "GOVERNANCE"
until = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) + datetime.timedelta(days=1)
day = datetime.timedelta(days=1)
refused("InvalidBucketState", s3.put_object_lock_configuration, Bucket=B, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"})  # suspended
s3.create_bucket(Bucket=W)
s3.put_bucket_versioning(Bucket=W, VersioningConfiguration={"Status": "Enabled"})
e = refused("InvalidRequest", s3.put_object, Bucket=W, Key="k", Body=b"x", ObjectLockLegalHoldStatus="ON")
check("no lock", e["Error"]["Message"] == "Bucket is missing ObjectLockConfiguration")
s3.put_object_lock_configuration(Bucket=W, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"})
check("lock", s3.get_object_lock_configuration(Bucket=W)["ObjectLockConfiguration"] == {"ObjectLockEnabled": "Enabled"})
refused("InvalidBucketState", s3.put_bucket_versioning, Bucket=W, VersioningConfiguration={"Status": "Suspended"})
v = s3.put_object(Bucket=W, Key="k", Body=b"x", ObjectLockMode=GOVERNED, ObjectLockRetainUntilDate=until, ObjectLockLegalHoldStatus="ON")["VersionId"]
head = s3.head_object(Bucket=W, Key="k")
check("headers", (head["ObjectLockMode"], head["ObjectLockRetainUntilDate"], head["ObjectLockLegalHoldStatus"]) == (GOVERNED, until, "ON"))
check("retention", s3.get_object_retention(Bucket=W, Key="k")["Retention"] == {"Mode": GOVERNED, "RetainUntilDate": until})
check("hold", s3.get_object_legal_hold(Bucket=W, Key="k")["LegalHold"] == {"Status": "ON"})
e = refused("AccessDenied", s3.delete_object, Bucket=W, Key="k", VersionId=v, BypassGovernanceRetention=True)
check("locked", e["Error"]["Message"] == "Access Denied because object protected by object lock.")
s3.put_object_legal_hold(Bucket=W, Key="k", LegalHold={"Status": "OFF"})
refused("AccessDenied", s3.put_object_retention, Bucket=W, Key="k", Retention={"Mode": GOVERNED, "RetainUntilDate": until - day / 2})
s3.put_object_retention(Bucket=W, Key="k", Retention={"Mode": GOVERNED, "RetainUntilDate": until + day})
errors = s3.delete_objects(Bucket=W, Delete={"Objects": [{"Key": "k", "VersionId": v}]})["Errors"]
check("locked among several", [(x["Key"], x["Code"]) for x in errors] == [("k", "AccessDenied")])
copy = s3.copy_object(Bucket=W, Key="copy", CopySource={"Bucket": W, "Key": "k"})
refused("NoSuchObjectLockConfiguration", s3.get_object_retention, Bucket=W, Key="copy")
check("a marker covers it", s3.delete_object(Bucket=W, Key="k")["DeleteMarker"])
check("its bytes stay", s3.get_object(Bucket=W, Key="k", VersionId=v)["Body"].read() == b"x")
s3.put_object_lock_configuration(Bucket=W, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": GOVERNED, "Years": 1}}})
s3.upload_fileobj(io.BytesIO(b"z" * (6 << 20)), W, "parts", Config=TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20))
check("default", s3.head_object(Bucket=W, Key="parts")["ObjectLockMode"] == GOVERNED)
bare = boto3.client("s3", config=Config(s3={"addressing_style": "path"}, request_checksum_calculation="when_required"))
e = refused("InvalidRequest", bare.put_object, Bucket=W, Key="bare", Body=b"x")
check("a checksum", e["Error"]["Message"] == "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters")
held = {"x-amz-object-lock-legal-hold": "ON", "Content-MD5": base64.b64encode(hashlib.md5(b"form").digest()).decode()}
form = s3.generate_presigned_post(W, "form", Fields=dict(held), Conditions=[{k: x} for k, x in held.items()])
status, _, text = post(form, b"form")
check("a form that locks %s %s" % (status, text), status == 204 and s3.get_object_legal_hold(Bucket=W, Key="form")["LegalHold"]["Status"] == "ON")
s3.put_object_legal_hold(Bucket=W, Key="form", LegalHold={"Status": "OFF"})
refused("BucketNotEmpty", s3.delete_bucket, Bucket=W)
page = s3.list_object_versions(Bucket=W)
gone = s3.delete_objects(Bucket=W, BypassGovernanceRetention=True,
                         Delete={"Objects": [{"Key": x["Key"], "VersionId": x["VersionId"]} for x in page["Versions"] + page["DeleteMarkers"]]})
check("all can go: %s" % gone, "Errors" not in gone)
s3.delete_bucket(Bucket=W)

P = "boto-public"
s3.create_bucket(Bucket=P)
s3.put_object(Bucket=P, Key="open/k", Body=b"for all")
s3.put_object(Bucket=P, Key="shut/k", Body=b"for us")
stranger = boto3.client("s3", config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}, signature_version=UNSIGNED))
statement = {"Sid": "s", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::%s/open/*" % P}
policy = lambda *s: s3.put_bucket_policy(Bucket=P, Policy=json.dumps({"Version": "2012-10-17", "Statement": s}))
try:
    policy(statement)
    sys.exit("a public policy was not blocked")
except ClientError as x:
    check("blocked", x.response["Error"]["Code"] == "AccessDenied" and "BlockPublicPolicy" in x.response["Error"]["Message"])
s3.put_public_access_block(Bucket=P, PublicAccessBlockConfiguration={"BlockPublicAcls": True, "IgnorePublicAcls": True})
refused("AccessDenied", stranger.get_object, Bucket=P, Key="open/k")
check("204", policy(statement)["ResponseMetadata"]["HTTPStatusCode"] == 204)
check("the policy", json.loads(s3.get_bucket_policy(Bucket=P)["Policy"])["Statement"] == [statement])
check("public", s3.get_bucket_policy_status(Bucket=P)["PolicyStatus"] == {"IsPublic": True})
check("read by a stranger", stranger.get_object(Bucket=P, Key="open/k")["Body"].read() == b"for all")
refused("AccessDenied", stranger.get_object, Bucket=P, Key="shut/k")
refused("AccessDenied", stranger.list_objects_v2, Bucket=P)
refused("AccessDenied", stranger.put_object, Bucket=P, Key="open/new", Body=b"x")
deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::" + P, "arn:aws:s3:::%s/*" % P]}
policy(statement, deny)
x = refused("AccessDenied", s3.get_object, Bucket=P, Key="open/k")
check("who and what", x["Error"]["Message"].endswith('s3:GetObject on resource: "arn:aws:s3:::boto-public/open/k" with an explicit deny in a resource-based policy'))
refused("AccessDenied", stranger.get_object, Bucket=P, Key="open/k")
refused("AccessDenied", s3.put_public_access_block, Bucket=P, PublicAccessBlockConfiguration={"BlockPublicAcls": True})
refused("MalformedPolicy", s3.put_bucket_policy, Bucket=P, Policy="{")
s3.delete_bucket_policy(Bucket=P)
refused("NoSuchBucketPolicy", s3.get_bucket_policy, Bucket=P)
check("free again", s3.get_object(Bucket=P, Key="open/k")["Body"].read() == b"for all")
policy({"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject", "Resource": "arn:aws:s3:::%s/shut/*" % P})
gone = s3.delete_objects(Bucket=P, Delete={"Objects": [{"Key": "open/k"}, {"Key": "shut/k"}]})
check("one of two %s" % gone, [d["Key"] for d in gone["Deleted"]] == ["open/k"] and [(d["Key"], d["Code"]) for d in gone["Errors"]] == [("shut/k", "AccessDenied")])
s3.delete_bucket_policy(Bucket=P)
s3.delete_object(Bucket=P, Key="shut/k")
s3.delete_bucket(Bucket=P)

refused("BucketNotEmpty", s3.delete_bucket, Bucket=B)
boto3.resource("s3", config=Config(s3={"addressing_style": "path"})).Bucket(B).object_versions.delete()
s3.delete_bucket(Bucket=B)
check("gone", s3.list_buckets()["Buckets"] == [])
print("all checks passed")

"""Logs, CloudWatch, SNS, IAM and STS by boto3: every operation once, and an alarm that data put from outside fire."""
import http.server, json, threading, time, urllib.error, urllib.request
import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import ClientError

session = boto3.Session()
logs, cw, sns, iam, sts = (session.client(s) for s in ("logs", "cloudwatch", "sns", "iam", "sts"))
now = time.time()


def fails(code, call, **args):
    try:
        call(**args)
    except ClientError as e:
        assert e.response["Error"]["Code"] == code, e
        return str(e)
    raise AssertionError(f"{args} did not fail with {code}")


# --- logs
logs.create_log_group(logGroupName="/g", tags={"a": "b"})
fails("ResourceAlreadyExistsException", logs.create_log_group, logGroupName="/g")
logs.create_log_stream(logGroupName="/g", logStreamName="s")
logs.put_retention_policy(logGroupName="/g", retentionInDays=7)
stamp = int(now * 1000)
logs.put_log_events(logGroupName="/g", logStreamName="s", logEvents=[{"timestamp": stamp + i, "message": f"line {i}"} for i in range(3)])
assert [e["message"] for e in logs.get_log_events(logGroupName="/g", logStreamName="s")["events"]] == ["line 0", "line 1", "line 2"]
assert [e["message"] for e in logs.filter_log_events(logGroupName="/g", filterPattern='"line 1"')["events"]] == ["line 1"]
pages = logs.get_paginator("filter_log_events").paginate(logGroupName="/g", PaginationConfig={"PageSize": 1})
assert sum(len(p["events"]) for p in pages) == 3
group = logs.describe_log_groups(logGroupNamePrefix="/g")["logGroups"][0]
assert group["retentionInDays"] == 7 and group["storedBytes"] == 3 * (6 + 26), group
assert logs.describe_log_streams(logGroupName="/g", orderBy="LastEventTime")["logStreams"][0]["lastEventTimestamp"] == stamp + 2
logs.tag_resource(resourceArn=group["logGroupArn"], tags={"c": "d"})
logs.untag_resource(resourceArn=group["logGroupArn"], tagKeys=["a"])
assert logs.list_tags_for_resource(resourceArn=group["logGroupArn"])["tags"] == {"c": "d"}
logs.delete_retention_policy(logGroupName="/g")
fails("ResourceNotFoundException", logs.get_log_events, logGroupName="/none", logStreamName="s")
fails("UnknownOperationException", logs.start_query, logGroupName="/g", startTime=0, endTime=1, queryString="fields @message")
logs.delete_log_stream(logGroupName="/g", logStreamName="s")
logs.delete_log_group(logGroupName="/g")

# --- a topic with a subscriber that follows the link in its confirmation
got, arrived = [], threading.Event()


class Subscriber(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        m = json.loads(self.rfile.read(int(self.headers["content-length"])))
        assert self.headers["x-amz-sns-message-type"] == m["Type"]
        got.append(m)
        self.send_response(200)
        self.end_headers()
        if m["Type"] == "SubscriptionConfirmation":
            threading.Thread(target=lambda: urllib.request.urlopen(m["SubscribeURL"]).read()).start()
        else:
            arrived.set()

    def log_message(self, *args):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Subscriber)
threading.Thread(target=server.serve_forever, daemon=True).start()
topic = sns.create_topic(Name="alerts", Tags=[{"Key": "k", "Value": "v"}])["TopicArn"]
assert sns.list_topics()["Topics"] == [{"TopicArn": topic}]
endpoint = f"http://127.0.0.1:{server.server_port}/"
assert sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=endpoint)["SubscriptionArn"] == "pending confirmation"
for _ in range(500):
    subs = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    if subs[0]["SubscriptionArn"].startswith("arn:"):
        break
    time.sleep(0.01)
sub = subs[0]["SubscriptionArn"]
assert sns.list_subscriptions()["Subscriptions"] == subs
assert sns.get_subscription_attributes(SubscriptionArn=sub)["Attributes"]["PendingConfirmation"] == "false"
sns.set_subscription_attributes(SubscriptionArn=sub, AttributeName="RawMessageDelivery", AttributeValue="false")
sns.set_topic_attributes(TopicArn=topic, AttributeName="DisplayName", AttributeValue="Alerts")
attributes = sns.get_topic_attributes(TopicArn=topic)["Attributes"]
assert attributes["DisplayName"] == "Alerts" and attributes["SubscriptionsConfirmed"] == "1", attributes
sns.tag_resource(ResourceArn=topic, Tags=[{"Key": "l", "Value": "w"}])
sns.untag_resource(ResourceArn=topic, TagKeys=["k"])
assert sns.list_tags_for_resource(ResourceArn=topic)["Tags"] == [{"Key": "l", "Value": "w"}]
assert "email" in fails("InvalidParameter", sns.subscribe, TopicArn=topic, Protocol="email", Endpoint="a@example.com")
fails("InvalidParameter", sns.confirm_subscription, TopicArn=topic, Token="forged")
try:
    urllib.request.urlopen(got[0]["SubscribeURL"].replace(got[0]["Token"], "forged"))
    raise AssertionError("a forged token was taken")
except urllib.error.HTTPError as e:
    assert e.code == 400
sns.publish(TopicArn=topic, Message="hello", Subject="s")
assert arrived.wait(10)
assert (got[-1]["Type"], got[-1]["Subject"], got[-1]["Message"]) == ("Notification", "s", "hello"), got[-1]

# --- an alarm, fired by nothing but a datum
dimensions = [{"Name": "Pipeline", "Value": "retail"}]
alarm = dict(AlarmName="failed", Namespace="Penstock", MetricName="RunsFailed", Dimensions=dimensions, Statistic="Sum", Period=60, EvaluationPeriods=1, Threshold=1,
             ComparisonOperator="GreaterThanOrEqualToThreshold", TreatMissingData="notBreaching", AlarmActions=[topic], Tags=[{"Key": "k", "Value": "v"}])
cw.put_metric_alarm(**alarm)
arrived.clear()
cw.put_metric_data(Namespace="Penstock", MetricData=[{"MetricName": "RunsFailed", "Dimensions": dimensions, "Value": 1}])
assert arrived.wait(10)
notice = json.loads(got[-1]["Message"])
assert (notice["AlarmName"], notice["OldStateValue"], notice["NewStateValue"]) == ("failed", "OK", "ALARM"), notice
described = cw.describe_alarms(AlarmNames=["failed"])["MetricAlarms"][0]
assert described["StateValue"] == "ALARM" and "1.0" in described["StateReason"], described
assert cw.describe_alarms_for_metric(Namespace="Penstock", MetricName="RunsFailed", Dimensions=dimensions)["MetricAlarms"][0]["AlarmName"] == "failed"
cw.disable_alarm_actions(AlarmNames=["failed"])
cw.enable_alarm_actions(AlarmNames=["failed"])
cw.set_alarm_state(AlarmName="failed", StateValue="OK", StateReason="by hand")
assert any("from OK to ALARM" in h["HistorySummary"] for h in cw.describe_alarm_history(AlarmName="failed", HistoryItemType="StateUpdate")["AlarmHistoryItems"])
arn = described["AlarmArn"]
cw.tag_resource(ResourceARN=arn, Tags=[{"Key": "l", "Value": "w"}])
cw.untag_resource(ResourceARN=arn, TagKeys=["k"])
assert cw.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "l", "Value": "w"}]

# --- the same metric by the old query protocol, and what is read back
body = ("Action=PutMetricData&Version=2010-08-01&Namespace=Penstock&MetricData.member.1.MetricName=RowsRead&MetricData.member.1.Value=41.5"
        "&MetricData.member.1.Dimensions.member.1.Name=Pipeline&MetricData.member.1.Dimensions.member.1.Value=retail")
request = AWSRequest("POST", cw.meta.endpoint_url + "/", data=body, headers={"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"})
SigV4Auth(session.get_credentials(), "monitoring", session.region_name).add_auth(request)
with urllib.request.urlopen(urllib.request.Request(request.url, data=body.encode(), headers=dict(request.headers), method="POST")) as answer:
    assert answer.status == 200 and b"PutMetricDataResponse" in answer.read()
cw.put_metric_data(Namespace="Penstock", MetricData=[{"MetricName": "RowsRead", "Dimensions": dimensions, "Value": 0.5}])
points = cw.get_metric_statistics(Namespace="Penstock", MetricName="RowsRead", Dimensions=dimensions, StartTime=now - 600, EndTime=now + 3600, Period=3600,
                                  Statistics=["Sum", "SampleCount"])["Datapoints"]
assert sum(p["Sum"] for p in points) == 42 and sum(p["SampleCount"] for p in points) == 2, points
assert {m["MetricName"] for m in cw.list_metrics(Namespace="Penstock")["Metrics"]} == {"RunsFailed", "RowsRead"}
assert "GetMetricData" in fails("UnknownOperationException", cw.get_metric_data, MetricDataQueries=[], StartTime=now, EndTime=now)
cw.delete_alarms(AlarmNames=["failed"])
fails("ResourceNotFound", cw.delete_alarms, AlarmNames=["failed"])
sns.unsubscribe(SubscriptionArn=sub)
sns.delete_topic(TopicArn=topic)
fails("NotFound", sns.publish, TopicArn=topic, Message="x")

# --- roles, policies and temporary keys
trust = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
policy = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]})
role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=trust, Path="/p/")["Role"]
assert role["AssumeRolePolicyDocument"] == json.loads(trust) and role["Arn"] == "arn:aws:iam::000000000000:role/p/r", role
iam.update_role(RoleName="r", Description="d", MaxSessionDuration=7200)
iam.update_assume_role_policy(RoleName="r", PolicyDocument=trust)
iam.put_role_policy(RoleName="r", PolicyName="i", PolicyDocument=policy)
assert iam.get_role_policy(RoleName="r", PolicyName="i")["PolicyDocument"] == json.loads(policy)
assert iam.list_role_policies(RoleName="r")["PolicyNames"] == ["i"]
p = iam.create_policy(PolicyName="p", PolicyDocument=policy)["Policy"]["Arn"]
iam.attach_role_policy(RoleName="r", PolicyArn=p)
assert iam.list_attached_role_policies(RoleName="r")["AttachedPolicies"] == [{"PolicyName": "p", "PolicyArn": p}]
assert iam.get_policy(PolicyArn=p)["Policy"]["AttachmentCount"] == 1
assert iam.create_policy_version(PolicyArn=p, PolicyDocument=policy)["PolicyVersion"]["VersionId"] == "v2"
iam.set_default_policy_version(PolicyArn=p, VersionId="v2")
assert iam.get_policy_version(PolicyArn=p, VersionId="v2")["PolicyVersion"]["Document"] == json.loads(policy)
iam.delete_policy_version(PolicyArn=p, VersionId="v1")
assert len(iam.list_policy_versions(PolicyArn=p)["Versions"]) == 1 and iam.list_policies(Scope="Local")["Policies"][0]["Arn"] == p
iam.tag_role(RoleName="r", Tags=[{"Key": "k", "Value": "v"}])
assert iam.list_role_tags(RoleName="r")["Tags"] == [{"Key": "k", "Value": "v"}]
iam.untag_role(RoleName="r", TagKeys=["k"])
assert iam.list_roles(PathPrefix="/p/")["Roles"][0]["RoleName"] == "r" and iam.list_instance_profiles_for_role(RoleName="r")["InstanceProfiles"] == []
fails("DeleteConflict", iam.delete_role, RoleName="r")
fails("NoSuchEntity", iam.get_role, RoleName="none")
keys = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="me", DurationSeconds=900)["Credentials"]
as_role = boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
assert as_role.client("sts").get_caller_identity()["Arn"] == "arn:aws:sts::000000000000:assumed-role/r/me"
assert as_role.client("s3").list_buckets()["Buckets"] == []
wrong = boto3.Session(keys["AccessKeyId"], "not the secret", keys["SessionToken"])
fails("SignatureDoesNotMatch", wrong.client("sts").get_caller_identity)
assert sts.get_caller_identity()["Arn"] == "arn:aws:iam::000000000000:root"
iam.detach_role_policy(RoleName="r", PolicyArn=p)
iam.delete_policy(PolicyArn=p)
iam.delete_role_policy(RoleName="r", PolicyName="i")
iam.delete_role(RoleName="r")
print("ok")

# Every operation of SNS that Penstock serves, with an HTTP subscriber that is confirmed and then gets what is published.
import http.server, json, queue, threading

from clients import Service, until

sns = Service("sns")
both = (sns.b, sns.cli)
ARN = "arn:aws:sns:us-east-1:000000000000:"
posts = queue.Queue()


class Subscriber(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        posts.put((self.path, self.headers["x-amz-sns-message-type"], self.headers.get("x-amz-sns-rawdelivery"), body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Subscriber)
threading.Thread(target=server.serve_forever, daemon=True).start()
base = f"http://127.0.0.1:{server.server_port}"


def post(kind):
    path, got, raw, body = posts.get(timeout=120)
    assert got == kind, (got, body)
    return path, raw, body


# Topics.
ops = sns.b("CreateTopic", Name="ops", Attributes={"DisplayName": "Operations"}, Tags=[{"Key": "team", "Value": "a"}])["TopicArn"]
assert ops == ARN + "ops"
assert sns.cli("CreateTopic", Name="spare")["TopicArn"] == ARN + "spare"
sns.fails("InvalidParameter", "Topic Name", "CreateTopic", Name="a b")
for call in both:
    assert [t["TopicArn"] for t in call("ListTopics")["Topics"]] == [ops, ARN + "spare"]
for i in range(120):
    sns.b("CreateTopic", Name=f"many{i:03d}")
topics, pages = [t for p in sns.client.get_paginator("list_topics").paginate() for t in p["Topics"]], len(list(sns.client.get_paginator("list_topics").paginate()))
assert len(topics) == 122 and pages == 2, (len(topics), pages)
sns.b("SetTopicAttributes", TopicArn=ops, AttributeName="DisplayName", AttributeValue="Ops")
assert sns.cli("GetTopicAttributes", TopicArn=ops)["Attributes"]["DisplayName"] == "Ops"
sns.cli("SetTopicAttributes", TopicArn=ops, AttributeName="DisplayName", AttributeValue="Night")
a = sns.b("GetTopicAttributes", TopicArn=ops)["Attributes"]
assert a["DisplayName"] == "Night" and a["TopicArn"] == ops and a["SubscriptionsConfirmed"] == "0", a
sns.fails("NotFound", "Topic does not exist", "GetTopicAttributes", TopicArn=ARN + "none")

# Subscriptions: pending until the endpoint's owner shows the token.
assert sns.b("Subscribe", TopicArn=ops, Protocol="http", Endpoint=base + "/one")["SubscriptionArn"] == "pending confirmation"
_, _, body = post("SubscriptionConfirmation")
first = json.loads(body)
assert first["TopicArn"] == ops and first["Token"] and "Action=ConfirmSubscription" in first["SubscribeURL"], first
assert sns.b("ListSubscriptionsByTopic", TopicArn=ops)["Subscriptions"][0]["SubscriptionArn"] == "PendingConfirmation"
one = sns.b("ConfirmSubscription", TopicArn=ops, Token=first["Token"])["SubscriptionArn"]
two = sns.cli("Subscribe", TopicArn=ops, Protocol="http", NotificationEndpoint=base + "/two", ReturnSubscriptionArn=True)["SubscriptionArn"]
second = json.loads(post("SubscriptionConfirmation")[2])
assert sns.cli("ConfirmSubscription", TopicArn=ops, Token=second["Token"])["SubscriptionArn"] == two
sns.fails("InvalidParameter", "Token", "ConfirmSubscription", TopicArn=ops, Token="x")
for call in both:
    for listed in (call("ListSubscriptions"), call("ListSubscriptionsByTopic", TopicArn=ops)):
        assert {(s["SubscriptionArn"], s["Endpoint"]) for s in listed["Subscriptions"]} == {(one, base + "/one"), (two, base + "/two")}, listed
    a = call("GetSubscriptionAttributes", SubscriptionArn=one)["Attributes"]
    assert a["PendingConfirmation"] == "false" and a["Endpoint"] == base + "/one" and a["RawMessageDelivery"] == "false", a
sns.b("SetSubscriptionAttributes", SubscriptionArn=one, AttributeName="RawMessageDelivery", AttributeValue="true")
sns.cli("SetSubscriptionAttributes", SubscriptionArn=two, AttributeName="RawMessageDelivery", AttributeValue="false")
assert sns.b("GetSubscriptionAttributes", SubscriptionArn=one)["Attributes"]["RawMessageDelivery"] == "true"
sns.fails("NotFound", "Subscription does not exist", "GetSubscriptionAttributes", SubscriptionArn=one + "x")

# Messages.
for call in both:
    mid = call("Publish", TopicArn=ops, Subject="Failed", Message="größer & <b>", MessageAttributes={"run": {"DataType": "String", "StringValue": "7"}})["MessageId"]
    got = {path: (raw, body) for path, raw, body in (post("Notification"), post("Notification"))}
    assert got["/one"] == ("true", "größer & <b>"), got
    n = json.loads(got["/two"][1])
    assert (n["MessageId"], n["Subject"], n["Message"], n["TopicArn"]) == (mid, "Failed", "größer & <b>", ops) and n["MessageAttributes"]["run"]["Value"] == "7", n
sns.b("Publish", TopicArn=ops, Message=json.dumps({"default": "d", "http": "by http"}), MessageStructure="json")
got = {path: body for path, _, body in (post("Notification"), post("Notification"))}
assert got["/one"] == "by http", got
sns.fails("InvalidParameter", "Empty message", "Publish", TopicArn=ops, Message="")
sns.fails("NotFound", "Topic does not exist", "Publish", TopicArn=ARN + "none", Message="x")

# Tags.
for call in both:
    assert call("ListTagsForResource", ResourceArn=ops)["Tags"] == [{"Key": "team", "Value": "a"}]
sns.b("TagResource", ResourceArn=ops, Tags=[{"Key": "x", "Value": "1"}])
sns.cli("TagResource", ResourceArn=ops, Tags=[{"Key": "y", "Value": "2"}])
assert {t["Key"] for t in sns.b("ListTagsForResource", ResourceArn=ops)["Tags"]} == {"team", "x", "y"}
sns.b("UntagResource", ResourceArn=ops, TagKeys=["x"])
sns.cli("UntagResource", ResourceArn=ops, TagKeys=["y", "team"])
assert sns.b("ListTagsForResource", ResourceArn=ops)["Tags"] == []

sns.b("Unsubscribe", SubscriptionArn=one)
sns.cli("Unsubscribe", SubscriptionArn=two)
assert sns.b("ListSubscriptions")["Subscriptions"] == []
sns.b("DeleteTopic", TopicArn=ops)
sns.cli("DeleteTopic", TopicArn=ARN + "spare")
sns.b("DeleteTopic", TopicArn=ops)
assert len(sns.b("ListTopics")["Topics"]) == 100
print("ok")

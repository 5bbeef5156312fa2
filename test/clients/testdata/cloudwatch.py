# Every operation of CloudWatch that Penstock serves; PutMetricData by all three protocols.
import datetime, json, unittest.mock

import boto3
from clients import Service, until

cw, sns = Service("cloudwatch"), boto3.client("sns")
both = (cw.b, cw.cli)
ALARM = "arn:aws:cloudwatch:us-east-1:000000000000:alarm:"
now = datetime.datetime.now(datetime.timezone.utc).replace(second=0, microsecond=0)
hour = datetime.timedelta(hours=1)
dims = [{"Name": "Pipeline", "Value": "retail"}, {"Name": "Step", "Value": "clean"}]
span = dict(StartTime=now - hour, EndTime=now + hour, Period=60)

# Data.
cw.b("PutMetricData", Namespace="Shop", MetricData=[{"MetricName": "Rows", "Dimensions": dims, "Timestamp": now, "Value": 3, "Unit": "Count"},
                                                   {"MetricName": "Rows", "Dimensions": dims, "Timestamp": now, "Values": [1, 5], "Counts": [2, 1], "Unit": "Count"}])
cw.cli("PutMetricData", Namespace="Shop", MetricName="Seconds", Value=1.5, Unit="Seconds", Dimensions="Pipeline=retail")
cw.cli("PutMetricData", Namespace="Shop", MetricData=[{"MetricName": "Bytes", "Timestamp": now, "StatisticValues": {"SampleCount": 4, "Sum": 10, "Minimum": 1, "Maximum": 4}}])
for call in both:
    points = call("GetMetricStatistics", Namespace="Shop", MetricName="Rows", Dimensions=dims, Statistics=["Sum", "SampleCount", "Minimum", "Maximum", "Average"], **span)["Datapoints"]
    assert len(points) == 1 and (points[0]["Sum"], points[0]["SampleCount"], points[0]["Minimum"], points[0]["Maximum"], points[0]["Average"]) == (10, 4, 1, 5, 2.5), points
    points = call("GetMetricStatistics", Namespace="Shop", MetricName="Bytes", Statistics=["Average"], **span)["Datapoints"]
    assert [p["Average"] for p in points] == [2.5], points
    assert call("GetMetricStatistics", Namespace="Shop", MetricName="Rows", Statistics=["Sum"], **span)["Datapoints"] == []
points = cw.b("GetMetricStatistics", Namespace="Shop", MetricName="Rows", Dimensions=dims, ExtendedStatistics=["p50"], **span)["Datapoints"]
assert 1 <= points[0]["ExtendedStatistics"]["p50"] <= 3, points
cw.fails("InvalidParameterValue", "StartTime must be less than", "GetMetricStatistics", Namespace="Shop", MetricName="Rows", Statistics=["Sum"], StartTime=now, EndTime=now - hour, Period=60)
for m in ("Rows", "Seconds", "Bytes"):
    assert [x["MetricName"] for x in cw.b("ListMetrics", Namespace="Shop", MetricName=m)["Metrics"]] == [m]
metrics = cw.cli("ListMetrics", Namespace="Shop", Dimensions=[{"Name": "Step"}])["Metrics"]
assert metrics == [{"Namespace": "Shop", "MetricName": "Rows", "Dimensions": dims}], metrics
for protocol in ("query", "json", "smithy-rpc-v2-cbor"):
    with unittest.mock.patch("botocore.model.PRIORITY_ORDERED_SUPPORTED_PROTOCOLS", [protocol]):
        client = boto3.client("cloudwatch")
        assert client.meta.service_model.resolved_protocol == protocol
    client.put_metric_data(Namespace="Shop", MetricData=[{"MetricName": protocol, "Timestamp": now, "Value": 0.1, "Unit": "Count"}])
    point = client.get_metric_statistics(Namespace="Shop", MetricName=protocol, Statistics=["Sum"], **span)["Datapoints"]
    assert point == [{"Timestamp": now, "Sum": 0.1, "Unit": "Count"}], (protocol, point)

# Alarms.
topic = sns.create_topic(Name="ops")["TopicArn"]
rows = dict(Namespace="Shop", MetricName="Failed", Statistic="Sum", Period=60, EvaluationPeriods=1, Threshold=1, ComparisonOperator="GreaterThanOrEqualToThreshold",
            TreatMissingData="notBreaching")
cw.b("PutMetricAlarm", AlarmName="failed", AlarmDescription="a run failed", AlarmActions=[topic], Tags=[{"Key": "team", "Value": "a"}], **rows)
cw.cli("PutMetricAlarm", AlarmName="spare", Dimensions=[{"Name": "Pipeline", "Value": "x"}], **rows)
cw.fails("ValidationError", "Period must be 10, 20, 30 or a multiple of 60", "PutMetricAlarm", AlarmName="bad", **dict(rows, Period=45))
for call in both:
    a = call("DescribeAlarms", AlarmNames=["failed"])["MetricAlarms"][0]
    assert a["AlarmArn"] == ALARM + "failed" and a["AlarmActions"] == [topic] and a["Threshold"] == 1 and a["AlarmDescription"] == "a run failed", a
    assert [a["AlarmName"] for a in call("DescribeAlarmsForMetric", Namespace="Shop", MetricName="Failed")["MetricAlarms"]] == ["failed"]
alarms, pages = cw.pages("DescribeAlarms", 1, "MetricAlarms")
assert [a["AlarmName"] for a in alarms] == ["failed", "spare"] and pages == 2, alarms
assert [a["AlarmName"] for a in cw.cli("DescribeAlarms", AlarmNamePrefix="sp")["MetricAlarms"]] == ["spare"]


def state(name):
    return cw.b("DescribeAlarms", AlarmNames=[name])["MetricAlarms"][0]["StateValue"]


cw.b("PutMetricData", Namespace="Shop", MetricData=[{"MetricName": "Failed", "Value": 1}])
until(lambda: state("failed") == "ALARM")
cw.b("SetAlarmState", AlarmName="spare", StateValue="ALARM", StateReason="by hand")
assert cw.cli("DescribeAlarms", StateValue="ALARM", AlarmNames=["spare"])["MetricAlarms"][0]["StateReason"] == "by hand"
cw.cli("SetAlarmState", AlarmName="spare", StateValue="OK", StateReason="by hand again")
items, pages = cw.pages("DescribeAlarmHistory", 1, "AlarmHistoryItems", AlarmName="spare", HistoryItemType="StateUpdate")
assert [json.loads(i["HistoryData"])["newState"]["stateValue"] for i in items[:2]] == ["OK", "ALARM"] and pages >= 2, items
until(lambda: any(i["HistoryItemType"] == "Action" for i in cw.cli("DescribeAlarmHistory", AlarmName="failed")["AlarmHistoryItems"]))
cw.fails("ResourceNotFound", "", "SetAlarmState", AlarmName="none", StateValue="OK", StateReason="x")
cw.b("DisableAlarmActions", AlarmNames=["failed"])
cw.cli("DisableAlarmActions", AlarmNames=["spare"])
assert [a["ActionsEnabled"] for a in cw.b("DescribeAlarms")["MetricAlarms"]] == [False, False]
cw.b("EnableAlarmActions", AlarmNames=["failed"])
cw.cli("EnableAlarmActions", AlarmNames=["spare"])
assert [a["ActionsEnabled"] for a in cw.b("DescribeAlarms")["MetricAlarms"]] == [True, True]

# Tags.
for call in both:
    assert call("ListTagsForResource", ResourceARN=ALARM + "failed")["Tags"] == [{"Key": "team", "Value": "a"}]
cw.b("TagResource", ResourceARN=ALARM + "failed", Tags=[{"Key": "x", "Value": "1"}])
cw.cli("TagResource", ResourceARN=ALARM + "failed", Tags=[{"Key": "y", "Value": "2"}])
assert {t["Key"] for t in cw.b("ListTagsForResource", ResourceARN=ALARM + "failed")["Tags"]} == {"team", "x", "y"}
cw.b("UntagResource", ResourceARN=ALARM + "failed", TagKeys=["x"])
cw.cli("UntagResource", ResourceARN=ALARM + "failed", TagKeys=["y", "team"])
assert cw.b("ListTagsForResource", ResourceARN=ALARM + "failed")["Tags"] == []
cw.fails("ResourceNotFoundException", "none", "ListTagsForResource", ResourceARN=ALARM + "none")

cw.b("DeleteAlarms", AlarmNames=["failed"])
cw.cli("DeleteAlarms", AlarmNames=["spare"])
assert cw.b("DescribeAlarms")["MetricAlarms"] == []
print("ok")

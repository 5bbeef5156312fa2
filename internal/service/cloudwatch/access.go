package cloudwatch

import (
	"penstock/internal/api"
)

// access says what the operations ask of IAM. Source: "Actions, resources, and condition keys for Amazon CloudWatch".
func access() api.Access {
	resource := []string{"{ResourceARN}"}
	return api.Access{Prefix: "cloudwatch", ARN: "arn:aws:cloudwatch:{region}:{account}:", Grants: []api.Grant{
		{Ops: "PutMetricData", Keys: api.Keys{"cloudwatch:namespace": "{Namespace}"}},
		{Ops: "GetMetricStatistics ListMetrics DescribeAlarmsForMetric"},
		{Ops: "PutMetricAlarm", On: []string{"alarm:{AlarmName}"},
			Keys: api.Keys{"aws:RequestTag/": "{Tags}", "cloudwatch:AlarmActions": "{AlarmActions}"}},
		{Ops: "SetAlarmState DescribeAlarmHistory", On: []string{"alarm:{AlarmName}"}},
		{Ops: "DescribeAlarms DeleteAlarms EnableAlarmActions DisableAlarmActions", On: []string{"alarm:{AlarmNames}"}},
		{Ops: "TagResource", On: resource, Keys: api.Keys{"aws:RequestTag/": "{Tags}"}},
		{Ops: "UntagResource", On: resource, Keys: api.Keys{"aws:TagKeys": "{TagKeys}"}},
		{Ops: "ListTagsForResource", On: resource},
	}}
}

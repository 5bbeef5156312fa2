package api_test

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	gluetypes "github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"
	datatypes "github.com/aws/aws-sdk-go-v2/service/redshiftdata/types"
	"github.com/aws/aws-sdk-go-v2/service/redshiftserverless"
	rsstypes "github.com/aws/aws-sdk-go-v2/service/redshiftserverless/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"penstock/internal/api"
)

// clients are the real SDK's clients of every service that Penstock serves.
var clients = []struct {
	service string
	make    func(aws.Config) any
	unions  []api.Union
}{
	{"s3", func(c aws.Config) any {
		return s3.NewFromConfig(c, func(o *s3.Options) { o.UsePathStyle = true; o.DisableS3ExpressSessionAuth = aws.Bool(true) })
	}, []api.Union{
		api.UnionOf[s3types.AnalyticsFilter](&s3types.AnalyticsFilterMemberAnd{}, &s3types.AnalyticsFilterMemberPrefix{},
			&s3types.AnalyticsFilterMemberTag{}),
		api.UnionOf[s3types.MetricsFilter](&s3types.MetricsFilterMemberAccessPointArn{}, &s3types.MetricsFilterMemberAnd{},
			&s3types.MetricsFilterMemberPrefix{}, &s3types.MetricsFilterMemberTag{}),
		api.UnionOf[s3types.ObjectEncryption](&s3types.ObjectEncryptionMemberSSEKMS{}),
	}},
	{"glue", func(c aws.Config) any { return glue.NewFromConfig(c) }, []api.Union{
		api.UnionOf[gluetypes.TableOptimizerVpcConfiguration](&gluetypes.TableOptimizerVpcConfigurationMemberGlueConnectionName{}),
		api.UnionOf[gluetypes.SearchFilterValue](&gluetypes.SearchFilterValueMemberLongValue{}, &gluetypes.SearchFilterValueMemberStringValue{}),
		api.UnionOf[gluetypes.SearchMapFilterValue](&gluetypes.SearchMapFilterValueMemberStringValue{}),
		api.UnionOf[gluetypes.SearchFilterClause](&gluetypes.SearchFilterClauseMemberAttributeFilter{},
			&gluetypes.SearchFilterClauseMemberMapFilter{}),
	}},
	{"states", func(c aws.Config) any { return sfn.NewFromConfig(c) }, nil},
	{"cloudformation", func(c aws.Config) any { return cloudformation.NewFromConfig(c) }, nil},
	{"iam", func(c aws.Config) any { return iam.NewFromConfig(c) }, []api.Union{
		api.UnionOf[iamtypes.PolicyIdentifier](&iamtypes.PolicyIdentifierMemberInlinePolicyIdentifier{},
			&iamtypes.PolicyIdentifierMemberPolicyArn{}, &iamtypes.PolicyIdentifierMemberPolicyType{}),
	}},
	{"sts", func(c aws.Config) any { return sts.NewFromConfig(c) }, nil},
	{"redshift-serverless", func(c aws.Config) any { return redshiftserverless.NewFromConfig(c) }, []api.Union{
		api.UnionOf[rsstypes.Schedule](&rsstypes.ScheduleMemberAt{}, &rsstypes.ScheduleMemberCron{}),
		api.UnionOf[rsstypes.TargetAction](&rsstypes.TargetActionMemberCreateSnapshot{}),
	}},
	{"redshift-data", func(c aws.Config) any { return redshiftdata.NewFromConfig(c) }, []api.Union{
		api.UnionOf[datatypes.Field](&datatypes.FieldMemberBlobValue{}, &datatypes.FieldMemberBooleanValue{}, &datatypes.FieldMemberDoubleValue{},
			&datatypes.FieldMemberIsNull{}, &datatypes.FieldMemberLongValue{}, &datatypes.FieldMemberStringValue{}),
		api.UnionOf[datatypes.QueryRecords](&datatypes.QueryRecordsMemberCSVRecords{}),
	}},
	{"monitoring", func(c aws.Config) any { return cloudwatch.NewFromConfig(c) }, []api.Union{
		api.UnionOf[cwtypes.EvaluationCriteria](&cwtypes.EvaluationCriteriaMemberPromQLCriteria{}),
		api.UnionOf[cwtypes.EvaluationWindow](&cwtypes.EvaluationWindowMemberSlidingWindow{}, &cwtypes.EvaluationWindowMemberWallClockWindow{}),
	}},
	{"logs", func(c aws.Config) any { return cloudwatchlogs.NewFromConfig(c) }, []api.Union{
		api.UnionOf[logtypes.IntegrationDetails](&logtypes.IntegrationDetailsMemberOpenSearchIntegrationDetails{}),
		api.UnionOf[logtypes.ResourceConfig](&logtypes.ResourceConfigMemberOpenSearchResourceConfig{}),
	}},
	{"sns", func(c aws.Config) any { return sns.NewFromConfig(c) }, nil},
	{"ssm", func(c aws.Config) any { return ssm.NewFromConfig(c) }, []api.Union{
		api.UnionOf[ssmtypes.CloudConnectorConfiguration](&ssmtypes.CloudConnectorConfigurationMemberAzureConfiguration{}),
		api.UnionOf[ssmtypes.ExecutionInputs](&ssmtypes.ExecutionInputsMemberAutomation{}),
		api.UnionOf[ssmtypes.ExecutionPreview](&ssmtypes.ExecutionPreviewMemberAutomation{}),
		api.UnionOf[ssmtypes.NodeType](&ssmtypes.NodeTypeMemberInstance{}),
	}},
}

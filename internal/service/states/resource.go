package states

import (
	"fmt"
	"slices"
	"strings"

	"penstock/internal/api"
)

// A target is what the Resource of a Task calls.
type target struct {
	service, op string // of the table: "glue", "StartJobRun"
	prefix      string // of errors: "Glue"
	pattern     string // "", ".sync", ".sync:2"
	sdk         bool   // an aws-sdk integration
	secondID    bool   // its errors name two request ids
}

// optimized are the integrations of their own that Step Functions has and Penstock runs.
var optimized = map[string]target{
	"glue:startJobRun":             {service: "glue", op: "StartJobRun", prefix: "Glue"},
	"glue:startJobRun.sync":        {service: "glue", op: "StartJobRun", prefix: "Glue", pattern: ".sync"},
	"sns:publish":                  {service: "sns", op: "Publish", prefix: "SNS"},
	"states:startExecution":        {service: "states", op: "StartExecution", prefix: "StepFunctions"},
	"states:startExecution.sync":   {service: "states", op: "StartExecution", prefix: "StepFunctions", pattern: ".sync"},
	"states:startExecution.sync:2": {service: "states", op: "StartExecution", prefix: "StepFunctions", pattern: ".sync:2"},
}

// syncs are the integrations that AWS has with .sync beside those that run here: all others are no resources to it either.
// https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html
func syncs() []string {
	return strings.Fields(
		`athena:startQueryExecution.sync batch:submitJob.sync bedrock:createModelCustomizationJob.sync codebuild:startBuild.sync
		codebuild:startBuildBatch.sync databrew:startJobRun.sync ecs:runTask.sync eks:createCluster.sync eks:createFargateProfile.sync eks:createNodegroup.sync
		eks:deleteCluster.sync eks:deleteFargateProfile.sync eks:deleteNodegroup.sync eks:runJob.sync elasticmapreduce:addStep.sync
		elasticmapreduce:createCluster.sync elasticmapreduce:terminateCluster.sync emr-containers:createVirtualCluster.sync
		emr-containers:deleteVirtualCluster.sync emr-containers:startJobRun.sync emr-serverless:createApplication.sync emr-serverless:deleteApplication.sync
		emr-serverless:startApplication.sync emr-serverless:startJobRun.sync emr-serverless:stopApplication.sync mediaconvert:createJob.sync
		sagemaker:createHyperParameterTuningJob.sync sagemaker:createLabelingJob.sync sagemaker:createProcessingJob.sync sagemaker:createTrainingJob.sync
		sagemaker:createTransformJob.sync`)
}

// notRecognized is AWS's diagnostic of a Resource that it does not have.
func notRecognized(resource string) string {
	return fmt.Sprintf("The resource provided %s is not recognized. The value is not a valid resource ARN, "+
		"or the resource is not available in this region.", resource)
}

// A directory knows the services by the names that AWS's SDKs give them.
type directory interface {
	SDK(name string) (api.Service, bool)
}

// targetOf finds what resourceType and resource of a task mean, or says why Penstock cannot run it.
func (s *Service) targetOf(kind, resource string) (target, string) {
	if t, ok := optimized[kind+":"+resource]; ok {
		return t, ""
	}
	name := "arn:aws:states:::" + kind + ":" + resource
	if strings.Contains(resource, ".waitForTaskToken") {
		return target{}, fmt.Sprintf("Penstock does not support the integration pattern '.waitForTaskToken' of %s yet", name)
	}
	service, isSDK := strings.CutPrefix(kind, "aws-sdk:")
	if !isSDK && (!strings.Contains(resource, ".") || slices.Contains(syncs(), kind+":"+resource)) {
		return target{}, fmt.Sprintf("Penstock does not support the integration %s yet", name)
	}
	if strings.Contains(resource, ".") {
		return target{}, notRecognized(name)
	}
	if d, ok := s.Invoker.(directory); ok && resource != "" {
		if to, ok := d.SDK(service); ok {
			return target{service: to.Name, op: strings.ToUpper(resource[:1]) + resource[1:], prefix: to.SDK, sdk: true, secondID: to.SecondID}, ""
		}
	}
	return target{}, fmt.Sprintf("Penstock does not serve the service of %s yet", name)
}

// resourceProblem says why a Task with this Resource cannot run here, "" when it can.
func (s *Service) resourceProblem(resource string) string {
	rest, ok := strings.CutPrefix(resource, "arn:aws:states:::")
	switch {
	case strings.HasPrefix(resource, "arn:aws:lambda:"):
		return "Penstock does not run Lambda functions: " + resource
	case strings.HasPrefix(resource, "arn:aws:states:") && strings.Contains(resource, ":activity:"):
		return "Penstock does not support activities yet: " + resource
	case !ok:
		return notRecognized(resource)
	}
	kind, op, _ := strings.Cut(rest, ":")
	if kind == "aws-sdk" {
		var service string
		service, op, _ = strings.Cut(op, ":")
		kind += ":" + service
	}
	t, problem := s.targetOf(kind, op)
	if problem != "" {
		return problem
	}
	if table, ok := s.Invoker.(interface {
		Op(service, op string) (api.Op, error)
	}); ok {
		if _, err := table.Op(t.service, t.op); err != nil {
			return fmt.Sprintf("%s: %v", resource, err)
		}
	}
	return ""
}

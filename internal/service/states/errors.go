package states

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"penstock/internal/api"
	"penstock/internal/asl"
	"penstock/internal/meta/tag"
)

func noMachine(machineARN string) error {
	m := fmt.Sprintf("State Machine Does Not Exist: '%s'", machineARN)
	return &types.StateMachineDoesNotExist{Message: &m}
}

func noExecution(executionARN string) error {
	m := fmt.Sprintf("Execution Does Not Exist: '%s'", executionARN)
	return &types.ExecutionDoesNotExist{Message: &m}
}

func noResource(resource string) error {
	m := fmt.Sprintf("Resource not found: '%s'", resource)
	return &types.ResourceNotFound{Message: &m, ResourceName: &resource}
}

func machineExists(machineARN string) error {
	m := fmt.Sprintf("State Machine Already Exists: '%s'", machineARN)
	return &types.StateMachineAlreadyExists{Message: &m}
}

func machineDeleting(machineARN string) error {
	m := fmt.Sprintf("State Machine is deleting: '%s'", machineARN)
	return &types.StateMachineDeleting{Message: &m}
}

func executionExists(executionARN string) error {
	m := fmt.Sprintf("Execution Already Exists: '%s'", executionARN)
	return &types.ExecutionAlreadyExists{Message: &m}
}

func tooManyRunning() error {
	m := fmt.Sprintf("The maximum number of running executions has been reached: %d", maxRunning)
	return &types.ExecutionLimitExceeded{Message: &m}
}

func invalidName(name string) error {
	m := fmt.Sprintf("Invalid Name: '%s'", name)
	return &types.InvalidName{Message: &m}
}

func invalidARN(what string) error {
	m := fmt.Sprintf("Invalid Arn: '%s'", what)
	return &types.InvalidArn{Message: &m}
}

func otherRegion(region string) error {
	return invalidARN("Region not valid in this context: " + region)
}

func invalidInput(err error) error {
	m := fmt.Sprintf("Invalid State Machine Execution Input: '%v'", err)
	return &types.InvalidExecutionInput{Message: &m}
}

func invalidToken() error {
	m := "Invalid Token: 'Invalid token'"
	return &types.InvalidToken{Message: &m}
}

func missingParameter() error {
	m := "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified"
	return &types.MissingRequiredParameter{Message: &m}
}

func tooManyTags(resource string) error {
	m := fmt.Sprintf("Resource has more than %d tags", tag.Most)
	return &types.TooManyTags{Message: &m, ResourceName: &resource}
}

// badTag words a tag of a resource that the rules refuse.
func badTag(resource string, err error) error {
	var p *tag.Problem
	switch {
	case !errors.As(err, &p):
		return err
	case p.TooMany:
		return tooManyTags(resource)
	case p.Reserved:
		return api.Errorf("ValidationException", "aws: prefixed tag key names are not allowed for external use.")
	}
	return api.Errorf("ValidationException", "The tag key %s or its value has a length or a character that is not allowed.", p.Key)
}

// invalidDefinition is CreateStateMachine's answer to a definition with mistakes.
func invalidDefinition(diags []asl.Diagnostic) error {
	var parts []string
	for _, d := range diags {
		if !d.Warning {
			parts = append(parts, d.String())
		}
	}
	m := fmt.Sprintf("Invalid State Machine Definition: '%s'", strings.Join(parts, ", "))
	return &types.InvalidDefinition{Message: &m}
}

// unsupported names what Step Functions has and Penstock has not yet.
func unsupported(format string, a ...any) error {
	return api.Errorf("ValidationException", "Penstock does not support %s yet", fmt.Sprintf(format, a...))
}

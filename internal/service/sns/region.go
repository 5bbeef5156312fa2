package sns

import (
	"context"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/aws"

	"penstock/internal/api"
	"penstock/internal/arn"
)

// here makes operations refuse the ARN of another region, as AWS does by the name of its member.
func (s *Service) here(ops []api.Op) []api.Op {
	for i, op := range ops {
		for _, member := range []string{"TopicArn", "TargetArn", "SubscriptionArn", "ResourceArn"} {
			field, ok := op.In.FieldByName(member)
			if !ok {
				continue
			}
			ops[i] = ops[i].Before(func(_ context.Context, in any) error {
				text, _ := reflect.ValueOf(in).Elem().FieldByIndex(field.Index).Interface().(*string)
				if a, err := arn.Parse(aws.ToString(text)); err == nil && a.Region != s.Region {
					return invalid("%s", member)
				}
				return nil
			})
		}
	}
	return ops
}

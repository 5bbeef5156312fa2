package ssm

import (
	"context"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/dlclark/regexp2"

	"penstock/internal/api"
	"penstock/internal/meta"
	"penstock/internal/meta/tag"
	"penstock/internal/pattern"
)

// Quotas: https://docs.aws.amazon.com/general/latest/gr/ssm.html#parameter-store.
const (
	maxParameters = 10000
	maxVersions   = 100
	maxValue      = 4096 // characters, in the standard tier
)

const upgrade = "Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger parameter value, " +
	"upgrade the parameter to use the advanced-parameter tier. For more information, see " +
	"https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html"

var nested = pattern.Lazy(`\{\{.*\}\}`)

// PutParameter makes a parameter, or a version of one that exists.
func (s *Service) PutParameter(ctx context.Context, in *ssm.PutParameterInput) (*ssm.PutParameterOutput, error) {
	if err := checkPut(in); err != nil {
		return nil, err
	}
	key, out := keyOf(*in.Name), &ssm.PutParameterOutput{Tier: types.ParameterTierStandard}
	err := s.Meta.Update(ctx, func(tx *meta.Tx) error {
		p, found, err := s.parameters.Get(tx, key)
		if err != nil {
			return err
		}
		if found {
			err = overwrite(in, p)
		} else {
			p, err = s.create(tx, key, in)
		}
		if err != nil {
			return err
		}
		out.Version = p.Newest + 1
		return s.addVersion(tx, key, &p, s.versionOf(ctx, in, p))
	})
	return out, err
}

func checkPut(in *ssm.PutParameterInput) error {
	value := aws.ToString(in.Value)
	if err := checkName(aws.ToString(in.Name)); err != nil {
		return err
	}
	switch kind := aws.ToString(in.DataType); {
	case in.Type == types.ParameterTypeSecureString:
		return api.Errorf("UnsupportedParameterType", "Penstock does not support the parameter type SecureString yet: it needs KMS")
	case in.Tier == types.ParameterTierAdvanced:
		return invalid("Penstock does not support the parameter tier Advanced yet")
	case kind == "aws:ec2:image", kind == "aws:ssm:integration":
		return invalid("Penstock does not support the data type %s yet", kind)
	case kind != "" && kind != dataType:
		return invalid("The following data type is not supported: %s (Data type names are all lowercase.)", kind)
	case value == "":
		return invalid("1 validation error detected: Value '' at 'value' failed to satisfy constraint: " +
			"Member must have length greater than or equal to 1.")
	case utf8.RuneCountInString(value) > maxValue:
		return invalid(upgrade)
	case nested().MatchString(value):
		return invalid(`Parameter value can't nest another parameter. Do not use "{{}}" in the value.`)
	case aws.ToBool(in.Overwrite) && len(in.Tags) > 0:
		return invalid("Invalid request: tags and overwrite can't be used together. To create a parameter with tags, " +
			"please remove overwrite flag. " +
			"To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.")
	}
	return checkPattern(aws.ToString(in.AllowedPattern), value)
}

// matchTime bounds the search of a pattern that goes back and forth.
const matchTime = 300 * time.Millisecond

// checkPattern holds a value to AllowedPattern, a regular expression for the whole of it.
func checkPattern(pattern, value string) error {
	if pattern == "" {
		return nil
	}
	re, err := regexp2.Compile("^(?:"+pattern+`)\z`, regexp2.None)
	if err != nil {
		return api.Errorf("InvalidAllowedPatternException", "The request does not meet the regular expression requirement.")
	}
	re.MatchTimeout = matchTime
	if ok, err := re.MatchString(value); err != nil || !ok {
		return api.Errorf("ParameterPatternMismatchException", "Parameter value, cannot be validated against allowedPattern: %s", pattern)
	}
	return nil
}

// overwrite says why a parameter that exists takes no new version.
func overwrite(in *ssm.PutParameterInput, p parameter) error {
	if !aws.ToBool(in.Overwrite) {
		return api.Errorf("ParameterAlreadyExists",
			"The parameter already exists. To overwrite this value, set the overwrite option in the request to true.")
	}
	if in.Type != "" && in.Type != p.Type {
		return api.Errorf("HierarchyTypeMismatchException", "Parameter Store doesn't support changing a parameter type in a hierarchy.")
	}
	if in.AllowedPattern == nil {
		return checkPattern(p.Latest.Pattern, *in.Value)
	}
	return nil
}

func (s *Service) create(tx *meta.Tx, key string, in *ssm.PutParameterInput) (p parameter, err error) {
	if in.Type == "" {
		return p, invalid("A parameter type is required when you create a parameter.")
	}
	n, err := s.parameters.Count(tx)
	if err != nil {
		return p, err
	}
	if n >= maxParameters {
		return p, api.Errorf("ParameterLimitExceeded", "You have exceeded the number of parameters for this Amazon Web Services account. "+
			"Delete one or more parameters and try again.")
	}
	return parameter{Name: *in.Name, Type: in.Type, Oldest: 1}, tagged(tag.Add(tx, s.arn(key), tagMap(in.Tags)))
}

// versionOf is the version that a request makes; what it does not say stays as it was.
func (s *Service) versionOf(ctx context.Context, in *ssm.PutParameterInput, p parameter) version {
	who, _ := api.PrincipalOf(ctx)
	v := version{Number: p.Newest + 1, Value: *in.Value, Type: p.Type, Title: p.Name, By: who.ARN,
		Description: p.Latest.Description, Pattern: p.Latest.Pattern, At: s.Clock.Now().Truncate(time.Millisecond)}
	if in.Description != nil {
		v.Description = *in.Description
	}
	if in.AllowedPattern != nil {
		v.Pattern = *in.AllowedPattern
	}
	return v
}

// addVersion makes v the newest and forgets the oldest when there are too many.
func (s *Service) addVersion(tx *meta.Tx, key string, p *parameter, v version) error {
	if v.Number-p.Oldest >= maxVersions {
		if len(p.labelsOf(p.Oldest)) > 0 {
			return api.Errorf("ParameterMaxVersionLimitExceeded", "You attempted to create a new version of %s by calling the PutParameter API "+
				"with the overwrite flag. Version %d, the oldest version, can't be deleted because it has a label associated with it. "+
				"Move the label to another version of the parameter, and try again.", p.Name, p.Oldest)
		}
		if _, err := s.versions.Delete(tx, versionKey(key, p.Oldest)); err != nil {
			return err
		}
		p.Oldest++
	}
	p.Newest, p.Latest = v.Number, v
	if err := s.versions.Put(tx, versionKey(key, v.Number), v); err != nil {
		return err
	}
	return s.parameters.Put(tx, key, *p)
}

package ssm

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"penstock/internal/meta"
)

// A parameter is what all versions share, and the numbers of those that are kept.
type parameter struct {
	Name           string // as it was given when it was made
	Type           types.ParameterType
	Oldest, Newest int64
	Labels         map[string]int64 `json:",omitempty"`
	Latest         version
}

// A version is one value with what was said of it.
type version struct {
	Number                                 int64
	Value, Description, Pattern, By, Title string // Title is the parameter's name
	Type                                   types.ParameterType
	At                                     time.Time
}

const dataType = "text"

func versionKey(key string, n int64) string { return fmt.Sprintf("%s:%019d", key, n) }

// find reads a parameter.
func (s *Service) find(tx *meta.Tx, sel selector) (parameter, error) {
	p, found, err := s.parameters.Get(tx, sel.key)
	if err == nil && !found {
		err = notFound(sel.shown)
	}
	return p, err
}

// choose reads the version that a selector names, the newest when it names none.
func (s *Service) choose(tx *meta.Tx, sel selector) (version, error) {
	p, err := s.find(tx, sel)
	if err != nil || sel.suffix == "" {
		return p.Latest, err
	}
	n, kind := sel.version, "version"
	if sel.label != "" {
		n, kind = p.Labels[sel.label], "label"
	}
	v, found, err := s.versions.Get(tx, versionKey(sel.key, n))
	if err == nil && !found {
		err = noVersion(kind, sel.suffix[1:], p.Name)
	}
	return v, err
}

func (s *Service) sdk(v version, sel selector) types.Parameter {
	out := types.Parameter{Name: aws.String(v.Title), Type: v.Type, Value: aws.String(v.Value), Version: v.Number,
		LastModifiedDate: aws.Time(v.At), ARN: aws.String(s.arn(v.Title)), DataType: aws.String(dataType)}
	if sel.suffix != "" {
		out.Selector = aws.String(sel.suffix)
	}
	return out
}

// labelsOf are the labels of one version, sorted.
func (p *parameter) labelsOf(n int64) []string {
	var out []string
	for _, l := range slices.Sorted(maps.Keys(p.Labels)) {
		if p.Labels[l] == n {
			out = append(out, l)
		}
	}
	return out
}

func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

package template

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// A Parameter is a declared parameter.
type Parameter struct {
	Type                   string // String, Number, List<Number>, CommaDelimitedList, or one of those below
	Default                *string
	AllowedValues          []string
	AllowedPattern         string
	MinLength, MaxLength   string // numbers as text; "" is no limit
	MinValue, MaxValue     string
	Description, Complaint string
	NoEcho                 bool
}

// Types of parameters whose values are names in Parameter Store.
const (
	storedText  = "AWS::SSM::Parameter::Value<String>"
	storedList  = "AWS::SSM::Parameter::Value<List<String>>"
	storedComma = "AWS::SSM::Parameter::Value<CommaDelimitedList>"
)

func parameter(name string, m map[string]any) (p Parameter, err error) {
	for _, key := range slices.Sorted(maps.Keys(m)) {
		text, ok := scalarText(m[key])
		switch key {
		case "AllowedValues":
			list, isList := m[key].([]any)
			for _, v := range list {
				s, isScalar := scalarText(v)
				isList = isList && isScalar
				p.AllowedValues = append(p.AllowedValues, s)
			}
			ok = isList
		case "Default":
			p.Default = &text
		case "NoEcho":
			p.NoEcho = strings.EqualFold(text, "true")
		default:
			field := map[string]*string{"Type": &p.Type, "AllowedPattern": &p.AllowedPattern, "MinLength": &p.MinLength, "MaxLength": &p.MaxLength,
				"MinValue": &p.MinValue, "MaxValue": &p.MaxValue, "Description": &p.Description, "ConstraintDescription": &p.Complaint}[key]
			if field == nil {
				return p, errorf("Invalid template parameter property '%s'", key)
			}
			*field = text
		}
		if !ok {
			return p, errorf("Template format error: Every %s member of parameter %s must be a text.", key, name)
		}
	}
	return p, p.checkDeclaration(name)
}

func (p *Parameter) checkDeclaration(name string) error {
	switch p.Type {
	case "":
		return errorf("Template format error: Every Parameters object must contain a Type member.")
	case "String", "Number", "List<Number>", "CommaDelimitedList", storedText, storedList, storedComma:
	default:
		return errorf("Template format error: Penstock does not support the type %s of parameter %s yet; String, Number, List<Number>, "+
			"CommaDelimitedList, %s, %s and %s are.", p.Type, name, storedText, storedList, storedComma)
	}
	for _, n := range []string{p.MinLength, p.MaxLength, p.MinValue, p.MaxValue} {
		if _, ok := number(n); n != "" && !ok {
			return errorf("Template format error: a limit of parameter %s is not a number: %s", name, n)
		}
	}
	if _, err := regexp.Compile(p.AllowedPattern); err != nil {
		return errorf("Template format error: AllowedPattern of parameter %s: %v", name, err)
	}
	return nil
}

func number(s string) (*big.Rat, bool) {
	if len(s) > 64 || !jsonNumber().MatchString(s) || strings.ContainsAny(s, "eE") {
		return nil, false
	}
	return new(big.Rat).SetString(s)
}

func scalarText(v any) (string, bool) {
	switch x := v.(type) {
	case string:
		return x, true
	case json.Number:
		return x.String(), true
	case bool:
		return fmt.Sprint(x), true
	}
	return "", false
}

// Values checks the given parameters against the declarations and adds the defaults. The result holds a text, or a list of texts for the
// list types. The values of parameters of Parameter Store's types are what it holds under the names that are given.
func (t *Template) Values(given map[string]string, look Lookup) (map[string]any, error) {
	var unknown, missing []string
	var absent, unlike []string // of Parameter Store
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if _, ok := t.Parameters[name]; !ok {
			unknown = append(unknown, name)
		}
	}
	if unknown != nil {
		return nil, errorf("Parameters: [%s] do not exist in the template", strings.Join(unknown, ", "))
	}
	out := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(t.Parameters)) {
		p := t.Parameters[name]
		v, ok := given[name]
		if !ok && p.Default != nil {
			v, ok = *p.Default, true
		}
		if !ok {
			missing = append(missing, name)
			continue
		}
		if err := p.checkValue(name, v); err != nil {
			return nil, err
		}
		text, fits, err := p.text(name, v, look)
		switch {
		case err != nil:
			return nil, err
		case fits == absentStored:
			absent = append(absent, v)
		case fits == unlikeStored:
			unlike = append(unlike, v)
		}
		out[name] = p.value(text)
	}
	switch {
	case missing != nil:
		return nil, errorf("Parameters: [%s] must have values", strings.Join(missing, ", "))
	case absent != nil:
		return nil, errorf("Unable to fetch parameters [%s] from parameter store for this account.", strings.Join(absent, ","))
	case unlike != nil:
		return nil, errorf("Types for SSM parameters [%s] defined in CFN template and SSM are incompatible", strings.Join(unlike, ","))
	}
	return out, nil
}

// How what Parameter Store holds suits a parameter.
const (
	suits = iota
	absentStored
	unlikeStored
)

// text is the text of a parameter's value: what is stored under the name that it gives, or the value with its dynamic references replaced.
func (p *Parameter) text(name, v string, look Lookup) (text string, fits int, err error) {
	if !p.Stored() {
		text, err = replaced(v, func(selector string) (string, error) {
			if !strings.Contains(selector, ":") {
				return "", errorf("Template error: parameter %s should not contain ssm versionless resolver", name)
			}
			return look.found(selector)
		})
		return text, suits, err
	}
	if !selectorPattern().MatchString(v) && !strings.HasPrefix(v, "arn:") {
		return "", absentStored, nil // a label, which CloudFormation does not take
	}
	found, ok, err := look(v)
	switch {
	case err != nil:
		return "", suits, err
	case !ok:
		return "", absentStored, nil
	case (found.Type == "StringList") != p.list():
		return "", unlikeStored, nil
	}
	return found.Value, suits, nil
}

// Stored reports whether the parameter's value is a name in Parameter Store.
func (p *Parameter) Stored() bool {
	return p.Type == storedText || p.Type == storedList || p.Type == storedComma
}

// Shown is the text of what is stored under the parameter's name, as CloudFormation shows it: the elements of a list without the spaces
// around them.
func (p *Parameter) Shown(stored string) string {
	list, ok := p.value(stored).([]any)
	if !ok {
		return stored
	}
	parts := make([]string, len(list))
	for i := range list {
		parts[i] = list[i].(string)
	}
	return strings.Join(parts, ",")
}

func (p *Parameter) list() bool {
	return slices.Contains([]string{"CommaDelimitedList", "List<Number>", storedList, storedComma}, p.Type)
}

func (p *Parameter) value(v string) any {
	if !p.list() {
		return v
	}
	out := []any{}
	for s := range strings.SplitSeq(v, ",") {
		out = append(out, strings.TrimSpace(s))
	}
	return out
}

func (p *Parameter) checkValue(name, v string) error {
	complain := func(format string, args ...any) error {
		if p.Complaint != "" {
			return errorf("Parameter '%s' failed to satisfy constraint: %s", name, p.Complaint)
		}
		return errorf("Parameter '"+name+"' "+format, args...)
	}
	parts := []any{v}
	if p.list() && !p.Stored() { // of those that are stored, the name is held to the constraints
		parts = p.value(v).([]any)
	}
	for _, e := range parts {
		s := e.(string)
		if len(p.AllowedValues) > 0 && !slices.Contains(p.AllowedValues, s) {
			return complain("must be one of AllowedValues")
		}
		if p.Type == "Number" || p.Type == "List<Number>" {
			n, ok := number(s)
			if !ok {
				return errorf("Parameter '%s' must be a number.", name)
			}
			if low, ok := number(p.MinValue); ok && n.Cmp(low) < 0 {
				return complain("must be a number not less than %s", p.MinValue)
			}
			if high, ok := number(p.MaxValue); ok && n.Cmp(high) > 0 {
				return complain("must be a number not greater than %s", p.MaxValue)
			}
		}
	}
	if p.Type != "String" && !p.Stored() {
		return nil
	}
	return p.checkText(v, complain)
}

func (p *Parameter) checkText(v string, complain func(string, ...any) error) error {
	n := big.NewRat(int64(utf8.RuneCountInString(v)), 1)
	if low, ok := number(p.MinLength); ok && n.Cmp(low) < 0 {
		return complain("must contain at least %s characters", p.MinLength)
	}
	if high, ok := number(p.MaxLength); ok && n.Cmp(high) > 0 {
		return complain("must contain at most %s characters", p.MaxLength)
	}
	if p.AllowedPattern == "" {
		return nil
	}
	if ok, err := regexp.MatchString(`^(?:`+p.AllowedPattern+`)$`, v); err != nil || !ok {
		return complain("must match pattern %s", p.AllowedPattern)
	}
	return nil
}

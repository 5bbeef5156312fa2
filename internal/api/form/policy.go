package form

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"
	"time"

	"penstock/internal/api"
)

// A Policy is what a form's signer allows.
type Policy struct {
	expires    time.Time
	conditions []condition
}

// A condition holds for a field's value, or (op content-length-range) for the file's size.
type condition struct {
	op, field, value string
	min, max         int64
	text             string // as errors show it
}

const lengthRange = "content-length-range"

func invalid(format string, args ...any) error {
	return &api.Error{Code: "InvalidPolicyDocument", Status: 400, Message: "Invalid Policy: " + fmt.Sprintf(format, args...)}
}

func denied(format string, args ...any) error {
	return &api.Error{Code: "AccessDenied", Status: 403, Message: "Invalid according to Policy: " + fmt.Sprintf(format, args...)}
}

// ParsePolicy reads the policy field: JSON in base64.
func ParsePolicy(text string) (*Policy, error) {
	if text == "" {
		return nil, invalid("Expecting '{' but found End-of-Input")
	}
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, invalid("invalid Base64 encoding.")
	}
	var doc map[string]json.RawMessage
	if err := json.Unmarshal(raw, &doc); err != nil {
		return nil, invalid("Invalid JSON.")
	}
	for name := range doc {
		if name != "expiration" && name != "conditions" {
			return nil, invalid("Unexpected: %q", name)
		}
	}
	p := &Policy{}
	if p.expires, err = expiration(doc["expiration"]); err != nil {
		return nil, err
	}
	p.conditions, err = conditions(doc["conditions"])
	return p, err
}

func expiration(raw json.RawMessage) (time.Time, error) {
	if raw == nil {
		return time.Time{}, invalid("Policy missing expiration.")
	}
	var text string
	if json.Unmarshal(raw, &text) != nil {
		return time.Time{}, invalid("Invalid JSON.")
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, invalid("Invalid 'expiration' value: '%s'", text)
	}
	return t, nil
}

func conditions(raw json.RawMessage) ([]condition, error) {
	if raw == nil {
		return nil, invalid("Policy missing conditions.")
	}
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		return nil, invalid("Invalid 'conditions' value: must be a List.")
	}
	out := make([]condition, len(list))
	for i, one := range list {
		var err error
		switch one[0] {
		case '[':
			out[i], err = parseList(one)
		case '{':
			out[i], err = parseObject(one)
		default:
			err = invalid("Invalid condition test: must be a List or Object.")
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// parseList reads ["eq", "$field", "value"] and its kin.
func parseList(raw json.RawMessage) (condition, error) {
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		return condition{}, invalid("Invalid JSON.")
	}
	if len(list) == 0 {
		return condition{}, invalid("Invalid Condition: missing operation identifier.")
	}
	var c condition
	if json.Unmarshal(list[0], &c.op) != nil {
		return c, invalid("Invalid JSON.")
	}
	var text bytes.Buffer
	if json.Compact(&text, raw) != nil {
		return c, invalid("Invalid JSON.")
	}
	c.text = text.String()
	op := strings.ToLower(c.op)
	if op != "eq" && op != "starts-with" && op != lengthRange {
		return c, invalid("Invalid Condition: unknown operation '%s'.", c.op)
	}
	if len(list) != 3 {
		return c, invalid("Invalid %s: wrong number of arguments.", c.op)
	}
	c.op = op
	if op == lengthRange {
		if !whole(list[1], &c.min) || !whole(list[2], &c.max) {
			return c, invalid("Invalid JSON.")
		}
		return c, nil
	}
	if json.Unmarshal(list[1], &c.field) != nil || json.Unmarshal(list[2], &c.value) != nil {
		return c, invalid("Invalid JSON.")
	}
	return c, nil
}

// whole reads a number of bytes, which some clients write as a text.
func whole(raw json.RawMessage, n *int64) bool {
	return json.Unmarshal(bytes.Trim(raw, `"`), n) == nil && *n >= 0
}

// parseObject reads {"field": "value"}.
func parseObject(raw json.RawMessage) (condition, error) {
	var doc map[string]json.RawMessage
	if json.Unmarshal(raw, &doc) != nil {
		return condition{}, invalid("Invalid JSON.")
	}
	if len(doc) != 1 {
		return condition{}, invalid("Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.")
	}
	c := condition{op: "eq"}
	for name, value := range doc {
		if json.Unmarshal(value, &c.value) != nil {
			return c, invalid("Invalid Simple-Condition: value must be a string.")
		}
		c.field = "$" + name
	}
	c.text = fmt.Sprintf("[\"eq\", %q, %q]", c.field, c.value)
	return c, nil
}

// exempt holds for fields that a policy need not name.
func exempt(field string) bool {
	return strings.HasPrefix(field, "x-ignore-") ||
		slices.Contains([]string{"policy", "x-amz-signature", "signature", "awsaccesskeyid", "file"}, field)
}

// Check holds fields, the bucket among them, against the policy at an instant. It returns the range of sizes that the file may have.
func (p *Policy) Check(now time.Time, fields map[string]string) (least, most int64, err error) {
	if now.After(p.expires) {
		return 0, 0, denied("Policy expired.")
	}
	most = math.MaxInt64
	named := map[string]bool{}
	for _, c := range p.conditions {
		if c.op == lengthRange {
			least, most = max(least, c.min), min(most, c.max)
			continue
		}
		name, ok := strings.CutPrefix(strings.ToLower(c.field), "$")
		if !ok || !c.holds(name, fields[name]) {
			return 0, 0, denied("Policy Condition failed: %s", c.text)
		}
		named[name] = true
	}
	var extra []string
	for name := range fields {
		if !named[name] && !exempt(name) {
			extra = append(extra, name)
		}
	}
	if len(extra) > 0 {
		sort.Strings(extra)
		return 0, 0, denied("Extra input fields: %s", strings.Join(extra, ", "))
	}
	return least, most, nil
}

func (c condition) holds(name, value string) bool {
	if c.op == "eq" {
		return value == c.value
	}
	if name != "content-type" {
		return strings.HasPrefix(value, c.value)
	}
	for _, one := range strings.Split(value, ",") { // a list of types, each of which must fit
		if !strings.HasPrefix(strings.TrimSpace(one), c.value) {
			return false
		}
	}
	return true
}

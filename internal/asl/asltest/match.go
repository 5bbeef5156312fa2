package asltest

import (
	"encoding/json"
	"reflect"
	"regexp"
	"strings"
)

// dropped are members that differ from run to run.
var dropped = map[string]bool{"timestamp": true, "id": true, "previousEventId": true, "roleArn": true, "mapRunArn": true}

// words stand in the recordings for values that differ from run to run.
var words = map[string]bool{"snf_role_arn": true, "timestamp": true, "datetime": true, "date": true, "RandomNumberGenerated": true,
	"snf_role_arn_t1": true, "snf_role_arn_t2": true, "sfn_role_arn": true}

// embedded are members that hold JSON as text.
var embedded = map[string]bool{"input": true, "output": true, "parameters": true, "cause": true}

// clean drops what is not compared of an event and parses JSON that stands in strings of its details.
func clean(event map[string]any) map[string]any {
	out := map[string]any{}
	for k, v := range event {
		if dropped[k] {
			continue
		}
		if details, ok := v.(map[string]any); ok {
			d := map[string]any{}
			for name, m := range details {
				if !dropped[name] {
					d[name] = parsed(name, m)
				}
			}
			v = d
		}
		out[k] = v
	}
	return out
}

func parsed(name string, v any) any {
	if s, ok := v.(string); ok && embedded[name] {
		var out any
		if json.Unmarshal([]byte(s), &out) == nil {
			return out
		}
	}
	return v
}

var placeholder = regexp.MustCompile(`<[A-Za-z0-9_:-]+>`)

// wild is the pattern of a text with placeholders, or nil.
func wild(s string) *regexp.Regexp {
	if !placeholder.MatchString(s) {
		return nil
	}
	parts := placeholder.Split(s, -1)
	for i, p := range parts {
		parts[i] = regexp.QuoteMeta(p)
	}
	return regexp.MustCompile(`^(?s:` + strings.Join(parts, `.+`) + `)$`)
}

// Match reports whether an answer equals a recorded one, whose placeholders stand for any text.
func Match(want, have any) bool { return match(want, have) }

func match(want, have any) bool {
	switch w := want.(type) {
	case string:
		if words[w] {
			return true
		}
		h, ok := have.(string)
		if re := wild(w); re != nil {
			return ok && re.MatchString(h)
		}
		if ok && w != h { // JSON as text, which the recordings spell in their own way
			var a, b any
			return (strings.HasPrefix(w, "{") || strings.HasPrefix(w, "[")) && json.Unmarshal([]byte(w), &a) == nil &&
				json.Unmarshal([]byte(h), &b) == nil && match(a, b)
		}
	case map[string]any:
		h, ok := have.(map[string]any)
		if !ok || len(w) != len(h) {
			return false
		}
		for k := range w {
			if _, ok := h[k]; !ok || !match(w[k], h[k]) {
				return false
			}
		}
		return true
	case []any:
		h, ok := have.([]any)
		if !ok || len(w) != len(h) {
			return false
		}
		for i := range w {
			if !match(w[i], h[i]) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(want, have)
}

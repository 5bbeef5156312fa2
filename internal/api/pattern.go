package api

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// A pattern is a text with members' values in braces.
type pattern []piece

// A piece is literal text, {region}, {account}, or a member.
type piece struct {
	text string
	path []step // nil: not a member
	arn  bool   // a value that is an ARN is the whole text
}

// A step leads from a value to a member of it, and to the elements of a list.
type step struct {
	index []int
	each  bool
}

func bindPattern(t reflect.Type, text string) (p pattern, err error) {
	for text != "" {
		before, rest, found := strings.Cut(text, "{")
		if before != "" {
			p = append(p, piece{text: before})
		}
		if !found {
			break
		}
		name, after, ok := strings.Cut(rest, "}")
		if !ok {
			return nil, fmt.Errorf("%q has no closing brace", text)
		}
		text = after
		if name == "region" || name == "account" {
			p = append(p, piece{text: "{" + name + "}"})
			continue
		}
		name, arn := strings.CutSuffix(name, "|arn")
		path, err := bindPath(t, name)
		if err != nil {
			return nil, err
		}
		p = append(p, piece{path: path, arn: arn})
	}
	return p, nil
}

// bindPath finds the fields of a path such as "Tagging.TagSet[].Key" once, so that a call need not.
func bindPath(t reflect.Type, path string) (out []step, err error) {
	for _, name := range strings.Split(path, ".") {
		base, each := strings.CutSuffix(name, "[]")
		for t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		if t.Kind() != reflect.Struct {
			return nil, fmt.Errorf("%s has no member %s", t, base)
		}
		f, ok := t.FieldByName(base)
		if !ok {
			return nil, fmt.Errorf("%s has no member %s", t, base)
		}
		out, t = append(out, step{index: f.Index, each: each}), f.Type
		if each {
			if t.Kind() != reflect.Slice {
				return nil, fmt.Errorf("%s is no list", base)
			}
			t = t.Elem()
		}
	}
	return out, nil
}

// reach returns the values that a path leads to; those that are not set are left out.
func reach(v reflect.Value, path []step) []reflect.Value {
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return nil
		}
		v = v.Elem()
	}
	if len(path) == 0 {
		return []reflect.Value{v}
	}
	f := v.FieldByIndex(path[0].index)
	if !path[0].each {
		if f.IsZero() {
			return nil
		}
		return reach(f, path[1:])
	}
	var out []reflect.Value
	for i := range f.Len() {
		out = append(out, reach(f.Index(i), path[1:])...)
	}
	return out
}

// values are the texts that a path leads to.
func values(v reflect.Value, path []step) (out []string) {
	for _, r := range reach(v, path) {
		if r.Kind() == reflect.Slice && r.Type().Elem().Kind() == reflect.String {
			for i := range r.Len() {
				out = append(out, r.Index(i).String())
			}
			continue
		}
		if s, ok := text(r); ok {
			out = append(out, s)
		}
	}
	return out
}

// text is a scalar as a policy's condition sees it.
func text(v reflect.Value) (string, bool) {
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return "", false
		}
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.Struct:
		if at, ok := v.Interface().(time.Time); ok {
			return at.UTC().Format(time.RFC3339), true
		}
	case reflect.String:
		return v.String(), true
	case reflect.Bool:
		return strconv.FormatBool(v.Bool()), true
	case reflect.Int32, reflect.Int64:
		return strconv.FormatInt(v.Int(), 10), true
	}
	return "", false
}

// expand returns the texts of a pattern, one for each value of a member with several, none when a member is not set.
func (p pattern) expand(at Place, v reflect.Value) []string {
	out := []string{""}
	var whole []string
	for _, pc := range p {
		vs := []string{pc.text}
		switch {
		case pc.path != nil:
			vs = values(v, pc.path)
		case pc.text == "{region}":
			vs[0] = at.Region
		case pc.text == "{account}":
			vs[0] = at.Account
		}
		var next []string
		for _, value := range vs {
			if pc.arn && strings.HasPrefix(value, "arn:") {
				whole = append(whole, value)
				continue
			}
			for _, before := range out {
				next = append(next, before+value)
			}
		}
		out = next
	}
	return append(whole, out...)
}

// Package apitest holds a service to what its table says: every listed member exists, every unlisted one is refused by name, every
// honoured one has a test. It is used by tests only and knows no service.
package apitest

import (
	"context"
	"fmt"
	"reflect"
	"sort"
	"strings"
	"testing"

	"penstock/internal/api"
)

// Account is the number of the account that tests run in.
const Account = "000000000000"

// Context returns a context that carries the account's root as caller.
func Context(t testing.TB) context.Context {
	return api.WithPrincipal(t.Context(), api.Principal{ARN: "arn:aws:iam::" + Account + ":root", Account: Account, AccessKeyID: "AKIATEST"})
}

// Covered fails unless paths names every Honours path of the service, each as "Op.Path", and nothing else.
func Covered(t *testing.T, svc api.Service, paths []string) {
	t.Helper()
	have := map[string]bool{}
	for _, p := range paths {
		have[p] = true
	}
	for _, op := range svc.Ops {
		for _, m := range op.Members {
			if m.Inert != "" {
				continue
			}
			key := op.Name + "." + m.Path
			if !have[key] {
				t.Errorf("%s is honoured but no test varies it", key)
			}
			delete(have, key)
		}
	}
	for p := range have {
		t.Errorf("a test varies %s, which is not honoured", p)
	}
}

// Check fails when the service lists an operation twice, one of Penstock's own under a name like AWS's, one that does not say what it asks
// of IAM, or a member that the operation's input has not; and when a member that is not listed, set alone, is not refused by its name, or
// is refused with a value that asks for nothing.
func Check(t *testing.T, svc api.Service) {
	t.Helper()
	for _, p := range problems(svc) {
		t.Error(p)
	}
}

func problems(svc api.Service) (found []string) {
	if svc.SDK == "" {
		found = append(found, svc.Name+" has no name in AWS's SDK for Java")
	}
	seen := map[string]bool{}
	for _, op := range svc.Ops {
		if seen[op.Name] {
			found = append(found, op.Name+" is listed twice")
		}
		seen[op.Name] = true
		if op.Own != strings.HasPrefix(op.Name, "Penstock") {
			found = append(found, op.Name+": the names of operations that AWS has not, and only they, begin with Penstock")
		}
		for _, m := range op.Members {
			if !api.HasPath(op.In, m.Path, svc.Unions...) {
				found = append(found, fmt.Sprintf("%s lists %s, which %s has not", op.Name, m.Path, op.In))
			}
		}
		if err := svc.AccessOf(op); err != nil {
			found = append(found, err.Error())
		}
		found = append(found, refusals(op)...)
		found = append(found, neutrals(op)...)
	}
	return found
}

// maxDepth is how deep members are set.
const maxDepth = 5

// refusals sets each member of the input that the operation does not list, alone: to a value that asks for something, and expects its name
// back; to false, 0, "" or an empty list, and expects no refusal.
func refusals(op api.Op) (found []string) {
	walk(op.In, "", maxDepth, func(path string, t reflect.Type, put func(reflect.Value) reflect.Value) {
		v, ok := sample(t, maxDepth)
		if !ok {
			return
		}
		got := op.Refuses(put(v).Interface())
		switch {
		case got == "" && !covered(op, path):
			found = append(found, fmt.Sprintf("%s: setting %s alone is not refused", op.Name, path))
		case got != "" && !strings.HasPrefix(path, got) && !strings.HasPrefix(got, path):
			found = append(found, fmt.Sprintf("%s: setting %s alone is refused as %s", op.Name, path, got))
		case got == path:
			for _, v := range nothings(t) {
				if asked := op.Refuses(put(v).Interface()) != ""; asked != asks(op, path) {
					found = append(found, fmt.Sprintf("%s: setting %s to nothing: refused %v", op.Name, path, asked))
				}
			}
		}
	})
	sort.Strings(found)
	return found
}

// asks reports whether an operation says of a member that its false, 0 or "" asks for something.
func asks(op api.Op, path string) bool {
	for _, n := range op.Neutral {
		if n.Path == path && n.Values == nil {
			return true
		}
	}
	return false
}

// neutrals sets each neutral value of the operation's table, alone, and expects no refusal; and finds entries of the table that stand for
// no member, or for one that is listed.
func neutrals(op api.Op) (found []string) {
	left := map[string][]string{}
	for _, n := range op.Neutral {
		left[strings.TrimSuffix(n.Path, "[]")] = n.Values
		if covered(op, n.Path) {
			found = append(found, fmt.Sprintf("%s: %s is listed: its handler sees the value, neutral or not", op.Name, n.Path))
		}
	}
	walk(op.In, "", maxDepth, func(path string, t reflect.Type, put func(reflect.Value) reflect.Value) {
		for _, text := range left[path] {
			v, ok := valueOf(t, text)
			if got := op.Refuses(put(v).Interface()); !ok || got != "" {
				found = append(found, fmt.Sprintf("%s: %s = %s, which asks for nothing, is refused", op.Name, path, text))
			}
		}
		delete(left, path)
	})
	for path := range left {
		found = append(found, fmt.Sprintf("%s has neutral values of %s, which %s has not", op.Name, path, op.In))
	}
	sort.Strings(found)
	return found
}

// covered reports whether a listed path names path or something above it that has no finer list.
func covered(op api.Op, path string) bool {
	for _, m := range op.Members {
		p := strings.TrimSuffix(m.Path, ".*")
		if p == path || strings.HasPrefix(p, path+".") || strings.HasPrefix(p, path+"[") || strings.HasPrefix(p, path+"{") {
			return true
		}
		if strings.HasPrefix(path, p+".") || strings.HasPrefix(path, p+"[") || strings.HasPrefix(path, p+"{") {
			return true
		}
	}
	return false
}

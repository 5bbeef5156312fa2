package ssm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"penstock/internal/api"
	"penstock/internal/api/apitest"
	"penstock/internal/meta/doc"
	"penstock/internal/meta/tag"
	"penstock/internal/module"
	"penstock/internal/module/moduletest"
)

func fresh(t *testing.T) (api.Invoker, context.Context) {
	env := moduletest.New(t, doc.Schema, tag.Schema)
	return moduletest.Table(t, env, New(env).API())
}

func TestTable(t *testing.T) { apitest.Check(t, New(module.Env{}).API()) }

func TestHonours(t *testing.T) {
	apitest.Vary(t, "testdata/honours.test", New(module.Env{}).API(), fresh)
}

// TestAnswers runs testdata/answers.test on one service.
func TestAnswers(t *testing.T) {
	file, err := os.ReadFile("testdata/answers.test")
	if err != nil {
		t.Fatal(err)
	}
	inv, ctx := fresh(t)
	call := ""
	for _, line := range strings.Split(string(file), "\n") {
		want, answer := strings.CutPrefix(line, "= ")
		switch {
		case strings.HasPrefix(line, "#"):
		case !answer:
			call = strings.ReplaceAll(line, "$LONG", strings.Repeat("x", 4097))
		default:
			if got := ask(ctx, inv, call); !strings.Contains(got, want) {
				t.Errorf("%.200s\ngot  %s\nwant %s", call, got, want)
			}
		}
	}
}

// ask makes a call "Op {json}" and returns its answer, or its error as "code: text".
func ask(ctx context.Context, inv api.Invoker, call string) string {
	op, in, _ := strings.Cut(call, " ")
	out, err := inv.Invoke(ctx, "ssm", op, json.RawMessage(in))
	var e *api.Error
	if errors.As(err, &e) {
		return e.Code + ": " + e.Message
	}
	return fmt.Sprintf("%s", out)
}

// TestVersionsThatAreKept: a hundred; the oldest goes, unless it has a label.
func TestVersionsThatAreKept(t *testing.T) {
	inv, ctx := fresh(t)
	for i := range maxVersions + 1 {
		ask(ctx, inv, fmt.Sprintf(`PutParameter {"Name":"a","Value":"v%d","Type":"String","Overwrite":true}`, i+1))
	}
	if got := ask(ctx, inv, `GetParameter {"Name":"a:1"}`); !strings.Contains(got, "could not find version 1") {
		t.Error(got)
	}
	if got := ask(ctx, inv, `GetParameter {"Name":"a:2"}`); !strings.Contains(got, `"Value":"v2"`) {
		t.Error(got)
	}
	ask(ctx, inv, `LabelParameterVersion {"Name":"a","ParameterVersion":2,"Labels":["keep"]}`)
	got := ask(ctx, inv, `PutParameter {"Name":"a","Value":"x","Overwrite":true}`)
	if !strings.Contains(got, "Version 2, the oldest version, can't be deleted") {
		t.Error(got)
	}
	ask(ctx, inv, `DeleteParameter {"Name":"a"}`)
	if got := ask(ctx, inv, `GetParameterHistory {"Name":"a"}`); !strings.Contains(got, "ParameterNotFound") {
		t.Error(got)
	}
}

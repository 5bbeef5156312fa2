package coverage

import (
	"context"
	"flag"
	"os"
	"testing"

	"penstock/internal/api"
)

var update = flag.Bool("update", false, "rewrite testdata")

type GetCallerIdentityInput struct{ Name, Note *string }
type GetCallerIdentityOutput struct{}
type PenstockDoInput struct{}

func TestText(t *testing.T) {
	op := api.Handle(func(context.Context, *GetCallerIdentityInput) (*GetCallerIdentityOutput, error) { return nil, nil },
		api.Honours("Name"), api.Inert("Note", "stored | returned"))
	mine := api.Handle(func(context.Context, *PenstockDoInput) (*GetCallerIdentityOutput, error) { return nil, nil }, api.Own())
	got, err := Text([]api.Service{{Name: "sts", Ops: []api.Op{op, mine}}}, []string{"AWS::S3::Bucket"})
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("testdata/coverage.md", []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/coverage.md")
	if err != nil || got != string(want) {
		t.Errorf("%v, got\n%s", err, got)
	}
}

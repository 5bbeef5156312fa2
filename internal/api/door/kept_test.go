package door_test

import (
	"context"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	gluetypes "github.com/aws/aws-sdk-go-v2/service/glue/types"

	"penstock/internal/api"
	"penstock/internal/api/door"
	"penstock/internal/clock"
)

// TestKeptAnswers asks for an answer that is kept: its text is that of the general way, and is not made again.
func TestKeptAnswers(t *testing.T) {
	table := func(name string) *glue.GetTableOutput {
		return &glue.GetTableOutput{Table: &gluetypes.Table{Name: aws.String(name), Parameters: map[string]string{"b": "2", "a": "\u00e9\""}}}
	}
	one := &api.Kept{Out: table("t")}
	keeps := false
	general := func(context.Context, *glue.GetTableInput) (*glue.GetTableOutput, error) { return table("t"), nil }
	keep := func(context.Context, *glue.GetTableInput) (*api.Kept, error) { return one, nil }
	ask := func() string {
		opts := []api.Option{api.Honours("DatabaseName", "Name")}
		if keeps {
			opts = append(opts, api.Keeps(keep))
		}
		keys := func(k string) (string, api.Principal, bool) {
			return "secret", api.Principal{Account: "000000000000", AccessKeyID: k}, true
		}
		services := []api.Service{{Name: "glue", Ops: []api.Op{api.Handle(general, opts...)}}}
		srv := httptest.NewServer(door.New(api.Only("us-east-1", api.NewTable(services, nil)), keys, clock.Real{}, nil))
		defer srv.Close()
		w := &world{url: srv.URL}
		status, _, text := w.send(t, "glue", "POST", "/", map[string]string{"X-Amz-Target": "AWSGlue.GetTable",
			"Content-Type": "application/x-amz-json-1.1"}, `{"DatabaseName":"d","Name":"t"}`)
		if status != 200 {
			t.Fatal(status, text)
		}
		return text
	}
	want := ask()
	keeps = true
	if got := ask(); got != want {
		t.Errorf("kept %s\nwant %s", got, want)
	}
	one.Out = table("other") // nobody does so: it shows that the text was kept
	if got := ask(); got != want {
		t.Errorf("the text was made again: %s", got)
	}
}

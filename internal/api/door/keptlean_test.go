package door_test

import (
	"context"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	gluetypes "github.com/aws/aws-sdk-go-v2/service/glue/types"

	"penstock/internal/api"
	"penstock/internal/api/door"
	"penstock/internal/clock"
)

// keptService has one operation whose answers are kept and one whose are not.
func keptService() api.Service {
	table := &api.Kept{Out: &glue.GetTableOutput{Table: &gluetypes.Table{Name: aws.String("t"),
		Parameters: map[string]string{"a": "\u00e9\""}}}}
	kept := func(_ context.Context, in *glue.GetTableInput) (*api.Kept, error) {
		if aws.ToString(in.Name) != "t" {
			return nil, &api.Error{Code: "EntityNotFoundException", Status: 400, Message: "There is no " + aws.ToString(in.Name) + "."}
		}
		return table, nil
	}
	whole := func(ctx context.Context, in *glue.GetTableInput) (*glue.GetTableOutput, error) {
		k, err := kept(ctx, in)
		if err != nil {
			return nil, err
		}
		return k.Out.(*glue.GetTableOutput), nil
	}
	other := func(context.Context, *glue.GetDatabaseInput) (*glue.GetDatabaseOutput, error) {
		return &glue.GetDatabaseOutput{Database: &gluetypes.Database{Name: aws.String("d")}}, nil
	}
	return api.Service{Name: "glue", Ops: []api.Op{api.Handle(whole, api.Keeps(kept), api.Honours("DatabaseName", "Name")),
		api.Handle(other, api.Honours("Name"))}}
}

// leanWorld serves the service; short, when it is not nil, is told of each request that had a short way.
func leanWorld(t *testing.T, short func(*http.Request)) *world {
	t.Helper()
	keys := func(k string) (string, api.Principal, bool) {
		return "secret", api.Principal{Account: "000000000000", AccessKeyID: k}, true
	}
	h := door.New(api.Only("us-east-1", api.NewTable([]api.Service{keptService()}, nil)), keys, clock.Real{}, nil)
	l, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	var lean *door.Lean
	if plain := door.Plain(h); short != nil {
		lean = &door.Lean{Plain: func(w http.ResponseWriter, r *http.Request) bool {
			ok := plain(w, r)
			if ok {
				short(r)
			}
			return ok
		}}
	}
	srv := &http.Server{Handler: h, ConnContext: door.WithWhole, ConnState: door.ConnState}
	served := make(chan error)
	go func() { served <- srv.Serve(door.WholeAnswers(l, lean)) }()
	t.Cleanup(func() { srv.Close(); <-served })
	return &world{url: "http://" + l.Addr().String()}
}

// TestKeptAnswersTheShortWay asks a server with the lean way and one without it the same: the answers are the same, and only what is
// answered in full has a short way.
func TestKeptAnswersTheShortWay(t *testing.T) {
	var short int
	with, without := leanWorld(t, func(*http.Request) { short++ }), leanWorld(t, nil)
	ask := func(w *world, target, body string, more map[string]string) (int, string, string) {
		header := map[string]string{"X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.1"}
		for k, v := range more {
			header[k] = v
		}
		status, h, text := w.send(t, "glue", "POST", "/", header, body)
		h.Del("X-Amzn-Requestid")
		h.Del("Date")
		var lines []string
		for _, name := range []string{"Content-Type", "Content-Length", "Connection", "X-Amzn-Errortype"} {
			lines = append(lines, h.Get(name))
			h.Del(name)
		}
		if len(h) > 0 {
			t.Errorf("further headers: %v", h)
		}
		return status, strings.Join(lines, "|"), text
	}
	for _, c := range []struct {
		target, body string
		header       map[string]string
		short        bool
	}{
		{"AWSGlue.GetTable", `{"DatabaseName":"d","Name":"t"}`, nil, true},
		{"AWSGlue.GetTable", `{"DatabaseName":"d","Name":"none"}`, nil, false},
		{"AWSGlue.GetTable", `{"DatabaseName":"d","Name":"t","CatalogId":"other"}`, nil, false},
		{"AWSGlue.GetTable", `{"DatabaseName":`, nil, false},
		{"AWSGlue.GetTable", `{"Name":"t"}`, nil, false},
		{"AWSGlue.GetTable", `{"DatabaseName":"d","Name":"t"}`, map[string]string{"X-Amz-Content-Sha256": strings.Repeat("0", 64)}, false},
		{"AWSGlue.GetDatabase", `{"Name":"d"}`, nil, false},
		{"AWSGlue.Nothing", `{}`, nil, false},
		{"Other.GetTable", `{"DatabaseName":"d","Name":"t"}`, nil, false},
	} {
		status, header, text := ask(without, c.target, c.body, c.header)
		for tries := 0; ; tries++ { // net/http may still be busy with the end of the answer before
			short = 0
			gotStatus, gotHeader, gotText := ask(with, c.target, c.body, c.header)
			if gotStatus != status || gotHeader != header || gotText != text {
				t.Errorf("%s %s %v: answered %d %s %s, the general way %d %s %s", c.target, c.body, c.header, gotStatus, gotHeader, gotText,
					status, header, text)
			}
			if !c.short && short > 0 || c.short && tries == 1000 {
				t.Errorf("%s %s: a short way: %v", c.target, c.body, !c.short)
			}
			if !c.short && tries == 20 || c.short && (short > 0 || tries == 1000) {
				break
			}
		}
	}
}

package run

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"
)

// TestInterruptedSendIsWithdrawn: an interrupt while the server has a statement and its answer is still on the way cancels the statement.
func TestInterruptedSendIsWithdrawn(t *testing.T) {
	for _, together := range []bool{false, true} {
		ctx, interrupt := context.WithCancel(t.Context())
		cancelled := ""
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				t.Error(err)
			}
			_, op, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
			switch op {
			case "ExecuteStatement", "BatchExecuteStatement":
				interrupt()
				w.Write([]byte(`{"Id":"11111111-2222-3333-4444-555555555555"}`))
			case "CancelStatement":
				var in struct{ Id string }
				if err := json.Unmarshal(body, &in); err != nil {
					t.Error(err)
				}
				cancelled = in.Id
				w.Write([]byte(`{"Status":true}`))
			default:
				t.Errorf("%s is called", op)
			}
		}))
		keys := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIA", SecretAccessKey: "secret"}, nil
		})
		r := &Runner{data: redshiftdata.New(redshiftdata.Options{Region: "us-east-1", BaseEndpoint: &server.URL, Credentials: keys,
			HTTPClient: server.Client()})}
		var err error
		if together {
			_, err = r.QueryTogether(ctx, []string{"SELECT 1", "SELECT 2"})
		} else {
			_, err = r.Query(ctx, "SELECT 1")
		}
		if !errors.Is(err, context.Canceled) || cancelled != "11111111-2222-3333-4444-555555555555" {
			t.Errorf("together %v: %v, cancelled %q", together, err, cancelled)
		}
		server.Close()
	}
}

package cli

import (
	"bytes"
	"encoding/json"
	"testing"

	"penstock/internal/server"
)

func TestEnvAsJSON(t *testing.T) {
	var out bytes.Buffer
	a := &app{stdout: &out, json: true}
	holder := server.Holder{Endpoint: "http://127.0.0.1:4580", Warehouse: "127.0.0.1:5439"}
	if err := a.exports(holder, server.Credentials{AccessKeyID: "AKIA", User: "admin"}); err != nil {
		t.Fatal(err)
	}
	var got map[string]string
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatalf("%v: %s", err, out.Bytes())
	}
	if got["AWS_ENDPOINT_URL"] != holder.Endpoint || got["PGPORT"] != "5439" || got["AWS_ACCESS_KEY_ID"] != "AKIA" || got["PGUSER"] != "admin" {
		t.Errorf("got %v", got)
	}
}

package cli

import (
	"bytes"
	"encoding/json"
	"testing"

	"penstock/internal/server"
)

func TestEnvAsJSON(t *testing.T) {
	var out bytes.Buffer
	a := &app{stdout: &out, json: true, getenv: func(string) string { return "" }}
	holder := server.Holder{Endpoint: "http://127.0.0.1:4580", Warehouse: "127.0.0.1:5439", Regions: []string{"eu-west-1", "us-east-1"}}
	if err := a.exports(holder, server.Credentials{AccessKeyID: "AKIA"}, login{region: "eu-west-1", host: "127.0.0.1", port: "5439",
		user: "admin"}); err != nil {
		t.Fatal(err)
	}
	var got map[string]string
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatalf("%v: %s", err, out.Bytes())
	}
	if got["AWS_ENDPOINT_URL"] != holder.Endpoint || got["PGPORT"] != "5439" || got["AWS_ACCESS_KEY_ID"] != "AKIA" ||
		got["PGUSER"] != "admin" || len(got) != 11 {
		t.Errorf("got %v", got)
	}
	if got["AWS_REGION"] != "eu-west-1" || got["AWS_DEFAULT_REGION"] != "eu-west-1" || got["PENSTOCK_REGIONS"] != "eu-west-1,us-east-1" ||
		got["RCLONE_S3_REGION"] != "eu-west-1" {
		t.Errorf("regions %v", got)
	}
}

// TestTrustTakesNothingAway: what is exported for TLS adds to what programs trust, and an SSL_CERT_FILE of the user's stays.
func TestTrustTakesNothingAway(t *testing.T) {
	local := server.Trust{File: "/d/ca.crt", Bundle: "/d/bundle.crt"}
	for _, c := range []struct {
		name, endpoint, set string
		trust               server.Trust
		want                map[string]string
		noted               bool
	}{
		{"plain", "http://x", "", local,
			map[string]string{"PGSSLROOTCERT": "/d/ca.crt", "NODE_EXTRA_CA_CERTS": "/d/ca.crt", "SSL_CERT_FILE": "/d/bundle.crt"}, false},
		{"tls", "https://x", "/d/bundle.crt", local, map[string]string{"AWS_CA_BUNDLE": "/d/ca.crt", "SSL_CERT_FILE": "/d/bundle.crt"}, false},
		{"the system's", "http://x", "/etc/ssl/certs/ca-certificates.crt", local, map[string]string{"SSL_CERT_FILE": "/d/bundle.crt"}, false},
		{"set", "https://x", "/mine", local, map[string]string{"AWS_CA_BUNDLE": "/d/ca.crt", "SSL_CERT_FILE": ""}, true},
		{"no bundle", "http://x", "", server.Trust{File: "/d/ca.crt"}, map[string]string{"AWS_CA_BUNDLE": "", "SSL_CERT_FILE": ""}, true},
		{"own", "https://x", "", server.Trust{Own: "/my.pem"},
			map[string]string{"AWS_CA_BUNDLE": "", "SSL_CERT_FILE": "", "PGSSLROOTCERT": "", "NODE_EXTRA_CA_CERTS": ""}, false},
	} {
		a := &app{getenv: func(string) string { return c.set }}
		vars, note := a.trusts(server.Holder{Endpoint: c.endpoint, Warehouse: "127.0.0.1:5439", TLS: c.trust}, login{})
		got := map[string]string{}
		for _, v := range vars {
			got[v.name] = v.value
		}
		for name, want := range c.want {
			if got[name] != want {
				t.Errorf("%s: %s is %q, want %q", c.name, name, got[name], want)
			}
		}
		if (note != "") != c.noted {
			t.Errorf("%s: note %q", c.name, note)
		}
	}
}

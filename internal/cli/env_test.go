package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"penstock/internal/certs"
	"penstock/internal/server"
	"penstock/internal/vfs"
)

func TestEnvAsJSON(t *testing.T) {
	var out bytes.Buffer
	a := &app{stdout: &out, json: true, getenv: func(string) string { return "" }}
	holder := server.Holder{Endpoint: "http://127.0.0.1:4580", Warehouse: "127.0.0.1:5439", Regions: []string{"eu-west-1", "us-east-1"}}
	if err := a.exports(holder, server.Credentials{AccessKeyID: "AKIA", SecretAccessKey: "s"},
		login{region: "eu-west-1", host: "127.0.0.1", port: "5439", user: "admin", database: "dev"}); err != nil {
		t.Fatal(err)
	}
	var got map[string]string
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatalf("%v: %s", err, out.Bytes())
	}
	if got["AWS_ENDPOINT_URL"] != holder.Endpoint || got["PGPORT"] != "5439" || got["AWS_ACCESS_KEY_ID"] != "AKIA" ||
		got["PGUSER"] != "admin" || len(got) != 12 {
		t.Errorf("got %v", got)
	}
	if got["AWS_REGION"] != "eu-west-1" || got["AWS_DEFAULT_REGION"] != "eu-west-1" || got["PENSTOCK_REGIONS"] != "eu-west-1,us-east-1" ||
		got["RCLONE_S3_REGION"] != "eu-west-1" || got["RCLONE_S3_LOCATION_CONSTRAINT"] != "eu-west-1" {
		t.Errorf("regions %v", got)
	}
}

// TestTrustTakesNothingAway: what is exported for TLS adds to what programs trust, and what is the user's own stays; what is another data
// directory's goes.
func TestTrustTakesNothingAway(t *testing.T) {
	local := server.Trust{File: "/d/tls/ca.crt", Bundle: "/d/tls/bundle.crt"}
	other := filepath.Join(t.TempDir(), certs.Folder)
	if _, err := certs.Local(vfs.OS{}, other, nil, time.Now); err != nil {
		t.Fatal(err)
	}
	ca := filepath.Join(other, certs.AuthorityName)
	mine := filepath.Join(t.TempDir(), "mine.pem") // the user's, with an authority of ours in it
	text, err := os.ReadFile(ca)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.WriteFile(mine, text, 0o600), os.WriteFile(filepath.Join(other, certs.BundleName), text, 0o600)); err != nil {
		t.Fatal(err)
	}
	const unset = "-"
	for _, c := range []struct {
		name, endpoint, set string // what each of the variables is
		trust               server.Trust
		want                map[string]string // "" is not touched
		noted               bool
	}{
		{"plain", "http://x", "", local,
			map[string]string{"PGSSLROOTCERT": local.File, "NODE_EXTRA_CA_CERTS": local.File, "SSL_CERT_FILE": local.Bundle}, false},
		{"tls", "https://x", local.Bundle, local, map[string]string{"AWS_CA_BUNDLE": local.File, "SSL_CERT_FILE": local.Bundle}, false},
		{"the system's", "http://x", "/etc/ssl/certs/ca-certificates.crt", local,
			map[string]string{"SSL_CERT_FILE": local.Bundle, "NODE_EXTRA_CA_CERTS": local.Bundle}, false},
		{"set", "https://x", mine, local,
			map[string]string{"AWS_CA_BUNDLE": local.File, "SSL_CERT_FILE": "", "NODE_EXTRA_CA_CERTS": "", "PGSSLROOTCERT": local.File}, true},
		{"set, plain", "http://x", mine, local, map[string]string{"AWS_CA_BUNDLE": "", "SSL_CERT_FILE": ""}, true},
		{"no bundle", "http://x", "", server.Trust{File: local.File}, map[string]string{"AWS_CA_BUNDLE": "", "SSL_CERT_FILE": ""}, true},
		{"own", "https://x", "", server.Trust{Own: "/my.pem"},
			map[string]string{"AWS_CA_BUNDLE": "", "SSL_CERT_FILE": "", "PGSSLROOTCERT": "", "NODE_EXTRA_CA_CERTS": ""}, false},
		{"another's", "http://x", filepath.Join(other, certs.BundleName), local,
			map[string]string{"AWS_CA_BUNDLE": unset, "SSL_CERT_FILE": local.Bundle, "PGSSLROOTCERT": local.File}, false},
		{"another's authority", "https://x", ca, local, map[string]string{"AWS_CA_BUNDLE": local.File, "SSL_CERT_FILE": local.Bundle}, false},
		{"another's that is gone", "http://x", "/gone/tls/bundle.crt", local,
			map[string]string{"AWS_CA_BUNDLE": unset, "SSL_CERT_FILE": local.Bundle}, false},
		{"another's, own", "https://x", ca, server.Trust{Own: "/my.pem"}, map[string]string{"AWS_CA_BUNDLE": unset, "SSL_CERT_FILE": unset,
			"PGSSLROOTCERT": unset, "NODE_EXTRA_CA_CERTS": unset, "PENSTOCK_JDBC_URL": unset}, false},
	} {
		var out bytes.Buffer
		a := &app{stdout: &out, stderr: io.Discard, getenv: func(string) string { return c.set }}
		_, note := a.trusts(server.Holder{Endpoint: c.endpoint, TLS: c.trust}, login{})
		holder := server.Holder{Endpoint: c.endpoint, Regions: []string{"us-east-1"}, TLS: c.trust}
		if err := a.exports(holder, server.Credentials{}, login{}); err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, line := range strings.Split(out.String(), "\n") {
			if name, ok := strings.CutPrefix(line, "unset "); ok {
				got[name] = unset
			} else if name, value, ok := strings.Cut(strings.TrimPrefix(line, "export "), "="); ok {
				got[name] = value
			}
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

// TestEnvUnsetsWhatIsStale: what the shell has from another server, and this one does not need, is unset; nothing is said of what is not
// there.
func TestEnvUnsetsWhatIsStale(t *testing.T) {
	for _, set := range []string{"", "stale"} {
		var out bytes.Buffer
		a := &app{stdout: &out, stderr: io.Discard, getenv: func(string) string { return set }}
		err := a.exports(server.Holder{Endpoint: "http://x", Regions: []string{"us-east-1"}}, server.Credentials{},
			login{region: "us-east-1", user: "bob"})
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"AWS_SESSION_TOKEN", "AWS_PROFILE", "RCLONE_S3_REGION", "RCLONE_S3_LOCATION_CONSTRAINT",
			"PENSTOCK_REGIONS", "PGPASSWORD"} {
			if got := strings.Contains(out.String(), "unset "+name+"\n"); got != (set != "") || strings.Contains(out.String(), "export "+name) {
				t.Errorf("with %q set: %s", set, out.String())
			}
		}
	}
}

package clients

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"penstock/test/harness"
)

// TestRealClients runs what people move data with against a fresh runtime each, by a script of testdata/real, which prints "ok" last: with
// their defaults, and with what "penstock env" exports and nothing else.
func TestRealClients(t *testing.T) {
	if testing.Short() {
		t.Skip("starts ten clients, which take a minute and a half together: not with -short")
	}
	const venv = "PENSTOCK_LAKE_VENV"
	folder, err := filepath.Abs("testdata/real")
	if err != nil {
		t.Fatal(err)
	}
	first := os.Getenv("PATH")
	for _, c := range []struct{ script, needs string }{
		{"pyarrow.py", "pyarrow"}, {"pandas.py", "pandas"}, {"s3fs.py", "s3fs"}, {"polars.py", "polars"}, {"pyiceberg.py", "pyiceberg"},
		{"awswrangler.py", "awswrangler"}, {"crawler.py", "pyarrow"},
		{"rclone.sh", "rclone"}, {"aws.sh", "aws"}, {"sdk.mjs", "AWS SDK for JavaScript"},
	} {
		t.Run(strings.TrimSuffix(c.script, filepath.Ext(c.script)), func(t *testing.T) {
			t.Parallel()
			var args []string
			path := first
			switch filepath.Ext(c.script) {
			case ".py":
				args = []string{given(t, venv, "bin/python", c.needs)}
			case ".mjs":
				given(t, "PENSTOCK_NODE_MODULES", "@aws-sdk/client-s3", c.needs)
				args = []string{harness.Tool(t, "node")}
			default:
				args = []string{harness.Tool(t, "bash")}
				if c.needs == "aws" {
					harness.Tool(t, "aws")
				} else {
					path = filepath.Dir(given(t, venv, "bin/"+c.needs, c.needs)) + ":" + path
				}
			}
			rt := harness.Serve(t, t.TempDir())
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
			defer cancel()
			cmd := exec.CommandContext(ctx, args[0], append(args[1:], filepath.Join(folder, c.script))...)
			cmd.Dir = t.TempDir()
			// The scripts are called as the clients are: their folder is not to be looked in for modules.
			cmd.Env = append(rt.Env(), "PATH="+path, "PYTHONSAFEPATH=1", "PYTHONDONTWRITEBYTECODE=1")
			out, err := cmd.CombinedOutput()
			lines := strings.Split(strings.TrimSpace(string(out)), "\n")
			if err != nil || lines[len(lines)-1] != "ok" {
				t.Errorf("%v\n%s\nserver:\n%s", err, out, rt.Log())
			}
			rt.Stop(t)
		})
	}
}

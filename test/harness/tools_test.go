package harness

import (
	"os/exec"
	"testing"
)

// A program that leaves a thread of pyarrow behind ends with its own status, and all that it printed is there.
func TestPythonProgramsEndWhole(t *testing.T) {
	python := Python(t, "pyarrow")
	const read = `
import io, pyarrow as pa, pyarrow.parquet as pq
b = io.BytesIO()
pq.write_table(pa.table({'id': [1]}), b)
print(pq.read_table(io.BytesIO(b.getvalue())).to_pylist())
`
	for _, c := range []struct {
		after string
		code  int
	}{{"", 0}, {"raise ValueError('no')", 1}, {"raise SystemExit('no')", 1}, {"import sys; sys.exit(3)", 3}} {
		for range 5 {
			cmd := exec.CommandContext(t.Context(), python, "-c", read+c.after)
			cmd.Env = cleanEnv()
			out, _ := cmd.Output()
			if got := cmd.ProcessState.ExitCode(); got != c.code || string(out) != "[{'id': 1}]\n" {
				t.Errorf("status %d, want %d; printed %q", got, c.code, out)
			}
		}
	}
}

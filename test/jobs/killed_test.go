package jobs

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"penstock/test/harness"
)

// TestKilledInsideTheCommitter kills the server when two of three tasks of a write have committed and the job has not, over https.
func TestKilledInsideTheCommitter(t *testing.T) {
	python, spark := tools(t)
	data := t.TempDir()
	serve := func() *harness.Runtime {
		return harness.ServeAs(t, data, []string{"PENSTOCK_PYTHON=" + spark}, "--tls")
	}
	rt := serve()
	words := strings.Fields(scenario(t, rt, python, "testdata/_killed.py", "begin"))
	if len(words) < 7 {
		t.Fatalf("%q", words)
	}
	words = words[len(words)-7:] // two runs, four processes, ok
	rt.Kill()
	for until := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		left := alive(words[2:6])
		if len(left) == 0 {
			break
		}
		if time.Now().After(until) {
			t.Fatalf("processes of the scripts live on: %q", left)
		}
	}
	rt = serve()
	scenario(t, rt, python, "testdata/_killed.py", "after", words[0], words[1])
	rt.Stop(t)
}

// alive are those of the processes that have not ended.
func alive(pids []string) (left []string) {
	for _, pid := range pids {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%s/stat", pid))
		if err == nil && !strings.Contains(string(text), ") Z ") {
			left = append(left, pid)
		}
	}
	return left
}

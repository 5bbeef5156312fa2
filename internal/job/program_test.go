package job_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"penstock/internal/child"
	"penstock/internal/job"
	"penstock/internal/job/jobtest"
	"penstock/internal/logstore"
)

// A desk of keys: what is lent and not yet given back.
type keyDesk struct {
	mu   sync.Mutex
	n    int
	lent []string
}

func (d *keyDesk) lend(_ context.Context, role, name string, life time.Duration) (job.Keys, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if role == "nobody" {
		return job.Keys{}, errors.New("no such role")
	}
	d.n++
	id := fmt.Sprintf("ASIA%d", d.n)
	d.lent = append(d.lent, id)
	return job.Keys{ID: id, Secret: role + "/" + name, Token: life.String()}, nil
}

func (d *keyDesk) giveBack(_ context.Context, id string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lent = slices.DeleteFunc(d.lent, func(l string) bool { return l == id })
	return nil
}

func (d *keyDesk) out() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.lent)
}

// programs is a world in which a shell script stands for Spark.
func programs(t *testing.T, script string) (*world, *keyDesk) {
	t.Helper()
	d := &keyDesk{}
	w := start(t, t.TempDir(), jobtest.Settings{Lend: d.lend, Return: d.giveBack})
	w.Jobs.SparkIs(child.Program{Path: "/bin/sh", Args: []string{"-c", script}, Env: []string{"PATH=/bin:/usr/bin"}})
	return w, d
}

func (w *world) program(t *testing.T, d job.Definition) string {
	t.Helper()
	d.Name, d.Command = "p", "glueetl"
	if err := w.Jobs.Create(t.Context(), d, nil); err != nil {
		t.Fatal(err)
	}
	return w.Begin(t, "p")
}

// TestProgramHasKeysOfItsRole runs a program to its end: keys of the role are in its environment while it runs and given back after, its
// lines are in the run's streams before the run is over.
func TestProgramHasKeysOfItsRole(t *testing.T) {
	w, d := programs(t, `echo "$AWS_ACCESS_KEY_ID $AWS_SECRET_ACCESS_KEY $AWS_SESSION_TOKEN $AWS_REGION $AWS_DEFAULT_REGION $AWS_ENDPOINT_URL"
		echo; i=0; while [ $i -lt 3000 ]; do echo $i; i=$((i+1)); done; echo bad >&2; exit $FAIL`)
	id := w.program(t, job.Definition{Role: "loader", Timeout: time.Hour})
	if r := w.End(t, id); r.State != job.Succeeded {
		t.Errorf("%s %s", r.State, r.Error)
	}
	lines := w.Lines(t, id)
	if want := "ASIA1 loader/GlueJobRunnerSession 1h5m0s us-east-1 us-east-1 http://127.0.0.1:1"; len(lines) != 3001 ||
		lines[0] != want || lines[3000] != "2999" {
		t.Errorf("%d lines, the first %q, want %q", len(lines), lines[:1], want)
	}
	page, err := w.Logs.Get(t.Context(), logstore.GetQuery{Group: job.ErrorGroup, Stream: id, Limit: 10})
	if err != nil || len(page.Events) != 1 || page.Events[0].Message != "bad" {
		t.Errorf("errors %+v %v", page.Events, err)
	}
	if d.out() != 0 {
		t.Error("keys are still lent")
	}
}

// TestProgramTrustsTheEndpoint: over TLS the AWS clients of a program are told the certificates to trust, and otherwise nothing.
func TestProgramTrustsTheEndpoint(t *testing.T) {
	for _, trust := range []string{"", "/data/tls/ca.crt"} {
		d := &keyDesk{}
		w := start(t, t.TempDir(), jobtest.Settings{Lend: d.lend, Return: d.giveBack, Trust: trust})
		w.Jobs.SparkIs(child.Program{Path: "/bin/sh", Args: []string{"-c", `echo "${AWS_CA_BUNDLE-unset}"`}})
		id := w.program(t, job.Definition{Role: "loader"})
		if r := w.End(t, id); r.State != job.Succeeded {
			t.Errorf("%s %s", r.State, r.Error)
		}
		if want := cmp.Or(trust, "unset"); strings.Join(w.Lines(t, id), "|") != want {
			t.Errorf("AWS_CA_BUNDLE is %s, want %s", w.Lines(t, id), want)
		}
	}
}

func TestProgramThatFailsOrIsStopped(t *testing.T) {
	w, d := programs(t, `echo no luck >&2; exit 4`)
	if r := w.End(t, w.program(t, job.Definition{Role: "loader"})); r.State != job.Failed ||
		r.Error != "Command failed with exit code 4" || d.out() != 0 {
		t.Errorf("%s %q, %d keys are lent", r.State, r.Error, d.out())
	}
	w, d = programs(t, `exit 0`)
	if r := w.End(t, w.program(t, job.Definition{Role: "nobody"})); r.State != job.Failed ||
		!strings.Contains(r.Error, "no such role") || d.out() != 0 {
		t.Errorf("%s %q, %d keys are lent", r.State, r.Error, d.out())
	}
	w, d = programs(t, `sleep 100000 & wait`)
	id := w.program(t, job.Definition{Role: "loader"})
	w.Until(t, id, job.Running)
	if d.out() != 1 {
		t.Errorf("%d keys are lent to a running program", d.out())
	}
	if err := w.Jobs.Stop(t.Context(), "p", id); err != nil {
		t.Fatal(err)
	}
	if r := w.End(t, id); r.State != job.Stopped || d.out() != 0 {
		t.Errorf("%s %q, %d keys are lent", r.State, r.Error, d.out())
	}
}

// TestProgramOutOfMemory runs a program that takes more memory than its run may: the run fails, and says how it may have more.
func TestProgramOutOfMemory(t *testing.T) {
	if _, err := os.Stat("/proc/self/smaps_rollup"); err != nil {
		t.Skip("only Linux tells what processes use")
	}
	d := &keyDesk{}
	w := start(t, t.TempDir(), jobtest.Settings{Lend: d.lend, Return: d.giveBack, Needs: child.Budget{Memory: 256 << 20, Threads: 1},
		Most: child.Budget{Memory: 512 << 20, Threads: 1}})
	w.Jobs.SparkIs(child.Program{Path: "/bin/sh", Args: []string{"-c", `dd if=/dev/zero of=/dev/null bs=450M count=100000; exit 1`},
		Env: []string{"PATH=/bin:/usr/bin"}})
	const want = "MiB, and may use 256 MiB; with WorkerType G.1X and NumberOfWorkers a run may use 512 MiB"
	if r := w.End(t, w.program(t, job.Definition{Role: "loader"})); r.State != job.Failed || !strings.Contains(r.Error, want) {
		t.Errorf("%s %q, want %s", r.State, r.Error, want)
	}
	if d.out() > 0 {
		t.Error("its keys are not given back")
	}
}

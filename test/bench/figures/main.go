// Command figures measures what docs/benchmarks.md states of whole runs: go run ./test/bench/figures BINARY INPUT [RUNS]. Each figure is
// measured in the same call as the one it is held against.
package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"penstock/examples"
	"penstock/internal/clock"
	"penstock/internal/pipeline"
	"penstock/internal/pipeline/compile"
	"penstock/internal/pipeline/deploy"
	"penstock/internal/server"
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: figures BINARY INPUT [RUNS]")
		os.Exit(2)
	}
	runs := 5
	if len(os.Args) > 3 {
		runs, _ = strconv.Atoi(os.Args[3])
	}
	if err := measure(os.Args[1], os.Args[2], runs); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func measure(binary, input string, runs int) error {
	tmp, err := os.MkdirTemp("", "penstock-figures-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	script := filepath.Join(tmp, "duckscript")
	if out, err := exec.Command("go", "build", "-o", script, "./test/bench/duckscript").CombinedOutput(); err != nil {
		return fmt.Errorf("build duckscript: %w\n%s", err, out)
	}
	if err := starts(binary, tmp, runs); err != nil {
		return err
	}
	if err := demos(binary, tmp, runs); err != nil {
		return err
	}
	return pairs(binary, script, input, tmp, runs)
}

// starts measures from exec on a new data directory to the first signed ListBuckets.
func starts(binary, tmp string, runs int) error {
	var times []time.Duration
	for i := range runs {
		s, err := serve(binary, filepath.Join(tmp, fmt.Sprint("start", i)))
		if err != nil {
			return err
		}
		if _, err := s3.NewFromConfig(s.config()).ListBuckets(context.Background(), &s3.ListBucketsInput{}); err != nil {
			return err
		}
		times = append(times, time.Since(s.began))
		s.stop()
	}
	print("exec to first signed ListBuckets", times)
	return nil
}

func demos(binary, tmp string, runs int) error {
	var times []time.Duration
	for i := range runs {
		began := time.Now()
		out, err := exec.Command(binary, "demo", filepath.Join(tmp, fmt.Sprint("demo", i))).CombinedOutput()
		if err != nil {
			return fmt.Errorf("demo: %w\n%s", err, out)
		}
		times = append(times, time.Since(began))
	}
	print("demo from nothing", times)
	return nil
}

// pairs runs the pipeline and the plain script in turn, on the same input.
func pairs(binary, script, input, tmp string, runs int) error {
	var ours, theirs []time.Duration
	var ratios []float64
	var peak int64
	for i := range runs {
		dir := filepath.Join(tmp, fmt.Sprint("run", i))
		s, err := deployed(binary, dir)
		if err != nil {
			return err
		}
		watch := s.watchMemory()
		began := time.Now()
		out, err := exec.Command(binary, "run", dir, "--input", input).CombinedOutput()
		took := time.Since(began)
		peak = max(peak, watch())
		if err != nil || !bytes.Contains(out, []byte("revenue: 10666684.544")) {
			return fmt.Errorf("run: %v\n%s", err, out)
		}
		if i == runs-1 {
			fmt.Printf("%s", out)
			time.Sleep(30 * time.Second)
			fmt.Printf("control process, anonymous memory 30 s after the run: %.1f MB\n", float64(anonymous(s.cmd.Process.Pid))/1e6)
		}
		s.stop()
		began = time.Now()
		if out, err := exec.Command(script, input, filepath.Join(dir, "plain")).CombinedOutput(); err != nil {
			return fmt.Errorf("plain script: %w\n%s", err, out)
		}
		plain := time.Since(began)
		ours, theirs, ratios = append(ours, took), append(theirs, plain), append(ratios, took.Seconds()/plain.Seconds())
		os.RemoveAll(dir)
	}
	print("penstock run, real input, to the report", ours)
	print("plain DuckDB script, same work", theirs)
	slices.Sort(ratios)
	fmt.Printf("ratio, pair by pair: min %.2f  median %.2f  max %.2f\n", ratios[0], ratios[len(ratios)/2], ratios[len(ratios)-1])
	fmt.Printf("all processes of the runtime, peak anonymous memory during a run: %.0f MB\n", float64(peak)/1e6)
	return nil
}

func print(what string, times []time.Duration) {
	slices.Sort(times)
	fmt.Printf("%s: min %.3fs  median %.3fs  max %.3fs (%d runs)\n", what, times[0].Seconds(), times[len(times)/2].Seconds(),
		times[len(times)-1].Seconds(), len(times))
}

type running struct {
	cmd   *exec.Cmd
	data  string
	began time.Time
	at    string
}

func serve(binary, data string) (*running, error) {
	if err := os.MkdirAll(data, 0o700); err != nil {
		return nil, err
	}
	s := &running{data: data,
		cmd: exec.Command(binary, "serve", "--data", data, "--listen", "127.0.0.1:0", "--warehouse-listen", "127.0.0.1:0")}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	s.cmd.Stderr = os.Stderr
	s.began = time.Now()
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if at, ok := strings.CutPrefix(lines.Text(), "AWS endpoint"); ok {
			s.at = strings.TrimSpace(at)
			return s, nil
		}
	}
	return nil, fmt.Errorf("the server does not start")
}

func (s *running) config() aws.Config {
	c, err := server.ReadCredentials(s.data)
	if err != nil {
		panic(err)
	}
	return aws.Config{Region: "us-east-1", BaseEndpoint: &s.at,
		Credentials: credentials.NewStaticCredentialsProvider(c.AccessKeyID, c.SecretAccessKey, "")}
}

func (s *running) stop() {
	s.cmd.Process.Signal(syscall.SIGINT)
	s.cmd.Wait()
}

// deployed serves the retail example, deployed but not run.
func deployed(binary, dir string) (*running, error) {
	if _, err := examples.Write("retail", dir); err != nil {
		return nil, err
	}
	s, err := serve(binary, filepath.Join(dir, ".penstock"))
	if err != nil {
		return nil, err
	}
	spec, err := pipeline.Load(dir)
	if err != nil {
		return nil, err
	}
	plan, err := compile.Compile(spec)
	if err != nil {
		return nil, err
	}
	_, err = deploy.New(s.config(), clock.Real{}).Apply(context.Background(), plan)
	slog.Debug("deployed", "dir", dir)
	return s, err
}

// watchMemory samples the anonymous memory of the server and its children; the returned function ends it and gives the peak.
func (s *running) watchMemory() func() int64 {
	done, peak := make(chan struct{}), int64(0)
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			select {
			case <-done:
				return
			case <-time.After(20 * time.Millisecond):
			}
			sum := anonymous(s.cmd.Process.Pid)
			children, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", s.cmd.Process.Pid, s.cmd.Process.Pid))
			for _, c := range strings.Fields(string(children) + " " + otherChildren(s.cmd.Process.Pid)) {
				pid, _ := strconv.Atoi(c)
				sum += anonymous(pid)
			}
			peak = max(peak, sum)
		}
	})
	return func() int64 { close(done); wg.Wait(); return peak }
}

// otherChildren lists the children that other threads of a process have started.
func otherChildren(pid int) string {
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	var b strings.Builder
	for _, t := range tasks {
		if strings.Contains(t, fmt.Sprintf("/task/%d/", pid)) {
			continue
		}
		text, _ := os.ReadFile(t)
		b.Write(text)
		b.WriteByte(' ')
	}
	return b.String()
}

// anonymous is a process's anonymous resident memory in bytes.
func anonymous(pid int) int64 {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for _, line := range strings.Split(string(text), "\n") {
		if rest, ok := strings.CutPrefix(line, "RssAnon:"); ok {
			kb, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return kb * 1024
		}
	}
	return 0
}

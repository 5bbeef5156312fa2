// Command starts measures how long a server takes from exec to its endpoint line, on a new data directory and on one that exists, and how
// much processor time its process has used by then: go run ./test/bench/starts BINARY [ROUNDS]. The time from a job's start to its first
// row is BenchmarkWorkerToFirstRow of internal/child/worker.
package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: starts BINARY [ROUNDS]")
		os.Exit(2)
	}
	rounds := 15
	if len(os.Args) > 2 {
		rounds, _ = strconv.Atoi(os.Args[2])
	}
	if err := measure(os.Args[1], max(rounds, 1)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// A figure is one start: what the clock says and what the processor did.
type figure struct{ wall, cpu time.Duration }

func measure(binary string, rounds int) error {
	tmp, err := os.MkdirTemp("", "penstock-starts-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	var fresh, again []figure
	for i := range rounds {
		data := filepath.Join(tmp, strconv.Itoa(i))
		for _, to := range []*[]figure{&fresh, &again} {
			f, err := start(binary, data)
			if err != nil {
				return err
			}
			*to = append(*to, f)
		}
	}
	print("new directory", fresh)
	print("existing directory", again)
	return nil
}

// start serves until the endpoint is told, and stops the server in order.
func start(binary, data string) (f figure, err error) {
	cmd := exec.Command(binary, "serve", "--data", data, "--listen", "127.0.0.1:0", "--warehouse-listen", "127.0.0.1:0")
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		return f, err
	}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return f, err
	}
	_, err = bufio.NewReader(out).ReadString('\n')
	f.wall = time.Since(began)
	if err == nil {
		f.cpu, err = used(cmd.Process.Pid)
	}
	if serr := cmd.Process.Signal(syscall.SIGTERM); err == nil {
		err = serr
	}
	if werr := cmd.Wait(); err == nil && werr != nil {
		err = fmt.Errorf("serve: %w\n%s", werr, &said)
	}
	return f, err
}

// used is the processor time of all threads that a process has.
func used(pid int) (sum time.Duration, err error) {
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			continue // the thread has ended
		}
		n, err := strconv.ParseInt(strings.Fields(string(text))[0], 10, 64)
		if err != nil {
			return 0, err
		}
		sum += time.Duration(n)
	}
	return sum, err
}

func print(what string, all []figure) {
	fmt.Printf("%-20s", what)
	for _, of := range []struct {
		name string
		get  func(figure) time.Duration
	}{{"wall", func(f figure) time.Duration { return f.wall }}, {"cpu", func(f figure) time.Duration { return f.cpu }}} {
		var list []time.Duration
		for _, f := range all {
			list = append(list, of.get(f))
		}
		slices.Sort(list)
		fmt.Printf("  %s: min %.1f  median %.1f  max %.1f ms", of.name, ms(list[0]), ms(list[len(list)/2]), ms(list[len(list)-1]))
	}
	fmt.Println()
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

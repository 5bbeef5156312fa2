// Command states measures Step Functions: executions of a machine of five states, from StartExecution to the DescribeExecution that shows
// the end, through HTTP with signatures, by a client that costs little itself.
//
//	go run ./test/bench/states BINARY [SECONDS] [CLIENTS...]
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"penstock/internal/clock"
	"penstock/internal/server"
)

// states is how many states an execution passes.
const states = 5

const definition = `{"StartAt":"A","States":{
	"A":{"Type":"Pass","Parameters":{"n.$":"$.n","l.$":"States.StringSplit('a,b', ',')"},"Next":"B"},
	"B":{"Type":"Choice","Choices":[{"Variable":"$.n","NumericGreaterThan":0,"Next":"C"}],"Default":"E"},
	"C":{"Type":"Pass","Result":{"x":1},"ResultPath":"$.r","Next":"D"},
	"D":{"Type":"Pass","Assign":{"v.$":"$.r.x"},"Next":"E"},
	"E":{"Type":"Succeed"}}}`

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: states BINARY [SECONDS] [CLIENTS...]")
		os.Exit(2)
	}
	seconds, clients := 5, []int{1, 16, 64}
	if len(os.Args) > 2 {
		seconds = number(os.Args[2])
	}
	if len(os.Args) > 3 {
		clients = nil
		for _, a := range os.Args[3:] {
			clients = append(clients, number(a))
		}
	}
	if err := run(context.Background(), os.Args[1], time.Duration(seconds)*time.Second, clients); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		fmt.Fprintf(os.Stderr, "%q is not a number above 0\n", text)
		os.Exit(2)
	}
	return n
}

func run(ctx context.Context, binary string, during time.Duration, clients []int) error {
	dir, err := os.MkdirTemp("", "penstock-states-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	cmd := exec.CommandContext(ctx, binary, "serve", "--data", dir, "--listen", "127.0.0.1:0", "--warehouse-listen", "127.0.0.1:0")
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return err
	}
	defer func() { cmd.Process.Signal(syscall.SIGINT); cmd.Wait() }()
	s, err := signerOf(dir, bufio.NewReader(out))
	if err != nil {
		return err
	}
	go io.Copy(io.Discard, out)
	c, err := s.dial()
	if err != nil {
		return err
	}
	quoted, err := json.Marshal(definition)
	if err != nil {
		return err
	}
	if _, err := c.call("CreateStateMachine", `{"name":"bench","roleArn":"arn:aws:iam::000000000000:role/r","definition":`+
		string(quoted)+`}`); err != nil {
		return err
	}
	fmt.Println("clients  executions/s  states/s  server CPU us/state  p50 ms  p99 ms")
	for _, n := range clients {
		if err := measure(s, cmd.Process.Pid, n, during); err != nil {
			return err
		}
	}
	return nil
}

// signerOf waits for the server and reads its address and keys.
func signerOf(dir string, out *bufio.Reader) (*signer, error) {
	if _, err := out.ReadString('\n'); err != nil { // it is said when the server listens
		return nil, fmt.Errorf("start the server: %w", err)
	}
	h, ok, err := server.Held(dir, clock.Real{})
	if err != nil || !ok {
		return nil, fmt.Errorf("the server holds no lock: %w", err)
	}
	keys, err := server.ReadCredentials(dir)
	if err != nil {
		return nil, err
	}
	return &signer{host: strings.TrimPrefix(h.Endpoint, "http://"), id: keys.AccessKeyID, secret: keys.SecretAccessKey}, nil
}

// measure runs n clients for a while and prints a line.
func measure(s *signer, pid, n int, during time.Duration) error {
	var wg sync.WaitGroup
	times, errs := make([][]time.Duration, n), make([]error, n)
	before, start := cpu(pid), time.Now()
	end := start.Add(during)
	for i := range n {
		wg.Go(func() { times[i], errs[i] = execute(s, end) })
	}
	wg.Wait()
	took, used := time.Since(start), cpu(pid)-before
	all := slices.Concat(times...)
	slices.Sort(all)
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	rate := float64(len(all)) / took.Seconds()
	fmt.Printf("%7d  %12.0f  %8.0f  %19.0f  %6.1f  %6.1f\n", n, rate, rate*states, float64(used.Microseconds())/float64(len(all)*states),
		float64(all[len(all)/2].Microseconds())/1000, float64(all[len(all)*99/100].Microseconds())/1000)
	return nil
}

// execute runs one execution after the other until the end.
func execute(s *signer, end time.Time) (times []time.Duration, err error) {
	c, err := s.dial()
	if err != nil {
		return nil, err
	}
	defer c.conn.Close()
	for time.Now().Before(end) {
		start := time.Now()
		out, err := c.call("StartExecution", `{"stateMachineArn":"arn:aws:states:us-east-1:000000000000:stateMachine:bench","input":"{\"n\":1}"}`)
		if err != nil {
			return nil, err
		}
		i := bytes.Index(out, []byte(`"arn:`))
		if i < 0 {
			return nil, fmt.Errorf("StartExecution answered %s", out)
		}
		arn := string(out[i : i+1+bytes.IndexByte(out[i+1:], '"')+1])
		for done := false; !done; {
			if out, err = c.call("DescribeExecution", `{"executionArn":`+arn+`}`); err != nil {
				return nil, err
			}
			if done = bytes.Contains(out, []byte(`"SUCCEEDED"`)); !done && !bytes.Contains(out, []byte(`"RUNNING"`)) {
				return nil, fmt.Errorf("DescribeExecution answered %s", out)
			}
		}
		times = append(times, time.Since(start))
	}
	return times, nil
}

// cpu is what a process has used: the 14th and 15th words of its stat, in hundredths of a second.
func cpu(pid int) time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	words := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	user, _ := strconv.Atoi(words[11])
	system, _ := strconv.Atoi(words[12])
	return time.Duration(user+system) * 10 * time.Millisecond
}

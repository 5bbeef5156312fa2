// Command s3 measures what one kind of request costs a server of S3 or Glue: requests a second, CPU of the server an operation (from
// /proc/PID/stat), and the answers' latency. The client is as lean as one can be: a socket a client, requests signed by hand, answers
// read into one buffer.
//
//	go run ./test/bench/s3 -url http://127.0.0.1:4566 -pid PID -key AKID -secret SECRET -op get -clients 16 -seconds 3
//
// run.sh beside it runs Penstock, minio and versitygw one after the other.
package main

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// A run is what the flags say.
type run struct {
	host, key, secret, bucket, op string
	pid, clients, size, keys      int
	seconds                       float64
}

func main() {
	var r run
	url := flag.String("url", "http://127.0.0.1:4566", "the server")
	flag.StringVar(&r.key, "key", "test", "access key id")
	flag.StringVar(&r.secret, "secret", "test", "secret access key")
	flag.StringVar(&r.bucket, "bucket", "bench", "bucket, made when absent")
	flag.StringVar(&r.op, "op", "get", "get, head, put, list or table")
	flag.IntVar(&r.pid, "pid", 0, "the server's process")
	flag.IntVar(&r.clients, "clients", 16, "clients at once")
	flag.IntVar(&r.size, "size", 4096, "bytes of an object")
	flag.IntVar(&r.keys, "keys", 1000, "objects")
	flag.Float64Var(&r.seconds, "seconds", 3, "how long")
	flag.Parse()
	r.host = (*url)[len("http://"):]
	if err := r.measure(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// measure prepares what is asked for and prints one line.
func (r *run) measure() error {
	if err := r.prepare(); err != nil {
		return err
	}
	var ops, entries atomic.Int64
	latencies := make([][]time.Duration, r.clients)
	errs := make([]error, r.clients)
	end := time.Now().Add(time.Duration(r.seconds * float64(time.Second)))
	before, began := cpu(r.pid), time.Now()
	var wg sync.WaitGroup
	for c := range r.clients {
		wg.Go(func() { latencies[c], errs[c] = r.client(c, end, &ops, &entries) })
	}
	wg.Wait()
	took, used := time.Since(began), cpu(r.pid)-before
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	all := slices.Concat(latencies...)
	slices.Sort(all)
	n := float64(ops.Load())
	fmt.Printf("%-5s %3d clients: %8.0f/s %7.1f us CPU an operation, p50 %6.0f us, p99 %6.0f us, %d operations",
		r.op, r.clients, n/took.Seconds(), float64(used.Microseconds())/n, micros(all, 0.5), micros(all, 0.99), ops.Load())
	if k := entries.Load(); k > 0 {
		fmt.Printf(", %8.0f keys/s, %.2f us CPU a key", float64(k)/took.Seconds(), float64(used.Microseconds())/float64(k))
	}
	fmt.Println()
	return nil
}

func micros(sorted []time.Duration, q float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return float64(sorted[int(q*float64(len(sorted)-1))].Microseconds())
}

// cpu is the time that a process has used, in user and system mode.
func cpu(pid int) time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	for i := len(text) - 1; i >= 0; i-- {
		if text[i] == ')' { // the name before it may hold anything
			text = text[i+1:]
			break
		}
	}
	var state string
	var n [13]int64
	args := []any{&state}
	for i := range n[:12] {
		args = append(args, &n[i])
	}
	if _, err := fmt.Sscan(string(text), args...); err != nil {
		return 0
	}
	return time.Duration(n[10]+n[11]) * 10 * time.Millisecond // ticks of 1/100 s
}

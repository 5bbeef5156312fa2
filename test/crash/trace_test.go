package crash

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"penstock/test/harness"
)

// TestTraceOfAPut looks at the system calls between the request of a PutObject and its answer: the object's bytes, the folder that
// names them and the metadata's log must each have been synced. Builds that leave one of the syncs out must be caught.
func TestTraceOfAPut(t *testing.T) {
	t.Run("right", func(t *testing.T) {
		if missing := traceOfPut(t, harness.Binary(t), large, "blob", "folder", "log"); missing != "" {
			t.Errorf("answered before the %s was synced", missing)
		}
	})
	t.Run("right, small", func(t *testing.T) {
		if missing := traceOfPut(t, harness.Binary(t), small, "log"); missing != "" {
			t.Errorf("answered before the %s was synced", missing)
		}
	})
	if testing.Short() {
		return // each broken build takes a while
	}
	for tag, want := range map[string]string{"broken_blobsync": "blob", "broken_foldersync": "folder", "broken_walsync": "log"} {
		t.Run(tag, func(t *testing.T) {
			if missing := traceOfPut(t, harness.BrokenBinary(t, tag), large, "blob", "folder", "log"); missing != want {
				t.Errorf("the trace of the broken build misses %q, want %q", missing, want)
			}
		})
	}
	t.Run("broken_walsync, small", func(t *testing.T) {
		if missing := traceOfPut(t, harness.BrokenBinary(t, "broken_walsync"), small, "log"); missing != "log" {
			t.Errorf("the trace of the broken build misses %q", missing)
		}
	})
}

// Bytes of a body that lies in the metadata store with its row, and of one that has a file.
const (
	small = 100
	large = 20 << 10
)

// traceOfPut puts an object under strace and names what of the needed ones ("blob", "folder", "log") was not synced before the answer, or
// "".
func traceOfPut(t *testing.T, binary string, size int, needed ...string) string {
	t.Helper()
	rt := harness.ServeBinary(t, binary, t.TempDir())
	client := s3.NewFromConfig(rt.Config(), func(o *s3.Options) { o.UsePathStyle = true })
	if _, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("traced")}); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "trace")
	stop := attach(t, rt.Pid(), file)
	_, err := client.PutObject(t.Context(),
		&s3.PutObjectInput{Bucket: aws.String("traced"), Key: aws.String("k"), Body: strings.NewReader(strings.Repeat("x", size))})
	stop()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	synced, answered := syncsBeforeAnswer(string(text))
	if !answered {
		t.Fatalf("the trace shows no answer:\n%s", text)
	}
	for _, need := range needed {
		if !synced[need] {
			return need
		}
	}
	return ""
}

// attach traces a running process and all its threads until the function it returns is called.
func attach(t *testing.T, pid int, file string) func() {
	t.Helper()
	strace, err := exec.LookPath("strace")
	if err != nil {
		skip(t, "strace is not installed")
	}
	cmd := exec.Command(strace, "-f", "-y", "-s", "64", "-e", "trace=read,write,writev,sendto,fsync,fdatasync", "-o",
		file, "-p", strconv.Itoa(pid))
	said, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	attached := make(chan bool, 1)
	go func() {
		in := bufio.NewScanner(said)
		for in.Scan() {
			if strings.Contains(in.Text(), "attached") {
				attached <- true
				break
			}
		}
		for in.Scan() {
		}
		close(attached)
	}()
	if !<-attached {
		cmd.Wait()
		skip(t, "strace may not attach here")
	}
	time.Sleep(300 * time.Millisecond) // it takes the threads one by one
	return func() {
		time.Sleep(100 * time.Millisecond)
		cmd.Process.Signal(syscall.SIGINT)
		cmd.Wait()
	}
}

// skip leaves a test out for want of a tool, but not in CI.
func skip(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(why)
	}
	t.Skip(why)
}

// syncsBeforeAnswer reads a trace: which kinds of file were synced, by calls that had returned, between the request and its answer.
func syncsBeforeAnswer(trace string) (synced map[string]bool, answered bool) {
	synced = map[string]bool{}
	running := map[string]string{} // thread -> what it is syncing
	begun := false
	for _, line := range strings.Split(trace, "\n") {
		thread, call, _ := strings.Cut(strings.TrimSpace(line), " ")
		call = strings.TrimSpace(call)
		switch {
		case strings.Contains(call, `"PUT /traced/k`):
			begun = true
		case begun && strings.Contains(call, `"HTTP/1.1 200 OK`):
			return synced, true
		case strings.HasPrefix(call, "fsync(") || strings.HasPrefix(call, "fdatasync("):
			if running[thread] = kindOf(call); strings.HasSuffix(call, "= 0") {
				synced[running[thread]] = true
			}
		case strings.HasPrefix(call, "<... f") && strings.HasSuffix(call, "= 0"):
			synced[running[thread]] = true
		}
	}
	return synced, false
}

// kindOf names the file of a sync: fsync(17</data/blobs/000001>).
func kindOf(call string) string {
	_, rest, _ := strings.Cut(call, "<")
	path, _, _ := strings.Cut(rest, ">")
	dir, base := filepath.Split(path)
	switch {
	case strings.HasSuffix(base, "-wal"):
		return "log"
	case len(base) == 32:
		return "blob"
	case filepath.Base(dir) == "blobs" && base != "blobs":
		return "folder"
	}
	return "other"
}

func TestSyncsBeforeAnswer(t *testing.T) {
	const ok = `1  read(9<socket:[1]>, "PUT /traced/k HTTP/1.1"..., 4096) = 700
2  fsync(7</d/blobs/000001/0123456789abcdef0123456789abcdef> <unfinished ...>
1  write(9<socket:[1]>, "HTTP/1.1 100 Continue\r\n", 25) = 25
2  <... fsync resumed>) = 0
1  fsync(8</d/blobs/000001>) = 0
1  fdatasync(3</d/meta/penstock.db-wal>) = 0
1  write(9<socket:[1]>, "HTTP/1.1 200 OK\r\n", 205) = 205`
	if got, answered := syncsBeforeAnswer(ok); !answered || !got["blob"] || !got["folder"] || !got["log"] {
		t.Errorf("%v, %v", got, answered)
	}
	late := strings.Replace(ok, "2  <... fsync resumed>) = 0\n", "", 1) + "\n2  <... fsync resumed>) = 0"
	if got, _ := syncsBeforeAnswer(late); got["blob"] {
		t.Error("a sync that returned after the answer counts")
	}
	failed := strings.Replace(ok, "fdatasync(3</d/meta/penstock.db-wal>) = 0",
		"fdatasync(3</d/meta/penstock.db-wal>) = -1 EIO (Input/output error)", 1)
	if got, _ := syncsBeforeAnswer(failed); got["log"] {
		t.Error("a sync that failed counts")
	}
}

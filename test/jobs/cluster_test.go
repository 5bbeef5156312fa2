package jobs

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"penstock/test/harness"
)

// TestCluster runs scenarios on a standalone cluster of a master and a worker, from the same pyspark. Soak only: it takes minutes.
func TestCluster(t *testing.T) {
	if os.Getenv("PENSTOCK_SOAK") == "" {
		t.Skip("only in soak: PENSTOCK_SOAK is not set")
	}
	python, spark := tools(t)
	home, err := exec.Command(spark, "-c", "import os, pyspark; print(os.path.dirname(pyspark.__file__))").Output()
	if err != nil {
		t.Fatal(err)
	}
	class := filepath.Join(strings.TrimSpace(string(home)), "bin", "spark-class")
	const deploy = "org.apache.spark.deploy."
	env := []string{"SPARK_HOME=" + strings.TrimSpace(string(home)), "SPARK_LOCAL_IP=127.0.0.1", "PYSPARK_PYTHON=" + spark}
	master := daemon(t, env, " Starting Spark master at ", class, deploy+"master.Master", "--host", "127.0.0.1", "--port", "0",
		"--webui-port", "0")
	daemon(t, env, " Successfully registered with master ", class, deploy+"worker.Worker", "--host", "127.0.0.1", "--cores", "2",
		"--memory", "3g", "--webui-port", "0", "--work-dir", t.TempDir(), master)
	rt := harness.ServeAs(t, t.TempDir(), []string{"PENSTOCK_PYTHON=" + spark}, "--spark-master", master)
	for _, name := range []string{"_cluster", "dynamic_overwrite", "etl"} {
		t.Run(name, func(t *testing.T) { scenario(t, rt, python, "testdata/"+name+".py") })
	}
	rt.Stop(t)
}

// daemon starts a program that says what on its error output when it is ready, and returns what follows on that line.
func daemon(t *testing.T, env []string, what, path string, args ...string) string {
	t.Helper()
	c := exec.Command(path, args...)
	c.Env = append(os.Environ(), env...)
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Kill(-c.Process.Pid, syscall.SIGKILL); c.Wait() })
	ready := make(chan string, 1)
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if _, rest, ok := strings.Cut(lines.Text(), what); ok {
				select {
				case ready <- rest:
				default:
				}
			}
		}
		close(ready)
	}()
	select {
	case rest, ok := <-ready:
		if !ok {
			t.Fatalf("%s has ended", args[0])
		}
		return rest
	case <-time.After(time.Minute):
		t.Fatalf("%s does not say%q", args[0], what)
	}
	return ""
}

package script_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"penstock/internal/job/script"
)

// machine is a host with a Python that says it has pyspark, and a Java.
func machine(t *testing.T, pyspark, java string, jars ...string) *script.Host {
	t.Helper()
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, j := range jars {
		file("spark/jars/"+j, "")
	}
	file("bin/java", "#!/bin/sh\necho 'openjdk version \""+java+"\"' >&2\n")
	python := file("python", "#!/bin/sh\necho '{\"version\": \"3.11.7\", \"pyspark\": \""+pyspark+"\", \"sparkHome\": \""+dir+"/spark\"}'\n")
	return &script.Host{Pythons: []string{python}, Jars: filepath.Join(dir, "cache"),
		Env: []string{"PATH=" + dir + "/bin:/bin:/usr/bin", "HOME=" + dir}}
}

func TestSparkIsFound(t *testing.T) {
	ours := []string{"hadoop-client-api-3.3.4.jar", "spark-core_2.12-3.5.6.jar"}
	for _, c := range []struct {
		pyspark, java string
		jars          []string
		want          string
	}{
		{"3.5.6", "17.0.15", ours, ""},
		{"3.5.6", "1.8.0_402", ours, ""},
		{"", "17.0.15", ours, "has no pyspark: run "},
		{"3.5.6", "25", ours, "pyspark 3.5.6 runs on Java 8 to 21"},
		{"4.1.1", "11.0.2", ours, "pyspark 4.1.1 runs on Java 17 to 25"},
		{"3.5.6", "none", ours, "does not say its version"},
		{"3.5.6", "17", ours[:1], "is not whole"},
		{"3.5.6", "17", nil, "is not whole"},
	} {
		s, err := machine(t, c.pyspark, c.java, c.jars...).Spark(t.Context())
		if (err != nil) != (c.want != "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("pyspark %q with Java %s: %v, want %q", c.pyspark, c.java, err, c.want)
		}
		if err == nil && (s.Hadoop != "3.3.4" || s.Scala != "2.12" || s.Version != c.pyspark) {
			t.Errorf("%+v", s)
		}
	}
}

func TestMismatch(t *testing.T) {
	s := script.Spark{Version: "3.5.9", Python: script.Python{Version: "3.11.2"}}
	for glue, want := range map[string]string{"": "", "5.1": "", "5.0": "",
		"4.0": "Glue 4.0 has Spark 3.3.0 and Python 3.10; this run has Spark 3.5.9 and Python 3.11.2",
		"7.0": "Glue 7.0 is not known; this run has Spark 3.5.9 and Python 3.11.2"} {
		if got := s.Mismatch(glue); got != want {
			t.Errorf("Glue %s: %q", glue, got)
		}
	}
}

// TestCommand holds the settings that decide whether rows are doubled, and which of the job's own win.
func TestCommand(t *testing.T) {
	h := machine(t, "3.5.6", "17", "hadoop-client-api-3.3.4.jar", "spark-core_2.12-3.5.6.jar")
	spark, err := h.Spark(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s := script.Submit{Spark: spark, Host: h, Dir: t.TempDir(), Script: "/x/s.py", Path: []string{"/x/lib", "/x/a.zip"},
		Python: "/venv/python", Memory: 2 << 30, Threads: 2, Workers: 5, Endpoint: "http://127.0.0.1:4580", Region: "eu-west-1",
		Run: script.Run{Job: "nightly", ID: "jr_1", Args: map[string]string{"--day": "1"}}}
	if _, _, err := s.Command(); err == nil || !strings.Contains(err.Error(), `"penstock install spark-jars" downloads once`) {
		t.Fatalf("without jars: %v", err)
	}
	ivy := t.TempDir()
	if err := os.Mkdir(filepath.Join(ivy, "jars"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"org.apache.hadoop_hadoop-aws-3.3.4.jar", "io.netty_netty-all-4.0.jar"} {
		if err := os.WriteFile(filepath.Join(ivy, "jars", name), []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if names, err := h.KeepJars(spark, "s3", ivy); err != nil || !slices.Equal(names, []string{"org.apache.hadoop_hadoop-aws-3.3.4.jar"}) {
		t.Fatalf("kept %q, %v", names, err)
	}
	conf := settings(t, s)
	const protocol = "org.apache.spark.sql.execution.datasources.SQLHadoopMapReduceCommitProtocol"
	for k, want := range map[string]string{
		"spark.master": "local[2]", "spark.driver.memory": "1228m", "spark.hadoop.fs.s3a.committer.name": "magic",
		"spark.hadoop.mapreduce.outputcommitter.factory.scheme.s3": "org.apache.hadoop.fs.s3a.commit.S3ACommitterFactory",
		"spark.sql.sources.commitProtocolClass":                    protocol,
		"spark.hadoop.fs.s3a.directory.marker.retention":           "keep", "spark.hadoop.fs.s3a.endpoint": "http\\://127.0.0.1\\:4580",
		"spark.hadoop.fs.s3a.endpoint.region": "eu-west-1", "spark.sql.session.timeZone": "UTC",
	} {
		if conf[k] != want {
			t.Errorf("%s is %q, not %q", k, conf[k], want)
		}
	}
	for k := range conf {
		if strings.Contains(k, "secret") || strings.Contains(k, "access.key") {
			t.Errorf("%s lies in a file", k)
		}
	}
	s.Run.Args["--conf"] = "spark.master=spark://h:7077 --conf spark.driver.memory=3g --conf spark.driver.extraJavaOptions=-Xss4m"
	s.Run.Args["--enable-auto-scaling"] = "true"
	conf = settings(t, s)
	if conf["spark.master"] != "spark\\://h\\:7077" || conf["spark.driver.memory"] != "3g" ||
		!strings.HasSuffix(conf[java], " -Xss4m") || strings.Contains(conf[java], "SerialGC") ||
		conf["spark.dynamicAllocation.maxExecutors"] != "4" || conf["spark.executor.extraClassPath"] != "" {
		t.Errorf("%q", conf)
	}
	_, args, err := s.Command()
	if i := slices.Index(args, "--jars"); err != nil || i < 0 || !strings.HasSuffix(args[i+1], "hadoop-aws-3.3.4.jar") {
		t.Errorf("a cluster elsewhere is sent no jars: %q, %v", args, err)
	}
	s.Run.Args = map[string]string{"--conf": "spark.master=spark://127.0.0.1:7077"}
	s.Cores = 4
	if conf = settings(t, s); conf["spark.cores.max"] != "16" || conf["spark.executor.extraClassPath"] == "" ||
		conf["spark.dynamicAllocation.enabled"] != "" {
		t.Errorf("%q", conf)
	}
}

const java = "spark.driver.extraJavaOptions"

// settings reads what Command wrote; the values stay as the file has them.
func settings(t *testing.T, s script.Submit) map[string]string {
	t.Helper()
	path, args, err := s.Command()
	if err != nil {
		t.Fatal(err)
	}
	at := slices.Index(args, "/x/s.py")
	if !strings.HasSuffix(path, "/spark/bin/spark-submit") || args[0] != "--properties-file" || at < 0 ||
		!slices.Equal(args[at+1:], s.Run.Argv()) {
		t.Errorf("%s %q", path, args)
	}
	text, err := os.ReadFile(args[1])
	if err != nil {
		t.Fatal(err)
	}
	conf := map[string]string{}
	for line := range strings.SplitSeq(strings.TrimSpace(string(text)), "\n") {
		k, v, _ := strings.Cut(line, " ")
		conf[k] = v
	}
	return conf
}

// TestArchive holds when a run starts from the archive of classes: only when it is whole and of the run's own Java and jars.
func TestArchive(t *testing.T) {
	h := machine(t, "3.5.6", "17", "hadoop-client-api-3.3.4.jar", "spark-core_2.12-3.5.6.jar")
	spark, err := h.Spark(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ivy := t.TempDir()
	jar := filepath.Join(ivy, "jars", "org.apache.hadoop_hadoop-aws-3.3.4.jar")
	if err := errors.Join(os.Mkdir(filepath.Dir(jar), 0o700), os.WriteFile(jar, []byte("x"), 0o600)); err != nil {
		t.Fatal(err)
	}
	if _, err := h.KeepJars(spark, "s3", ivy); err != nil {
		t.Fatal(err)
	}
	run := func() script.Submit {
		return script.Submit{Spark: spark, Host: h, Dir: t.TempDir(), Script: "/x/s.py", Python: "/venv/python", Memory: 2 << 30, Threads: 2,
			Endpoint: "http://127.0.0.1:4580", Region: "us-east-1", Run: script.Run{Job: "j", ID: "jr_1", Args: map[string]string{}}}
	}
	fast := func(want bool, why string) {
		t.Helper()
		s := run()
		if got := strings.Contains(settings(t, s)[java], "-XX\\:SharedArchiveFile\\="); got != want {
			t.Errorf("%s: from the archive: %v", why, got)
		}
	}
	fast(false, "none is there")
	s := run()
	if err := h.ArchiveSubmit(&s); err != nil {
		t.Fatal(err)
	}
	if err := h.KeepArchive(&s); err == nil || !strings.Contains(err.Error(), "no archive was left") {
		t.Errorf("nothing was left: %v", err)
	}
	if !strings.Contains(settings(t, s)[java], "classes.jsa.new") {
		t.Error("the training leaves nothing")
	}
	name := filepath.Join(filepath.Dir(h.JarFolder(spark, "s3")), "classes.jsa")
	if err := errors.Join(os.WriteFile(name+".new", []byte("classes"), 0o400), h.KeepArchive(&s)); err != nil {
		t.Fatal(err)
	}
	fast(true, "it fits")
	if err := os.WriteFile(name, []byte("classEs"), 0o600); err != nil {
		t.Fatal(err)
	}
	fast(false, "another byte")
	if err := os.WriteFile(name, []byte("classes"), 0o600); err != nil {
		t.Fatal(err)
	}
	fast(true, "mended")
	cluster := run()
	cluster.Run.Args["--conf"] = "spark.master=spark://h:7077"
	if o := settings(t, cluster)[java]; strings.Contains(o, "-XX") {
		t.Error("on a cluster", o)
	}
	if err := os.WriteFile(filepath.Join(h.JarFolder(spark, "s3"), "new.jar"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	fast(false, "another jar")
}

// TestSpecialArguments holds what is refused by name, what is said, and what asks for nothing.
func TestSpecialArguments(t *testing.T) {
	for _, c := range []struct{ name, value, refused, told4, told5 string }{
		{"--job-language", "python", "", "", ""},
		{"--job-language", "scala", `--job-language "scala"`, "", ""},
		{"--class", "Main", "--class", "", ""},
		{"--datalake-formats", "iceberg, hudi", `"hudi"`, "", ""},
		{"--enable-lakeformation-fine-grained-access", "true", "no Lake Formation", "", ""},
		{"--enable-lakeformation-fine-grained-access", "false", "", "", ""},
		{"--executor-cores", "two", "no number of tasks", "", ""},
		{"--continuous-log-logGroup", "/mine", "", "", "without effect since Glue 5.0"},
		{"--continuous-log-logGroup", "a b", "cannot be part of a name", "", "without effect since Glue 5.0"},
		{"--custom-logGroup-prefix", "/mine", "", "without effect before Glue 5.0", ""},
		{"--custom-logStream-prefix", "a*", "cannot be part of a name", "without effect before Glue 5.0", ""},
		{"--enable-job-insights", "true", "", "no insights are made", "no insights are made"},
		{"--enable-job-insights", "false", "", "", ""},
		{"--write-shuffle-files-to-s3", "true", "", "stay on this machine", "stay on this machine"},
		{"--enable-spark-ui", "true", "", "which is not given", "which is not given"},
		{"--disable-proxy-v2", "true", "", "", ""},
		{"--day", "2024-01-01", "", "", ""},
	} {
		args := map[string]string{c.name: c.value}
		if got := script.Refused(args); (got == "") != (c.refused == "") || !strings.Contains(got, c.refused) {
			t.Errorf("%s %s: refused with %q", c.name, c.value, got)
		}
		for glue, want := range map[string]string{"4.0": c.told4, "5.0": c.told5} {
			if got := strings.Join(script.Told(args, glue), " "); (got == "") != (want == "") || !strings.Contains(got, want) {
				t.Errorf("%s %s, Glue %s: %q", c.name, c.value, glue, got)
			}
		}
	}
	got := script.Variables(`CUSTOMER_A=1, CUSTOMER_B="2,x y",OTHER=3,CUSTOMER_C`)
	if !slices.Equal(got, []string{"CUSTOMER_A=1", "CUSTOMER_B=2,x y"}) {
		t.Errorf("%q", got)
	}
}

// TestFigures reads what Spark leaves of a run: two contexts, a task that failed, one that was killed, a line that was cut.
func TestFigures(t *testing.T) {
	s := script.Submit{Dir: t.TempDir()}
	put := func(name, text string) {
		t.Helper()
		name = filepath.Join(s.Dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o700), os.WriteFile(name, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	put("events/local-1", `{"Event":"SparkListenerApplicationStart","Timestamp":1000}
{"Event":"x","text":"`+strings.Repeat("long ", 1<<19)+`"}
{"Event":"SparkListenerTaskEnd","Task End Reason":{"Reason":"Success"},"Task Metrics":{"Input Metrics":{"Bytes Read":10,"Records Read":3},`+
		`"Shuffle Read Metrics":{"Local Bytes Read":5},"Shuffle Write Metrics":{"Shuffle Bytes Written":7}}}
{"Event":"SparkListenerTaskEnd","Task End Reason":{"Reason":"TaskKilled"}}
{"Event":"SparkListenerTaskEnd","Task End Reason":{"Reason":"ExceptionFailure"}}
{"Event":"SparkListenerStageCompleted","Stage Info":{"Stage ID":0}}
{"Event":"SparkListenerStageCompleted","Stage Info":{"Stage ID":1,"Failure Reason":"x"}}
{"Event":"SparkListenerApplicationEnd","Timestamp":3500}
`)
	put("events/local-2.inprogress", `{"Event":"SparkListenerTaskEnd","Task End Reason":{"Reason":"Success"},"Task Metrics":{"Input Metrics":{"Bytes Read":1}}}
{"Event":"SparkListenerTaskEnd","Task End`)
	put("figures/run.driver.jvm.heap.used.csv", "t,value\n1796068710,46250768\n1796068712,89176544.5\n")
	got, err := s.Totals()
	want := script.Totals{BytesRead: 11, RecordsRead: 3, ShuffleWritten: 7, ShuffleLocalRead: 5, CompletedStages: 1, CompletedTasks: 2,
		FailedTasks: 1, KilledTasks: 1, Elapsed: 2500 * time.Millisecond}
	if err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	points, err := s.Gauge("jvm.heap.used")
	if err != nil || len(points) != 2 || points[1].Value != 89176544.5 || points[1].Time.Unix() != 1796068712 {
		t.Errorf("%+v, %v", points, err)
	}
	if none, err := s.Gauge("nosuch"); none != nil || err != nil {
		t.Error(none, err)
	}
}

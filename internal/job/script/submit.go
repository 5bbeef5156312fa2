package script

import (
	"fmt"
	"maps"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// A Submit is a Spark job's run, ready to be started.
type Submit struct {
	Spark    Spark
	Host     *Host
	Run      Run
	Dir      string // of the run, for what Spark writes beside its data
	Script   string
	Path     []string // where Python's modules are looked for
	PyFiles  []string // what a cluster's workers are sent
	Jars     []string // of --extra-jars
	Files    []string // of --extra-files
	Python   string   // the interpreter that has the job's modules
	Memory   int64    // bytes that the run may use
	Threads  int
	Workers  int // NumberOfWorkers, the driver's among them, and the processors of one
	Cores    int
	Endpoint string
	Region   string
	Log      *DriverLog // nil: none beside the run's two
	Trust    string     // a file of certificates, PEM, by which an https endpoint is known; "" when it is not https

	dump string // the archive of classes that the run is to leave, or ""
}

// Master is where the job runs: what --conf says, else the server's cluster, else this machine with the run's threads.
func (s *Submit) Master() string {
	if m := s.Run.Conf()["spark.master"]; m != "" {
		return m
	}
	if s.Host.Master != "" {
		return s.Host.Master
	}
	return fmt.Sprintf("local[%d]", max(s.Threads, 1))
}

// Local reports whether the job runs on this machine and not on a cluster.
func (s *Submit) Local() bool { return strings.HasPrefix(s.Master(), "local") }

// sets are the jar sets that the run needs.
func (s *Submit) sets() []string {
	sets := []string{"s3"}
	if slices.Contains(s.Run.List("--datalake-formats"), "iceberg") {
		sets = append(sets, "iceberg")
	}
	if s.Host.HasJars(s.Spark, "jdbc") {
		sets = append(sets, "jdbc")
	}
	return sets
}

// classPath is where Java finds the jars of the sets and of --extra-jars.
func (s *Submit) classPath() (string, error) {
	var parts []string
	for _, set := range s.sets() {
		if err := s.Host.NeedJars(s.Spark, set); err != nil {
			return "", err
		}
		parts = append(parts, filepath.Join(s.Host.JarFolder(s.Spark, set), "*"))
	}
	if s.Run.Args["--user-jars-first"] == "true" {
		return strings.Join(append(slices.Clone(s.Jars), parts...), ":"), nil
	}
	return strings.Join(append(parts, s.Jars...), ":"), nil
}

// Conf are the settings of --conf, which hold over all others: "spark.a=1 --conf spark.b=2".
func (r Run) Conf() map[string]string {
	conf := map[string]string{}
	for part := range strings.SplitSeq(" "+r.Args["--conf"], " --conf ") {
		if k, v, ok := strings.Cut(strings.TrimSpace(part), "="); ok {
			conf[k] = v
		}
	}
	return conf
}

// settings are Spark's for this run. Those of S3 were measured: with others a dynamic overwrite doubles rows without an error.
func (s *Submit) settings(classPath string) map[string]string {
	heap := max(s.Memory*6/10, 512<<20) >> 20
	conf := map[string]string{
		"spark.app.name": s.Run.Job, "spark.ui.enabled": "false", "spark.master": s.Master(), "spark.driver.extraClassPath": classPath,
		"spark.driver.memory":     fmt.Sprintf("%dm", heap),
		"spark.sql.warehouse.dir": "file:" + filepath.Join(s.Dir, "warehouse"), "spark.sql.catalogImplementation": "in-memory",
		"spark.sql.sources.commitProtocolClass":    "org.apache.spark.sql.execution.datasources.SQLHadoopMapReduceCommitProtocol",
		"spark.sql.parquet.output.committer.class": "org.apache.spark.internal.io.cloud.BindingParquetOutputCommitter",
		"spark.sql.session.timeZone":               "UTC",
		"spark.sql.ansi.enabled":                   "false", // Glue's default, also for Spark 4
	}
	maps.Copy(conf, s.s3a())
	maps.Copy(conf, s.observed())
	maps.Copy(conf, s.iceberg())
	java := []string{word("-Djava.io.tmpdir=" + s.Dir), word("-Dlog4j2.configurationFile=file:" + s.logConfig()), "-Duser.timezone=UTC"}
	trust := s.trusted()
	java = append(java, trust...)
	own, given := s.Run.Conf()[driverOptions]
	switch {
	case given:
		java = append(java, own)
	case s.Local():
		java = append(java, s.localJava(classPath)...)
	}
	if s.Local() {
		conf["spark.driver.bindAddress"], conf["spark.driver.host"] = "127.0.0.1", "127.0.0.1"
	} else {
		maps.Copy(conf, s.cluster(classPath, trust))
		delete(conf, "spark.hadoop.fs.s3a.buffer.dir")
	}
	for _, kv := range Variables(s.Run.Args["--customer-executor-env-vars"]) {
		name, value, _ := strings.Cut(kv, "=")
		conf["spark.executorEnv."+name] = value
	}
	maps.Copy(conf, s.Run.Conf())
	conf[driverOptions] = strings.Join(java, " ")
	return conf
}

// word is an option as Spark reads it from a list of them: with blanks it stands in quotes.
func word(option string) string {
	if !strings.ContainsAny(option, " \t'\"\\") {
		return option
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(option) + `"`
}

// driverOptions are Java's options of the driver: a job's own come after those that it cannot run without, in the place of localJava.
const driverOptions = "spark.driver.extraJavaOptions"

// trusted are Java's options by which it knows an https endpoint.
func (s *Submit) trusted() []string {
	if s.Trust == "" {
		return nil
	}
	return []string{word("-Djavax.net.ssl.trustStore=" + s.trustStore()), "-Djavax.net.ssl.trustStoreType=JKS",
		"-Djavax.net.ssl.trustStorePassword=" + storePassword}
}

// s3a are the settings of Hadoop's client of S3. Its keys come from the environment, which Spark itself passes on.
func (s *Submit) s3a() map[string]string {
	u, err := url.Parse(s.Endpoint)
	tls := err == nil && u.Scheme == "https"
	const factory = "org.apache.hadoop.fs.s3a.commit.S3ACommitterFactory"
	conf := map[string]string{}
	for k, v := range map[string]string{
		"fs.s3.impl": "org.apache.hadoop.fs.s3a.S3AFileSystem", "fs.s3n.impl": "org.apache.hadoop.fs.s3a.S3AFileSystem",
		"fs.s3a.endpoint": s.Endpoint, "fs.s3a.endpoint.region": s.Region, "fs.s3a.path.style.access": "true",
		"fs.s3a.connection.ssl.enabled":   fmt.Sprint(tls),
		"fs.s3a.aws.credentials.provider": "org.apache.hadoop.fs.s3a.TemporaryAWSCredentialsProvider",
		"fs.s3a.committer.name":           "magic", "fs.s3a.committer.magic.enabled": "true",
		"fs.s3a.buffer.dir":                            filepath.Join(s.Dir, "buffer"),
		"mapreduce.outputcommitter.factory.scheme.s3a": factory, "mapreduce.outputcommitter.factory.scheme.s3": factory,
	} {
		conf["spark.hadoop."+k] = v
	}
	if older(s.Spark.Hadoop, "3.4") {
		conf["spark.hadoop.fs.s3a.directory.marker.retention"] = "keep"
	}
	return conf
}

// cluster are the settings of a run on a standalone cluster: as many executors as it asks for workers, less the driver's, where the cluster
// gives them. Their endpoint and zone are the driver's; S3's keys Spark sends them itself.
func (s *Submit) cluster(classPath string, java []string) map[string]string {
	conf := map[string]string{"spark.executorEnv.AWS_ENDPOINT_URL": s.Endpoint, "spark.executorEnv.AWS_REGION": s.Region,
		"spark.executorEnv.AWS_DEFAULT_REGION": s.Region, "spark.executorEnv.TZ": "UTC",
		"spark.executor.extraJavaOptions": strings.Join(append([]string{"-Duser.timezone=UTC"}, java...), " ")}
	if s.near() {
		conf["spark.executor.extraClassPath"], conf["spark.pyspark.python"] = classPath, s.Python
	}
	cores := s.Cores
	if n, err := strconv.Atoi(s.Run.Args["--executor-cores"]); err == nil {
		cores, conf["spark.executor.cores"] = n, fmt.Sprint(n)
	}
	switch most := max(s.Workers-1, 1); {
	case s.Run.Args["--enable-auto-scaling"] == "true":
		conf["spark.dynamicAllocation.enabled"], conf["spark.dynamicAllocation.maxExecutors"] = "true", fmt.Sprint(most)
		conf["spark.dynamicAllocation.shuffleTracking.enabled"] = "true"
		conf["spark.dynamicAllocation.shuffleTracking.timeout"] = "60s"
	case s.Workers > 0 && cores > 0:
		conf["spark.cores.max"] = fmt.Sprint(most * cores)
	}
	return conf
}

// near reports whether the cluster is on this machine, where its executors find the files that lie here.
func (s *Submit) near() bool {
	u, err := url.Parse(s.Master())
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

// localJava makes small jobs on this machine cheap: classes come from the archive, and what is not run ten times as often as usual is not
// compiled by the slower of Java's compilers. A long job has the same code in the end.
func (s *Submit) localJava(classPath string) []string {
	java := []string{"-XX:Tier4InvocationThreshold=50000", "-XX:Tier4MinInvocationThreshold=6000", "-XX:Tier4CompileThreshold=150000",
		"-XX:Tier4BackEdgeThreshold=400000"}
	if s.Threads <= 2 { // more threads collect better together
		java = append(java, "-XX:+UseSerialGC")
	}
	switch {
	case s.dump != "":
		java = append(java, word("-XX:ArchiveClassesAtExit="+s.dump), "-Xlog:disable")
	case s.Spark.JavaOf >= FirstArchiving:
		if file := s.Host.Archive(s.Spark, classPath); file != "" {
			java = append(java, word("-XX:SharedArchiveFile="+file), "-Xshare:auto", "-Xlog:cds*=off", "-Xlog:class+path*=off")
		}
	}
	return java
}

func (s *Submit) logConfig() string { return filepath.Join(s.Dir, "log4j2.properties") }

// Command writes the run's settings into its folder and is the command line that starts it.
func (s *Submit) Command() (path string, args []string, err error) {
	classPath, err := s.classPath()
	if err != nil {
		return "", nil, err
	}
	if err := os.WriteFile(s.logConfig(), []byte(s.Log.settings()), 0o600); err != nil {
		return "", nil, err
	}
	for _, d := range []string{"local", "buffer", "warehouse", "events", "figures"} {
		if err := os.MkdirAll(filepath.Join(s.Dir, d), 0o700); err != nil {
			return "", nil, err
		}
	}
	if s.Trust != "" {
		if err := writeTrust(s.trustStore(), s.Trust); err != nil {
			return "", nil, fmt.Errorf("store of certificates: %w", err)
		}
	}
	conf := s.settings(classPath)
	file := filepath.Join(s.Dir, "spark.properties")
	if err := os.WriteFile(file, properties(conf), 0o600); err != nil {
		return "", nil, err
	}
	args = []string{"--properties-file", file, "--driver-memory", conf["spark.driver.memory"]}
	if !s.Local() { // a cluster's workers are sent what lies here
		jars, err := s.sentJars()
		if err != nil {
			return "", nil, err
		}
		for _, sent := range []struct {
			flag  string
			files []string
		}{{"--py-files", s.PyFiles}, {"--files", s.Files}, {"--jars", jars}} {
			if len(sent.files) > 0 {
				args = append(args, sent.flag, strings.Join(sent.files, ","))
			}
		}
	}
	return filepath.Join(s.Spark.Home, "bin", "spark-submit"), append(append(args, s.Script), s.Run.Argv()...), nil
}

// sentJars are the jars that a cluster on other machines is sent.
func (s *Submit) sentJars() (jars []string, err error) {
	if s.near() {
		return nil, nil
	}
	for _, set := range s.sets() {
		list, err := filepath.Glob(filepath.Join(s.Host.JarFolder(s.Spark, set), "*.jar"))
		if err != nil {
			return nil, err
		}
		jars = append(jars, list...)
	}
	return append(jars, s.Jars...), nil
}

// Env is the environment of the run beside its keys.
func (s *Submit) Env() []string {
	env := append(slices.Clone(s.Host.Env), Variables(s.Run.Args["--customer-driver-env-vars"])...)
	if s.Local() || s.near() {
		env = append(env, "SPARK_LOCAL_IP=127.0.0.1")
	}
	return append(env, "SPARK_HOME="+s.Spark.Home, "PYSPARK_PYTHON="+s.Python, "PYSPARK_DRIVER_PYTHON="+s.Python,
		"JAVA_HOME="+filepath.Dir(filepath.Dir(s.Spark.Java)), "SPARK_LOCAL_DIRS="+filepath.Join(s.Dir, "local"),
		"PYTHONPATH="+strings.Join(s.Path, string(os.PathListSeparator)), "PYTHONUNBUFFERED=1",
		"TZ=UTC") // Python keeps awsglue compiled beside its sources: to compile it costs each job 60 ms of processor time
}

// properties writes settings as a file of Java's properties.
func properties(conf map[string]string) []byte {
	var b strings.Builder
	for _, k := range slices.Sorted(maps.Keys(conf)) {
		b.WriteString(strings.ReplaceAll(escaped(k), " ", "\\ ") + " " + escaped(conf[k]) + "\n")
	}
	return []byte(b.String())
}

// escaped is a value as a file of Java's properties has it.
func escaped(text string) string {
	return strings.NewReplacer("\\", "\\\\", "\n", "\\n", "\r", "\\r", "\t", "\\t", "\f", "\\f", ":", "\\:", "=", "\\=", "#", "\\#",
		"!", "\\!").Replace(text)
}

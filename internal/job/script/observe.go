package script

import (
	"path/filepath"
	"strings"
)

// A DriverLog is a stream of the driver's log as its lines are made, beside the run's two: what --enable-continuous-cloudwatch-log asks
// for.
type DriverLog struct {
	Pipe    string // a named pipe, which log4j writes
	Pattern string // log4j's, of a line
	All     bool   // without the filter that keeps from Spark and Hadoop only warnings
}

// usualPattern is how Glue's continuous log shows a line.
const usualPattern = "%d{yy/MM/dd HH:mm:ss} %p %c{1}: %m%n"

// logLevels lets through what a script's author looks for: warnings of Spark, and everything of the script's own logger.
const logLevels = `rootLogger.level = warn
rootLogger.appenderRef.stderr.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.target = SYSTEM_ERR
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{yyyy-MM-dd HH:mm:ss,SSS} %p [%t] %c{1}: %m%n%ex
logger.glue.name = GlueLogger
logger.glue.level = info
logger.s3a.name = org.apache.hadoop.fs.s3a.S3AInstrumentation
logger.s3a.level = error
logger.native.name = org.apache.hadoop.util.NativeCodeLoader
logger.native.level = error
logger.metrics.name = org.apache.hadoop.metrics2
logger.metrics.level = error
`

// settings of log4j for the run: logLevels, and the continuous log if there is one, which has what is said from INFO on.
func (d *DriverLog) settings() string {
	if d == nil {
		return logLevels
	}
	pattern := d.Pattern
	if pattern == "" {
		pattern = usualPattern
	}
	text := strings.Replace(logLevels, "rootLogger.level = warn", "rootLogger.level = info", 1) +
		`rootLogger.appenderRef.stderr.filter.warn.type = ThresholdFilter
rootLogger.appenderRef.stderr.filter.warn.level = warn
rootLogger.appenderRef.continuous.ref = continuous
logger.glue.additivity = false
logger.glue.appenderRef.stderr.ref = console
logger.glue.appenderRef.continuous.ref = continuous
appender.continuous.type = File
appender.continuous.name = continuous
appender.continuous.fileName = ` + escaped(d.Pipe) + `
appender.continuous.layout.type = PatternLayout
appender.continuous.layout.pattern = ` + escaped(pattern) + "\n"
	if d.All {
		return text
	}
	for _, name := range []string{"spark org.apache.spark", "hadoop org.apache.hadoop", "project org.sparkproject", "aws com.amazonaws"} {
		short, full, _ := strings.Cut(name, " ")
		text += "logger." + short + ".name = " + full + "\nlogger." + short + ".level = warn\n"
	}
	return text
}

// events is the folder in which the run keeps what happened in it, for the event log that the job asks for and for its metrics.
func (s *Submit) events() string { return filepath.Join(s.Dir, "events") }

// figures is the folder in which Spark's driver writes its gauges.
func (s *Submit) figures() string { return filepath.Join(s.Dir, "figures") }

// observed are the settings by which Spark tells what it does.
func (s *Submit) observed() map[string]string {
	conf := map[string]string{}
	if s.KeepsEvents() || s.Measured() {
		conf["spark.eventLog.enabled"], conf["spark.eventLog.dir"] = "true", "file:"+s.events()
		conf["spark.eventLog.rolling.enabled"], conf["spark.eventLog.compress"] = "false", "false"
	}
	if s.Measured() {
		const csv = "spark.metrics.conf.driver.sink.csv."
		conf[csv+"class"], conf[csv+"directory"] = "org.apache.spark.metrics.sink.CsvSink", s.figures()
		conf[csv+"period"], conf[csv+"unit"] = "30", "seconds" // Glue's
		conf["spark.metrics.conf.driver.source.jvm.class"] = "org.apache.spark.metrics.source.JvmSource"
		conf["spark.metrics.namespace"] = "run"
		conf["spark.executor.metrics.fileSystemSchemes"] = "file,s3,s3a,s3n"
	}
	return conf
}

// KeepsEvents reports whether the job asks for the log of its events in S3.
func (s *Submit) KeepsEvents() bool {
	return asks(s.Run.Args["--enable-spark-ui"]) && s.Run.Args["--spark-event-logs-path"] != ""
}

// Measured reports whether the job asks for metrics: the argument's presence does, whatever its value, but for "false".
func (s *Submit) Measured() bool {
	v, ok := s.Run.Args["--enable-metrics"]
	return ok && !strings.EqualFold(v, "false")
}

// EventLogs are the files of events that a run has left, one for each of its Spark contexts.
func (s *Submit) EventLogs() ([]string, error) { return filepath.Glob(filepath.Join(s.events(), "*")) }

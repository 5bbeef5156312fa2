package script

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A special is an argument that Glue itself reads, of those that a Spark job's run heeds nowhere else:
// https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-glue-arguments.html.
type special struct {
	name    string
	refuses func(value string) string // says what is not there, or ""
	tells   string                    // what the run's log says when it is asked for: what else happens here
}

// asks reports whether the value of a switch asks for something.
func asks(value string) bool { return value != "" && !strings.EqualFold(value, "false") }

// specials are those of Spark jobs. What stands in none of its fields is done elsewhere or asks for nothing here: docs/jobs.md has all.
func specials() []special {
	return []special{
		{name: "--job-language", refuses: func(v string) string {
			if v == "" || v == "python" {
				return ""
			}
			return fmt.Sprintf("Penstock does not support --job-language %q; scripts are Python", v)
		}},
		{name: "--class", refuses: func(v string) string {
			if v == "" || v == "GlueApp" {
				return ""
			}
			return "Penstock does not support --class: scripts are Python, not Scala"
		}},
		{name: "--datalake-formats", refuses: func(v string) string {
			for format := range strings.SplitSeq(v, ",") {
				if f := strings.TrimSpace(format); f != "" && f != "iceberg" {
					return fmt.Sprintf("Penstock does not support --datalake-formats %q; it has iceberg", f)
				}
			}
			return ""
		}},
		{name: "--enable-lakeformation-fine-grained-access", refuses: func(v string) string {
			if !asks(v) {
				return ""
			}
			return "Penstock does not support --enable-lakeformation-fine-grained-access: there is no Lake Formation"
		}},
		{name: "--executor-cores", refuses: func(v string) string {
			if n, err := strconv.Atoi(v); v == "" || err == nil && n > 0 {
				return ""
			}
			return fmt.Sprintf("--executor-cores %q is no number of tasks", v)
		}},
		{name: "--custom-logGroup-prefix", refuses: badPrefix("--custom-logGroup-prefix")},
		{name: "--custom-logStream-prefix", refuses: badPrefix("--custom-logStream-prefix")},
		{name: "--continuous-log-logGroup", refuses: badName("--continuous-log-logGroup", `^[.\-_/#A-Za-z0-9]{1,512}$`)},
		{name: "--continuous-log-logStreamPrefix", refuses: badName("--continuous-log-logStreamPrefix", `^[^:*]{1,400}$`)},
		{name: "--enable-job-insights", tells: "no insights are made: a failed run's ErrorMessage is its script's exception"},
		{name: "--enable-observability-metrics", tells: "there are no such metrics here; --enable-metrics has those of the driver"},
		{name: "--write-shuffle-files-to-s3", tells: "files of shuffles stay on this machine's disk"},
		{name: "--write-shuffle-spills-to-s3", tells: "files of shuffles stay on this machine's disk"},
		{name: "--encryption-type", tells: "nothing is encrypted on this machine's disk"},
	}
}

func badPrefix(name string) func(string) string { return badName(name, `^[A-Za-z0-9_\-/]{1,400}$`) }

// badName refuses what no log group or stream can be called.
func badName(arg, form string) func(string) string {
	return func(v string) string {
		if v == "" || regexp.MustCompile(form).MatchString(v) {
			return ""
		}
		return fmt.Sprintf("%s %q cannot be part of a name in CloudWatch Logs", arg, v)
	}
}

// Refused names what a Spark job's arguments ask for that is not there, or "".
func Refused(args map[string]string) string {
	for _, s := range specials() {
		if v, ok := args[s.name]; ok && s.refuses != nil {
			if why := s.refuses(v); why != "" {
				return why
			}
		}
	}
	return ""
}

// Told are the lines that a Spark job's log begins with: what its arguments ask for and is otherwise here.
func Told(args map[string]string, glue string) (lines []string) {
	for _, s := range specials() {
		if asks(args[s.name]) && s.tells != "" {
			lines = append(lines, s.name+": "+s.tells)
		}
	}
	since5 := Since5(glue)
	for _, name := range slices.Sorted(maps.Keys(args)) {
		switch {
		case args[name] == "":
		case since5 && strings.HasPrefix(name, "--continuous-log-"):
			lines = append(lines, name+": without effect since Glue 5.0, as on AWS; there are --custom-logGroup-prefix and "+
				"--custom-logStream-prefix")
		case !since5 && strings.HasPrefix(name, "--custom-log"):
			lines = append(lines, name+": without effect before Glue 5.0, as on AWS; --continuous-log-logGroup is there")
		}
	}
	if asks(args["--enable-spark-ui"]) && args["--spark-event-logs-path"] == "" {
		lines = append(lines, "--enable-spark-ui: event logs are kept where --spark-event-logs-path says, which is not given")
	}
	return lines
}

// Since5 reports whether a job of a Glue version has what came with 5.0: its way of logging, and its time limit. No version is the newest.
func Since5(glue string) bool { return glue == "" || !older(glue, "5.0") }

// Variables are what --customer-driver-env-vars or --customer-executor-env-vars sets: A=1,B="2, 3". Only names that begin with CUSTOMER_
// are set, as on AWS.
func Variables(text string) (env []string) {
	var item strings.Builder
	quoted := false
	end := func() {
		if kv := strings.TrimSpace(item.String()); strings.HasPrefix(kv, "CUSTOMER_") && strings.Contains(kv, "=") {
			env = append(env, kv)
		}
		item.Reset()
	}
	for _, r := range text {
		switch {
		case r == '"':
			quoted = !quoted
		case r == ',' && !quoted:
			end()
		default:
			item.WriteRune(r)
		}
	}
	end()
	return env
}

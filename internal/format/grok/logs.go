package grok

import "bytes"

// A Log is a format of Glue's built-in classifiers that is recognised by a grok pattern.
type Log struct {
	Name    string // the classification
	Pattern string // the table's input.format
	Custom  string // the table's input.grokCustomPatterns
}

// Logs are the built-in log formats in the order in which Glue tries them. AWS publishes their names only: combined_apache and apache are
// the guide's own patterns, ruby_logger is the one that Redshift's documentation shows, squid, redismonlog and redislog follow logstash's;
// the patterns of linux_kernel and microsoft_log (the log format of IIS with commas) are ours.
func Logs() []Log {
	return []Log{
		{Name: "combined_apache", Pattern: `^%{COMBINEDAPACHELOG}`},
		{Name: "apache", Pattern: `^%{COMMONAPACHELOG}`},
		{Name: "linux_kernel",
			Pattern: `^%{SYSLOGTIMESTAMP:timestamp} %{SYSLOGHOST:logsource} kernel: (?:\[ *%{NUMBER:uptime:double}\] )?%{GREEDYDATA:message}$`},
		{Name: "microsoft_log",
			Pattern: `^%{IP:clientip}, %{IISFIELD:username}, %{IISDATE:date}, %{TIME:time}, %{IISFIELD:service}, %{IISFIELD:server}, ` +
				`%{IP:serverip}, %{NONNEGINT:timetaken:long}, %{NONNEGINT:bytesreceived:long}, %{NONNEGINT:bytessent:long}, ` +
				`%{NONNEGINT:status:int}, %{NONNEGINT:windowsstatus:long}, %{WORD:method}, %{IISFIELD:target}, %{DATA:parameters},?$`,
			Custom: "IISFIELD [^,]*\nIISDATE %{MONTHNUM}/%{MONTHDAY}/%{YEAR}"},
		{Name: "ruby_logger",
			Pattern: `^[DFEWIU], \[%{TIMESTAMP_ISO8601:timestamp} #%{POSINT:pid:int}\] *%{RUBY_LOGLEVEL:loglevel} -- ` +
				`+%{DATA:progname}: %{GREEDYDATA:message}$`,
			Custom: "RUBY_LOGLEVEL (?:DEBUG|FATAL|ERROR|WARN|INFO|ANY|UNKNOWN)"},
		{Name: "squid",
			Pattern: `^%{NUMBER:timestamp:double} +%{NUMBER:duration:long} %{IPORHOST:client_address} ` +
				`%{WORD:cache_result}/%{NONNEGINT:status_code:int} %{NUMBER:bytes:long} ` +
				`%{NOTSPACE:request_method} %{NOTSPACE:url} %{NOTSPACE:user} %{WORD:hierarchy_code}/%{NOTSPACE:server} ` +
				`%{NOTSPACE:content_type}`},
		{Name: "redismonlog",
			Pattern: `^%{NUMBER:timestamp:double} \[%{INT:database:int} ` +
				`(?:%{IP:client}:%{POSINT:port:int}|%{NOTSPACE:client})\] ` +
				`"%{DATA:command}" ?%{GREEDYDATA:params}$`},
		{Name: "redislog",
			Pattern: `^(?:\[%{POSINT:pid:int}\]|%{POSINT:pid:int}:%{WORD:role}) %{REDISTIMESTAMP:timestamp} ` +
				`%{REDISLEVEL:loglevel} %{GREEDYDATA:message}$`,
			Custom: "REDISTIMESTAMP %{MONTHDAY} %{MONTH} (?:%{YEAR} )?%{TIME}\nREDISLEVEL [-.*#]"},
	}
}

// Share counts the lines of a sample and those of them that the pattern matches: the certainty of a grok classifier is the one by the
// other. Lines without text do not count, nor does a last line that the sample cuts; whole says that the sample ends where the file ends.
func (p *Pattern) Share(sample []byte, whole bool) (matched, lines int) {
	matched, lines, _ = p.Filled(sample, whole)
	return matched, lines
}

// Filled is Share, and counts for each column the matching lines that have a value in it.
func (p *Pattern) Filled(sample []byte, whole bool) (matched, lines int, filled []int64) {
	filled = make([]int64, len(p.fields))
	values := make([][]byte, len(p.fields))
	sample = bytes.TrimPrefix(sample, []byte(mark))
	for len(sample) > 0 {
		end := bytes.IndexByte(sample, '\n')
		if end < 0 {
			if !whole && lines > 0 {
				break
			}
			end = len(sample) - 1
		}
		line := trimEnd(sample[:end+1])
		sample = sample[end+1:]
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		lines++
		if len(line) > MaxLine {
			continue
		}
		if ok, err := p.Match(line, values); err == nil && ok {
			matched++
			for i, v := range values {
				if v != nil {
					filled[i]++
				}
			}
		}
	}
	return matched, lines, filled
}

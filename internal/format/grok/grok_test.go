package grok_test

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"penstock/internal/column"
	"penstock/internal/format/grok"
	"penstock/internal/schema"
)

func compile(t testing.TB, expression, custom string, wanted ...string) *grok.Pattern {
	t.Helper()
	p, err := grok.Compile(expression, custom, wanted)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// match is the fields of a line as name=value, or "no".
func match(t testing.TB, p *grok.Pattern, line string) string {
	t.Helper()
	values := make([][]byte, len(p.Columns()))
	ok, err := p.Match([]byte(line), values)
	if err != nil {
		t.Fatal(err)
	}
	if !ok {
		return "no"
	}
	var out []string
	for i, f := range p.Columns() {
		if values[i] != nil {
			out = append(out, f.Name+"="+string(values[i]))
		}
	}
	return strings.Join(out, "|")
}

// The names are those of the Glue guide's list.
func TestBuiltinNames(t *testing.T) {
	const guide = `USERNAME USER INT BASE10NUM NUMBER BASE16NUM BASE16FLOAT BOOLEAN POSINT NONNEGINT WORD NOTSPACE SPACE DATA GREEDYDATA
		QUOTEDSTRING UUID MAC CISCOMAC WINDOWSMAC COMMONMAC IPV6 IPV4 IP HOSTNAME HOST IPORHOST HOSTPORT PATH UNIXPATH TTY WINPATH URIPROTO
		URIHOST URIPATH URIPARAM URIPATHPARAM URI MONTH MONTHNUM MONTHNUM2 MONTHDAY DAY YEAR HOUR MINUTE SECOND TIME DATE_US DATE_EU
		DATESTAMP_US DATESTAMP_EU ISO8601_TIMEZONE ISO8601_SECOND TIMESTAMP_ISO8601 TZ DATESTAMP_RFC822 DATESTAMP_RFC2822 DATESTAMP_OTHER
		DATESTAMP_EVENTLOG CISCOTIMESTAMP SYSLOGTIMESTAMP PROG SYSLOGPROG SYSLOGHOST SYSLOGFACILITY HTTPDATE QS SYSLOGBASE MESSAGESLOG
		COMMONAPACHELOG COMBINEDAPACHELOG COMMONAPACHELOG_DATATYPED LOGLEVEL`
	want := strings.Fields(guide)
	slices.Sort(want)
	if got := grok.Builtin(); !slices.Equal(got, want) {
		t.Errorf("built in are\n%q, not\n%q", got, want)
	}
}

// Each built-in pattern takes the whole of a text that it stands for, and not the whole of one that it does not.
func TestBuiltinPatterns(t *testing.T) {
	for _, c := range []struct{ name, yes, no string }{
		{"USERNAME", "a.b-c_9", "a b"}, {"USER", "frank", "fr@nk"}, {"INT", "-12", "1.5"}, {"BASE10NUM", "-1.50", "1.2.3"},
		{"NUMBER", "+.5", "x"}, {"BASE16NUM", "-0xFf", "0xG"}, {"BASE16FLOAT", "0x1f.8", "1f.8g"}, {"BOOLEAN", "TRUE", "yes"},
		{"POSINT", "10", "01"}, {"NONNEGINT", "007", "-7"}, {"WORD", "ab_1", "a-b"}, {"NOTSPACE", "a-b!", "a b"}, {"SPACE", " \t", "x"},
		{"DATA", "any thing", ""}, {"GREEDYDATA", "any thing", ""}, {"QUOTEDSTRING", `"a \" b"`, `"a`}, {"QS", `''`, `'`},
		{"UUID", "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", "aaaaaaaa-bbbb-cccc-dddd"}, {"MAC", "00-11-22-33-44-55", "00-11"},
		{"CISCOMAC", "0011.2233.4455", "0011.2233"}, {"WINDOWSMAC", "00-11-22-33-44-55", "00:11:22:33:44:55"},
		{"COMMONMAC", "00:11:22:33:44:55", "00-11-22-33-44-55"}, {"IPV6", "2001:db8::1", "2001:db8:::1"}, {"IPV6", "::ffff:1.2.3.4", "1.2.3.4"},
		{"IPV4", "255.1.2.3", "256.1.2.3"}, {"IP", "::1", "host"}, {"HOSTNAME", "a-1.example.com", "-a"}, {"HOST", "localhost", "-"},
		{"IPORHOST", "10.0.0.1", "-"}, {"HOSTPORT", "db.example.com:5432", "db.example.com:0"}, {"PATH", `C:\temp\x.txt`, "temp"},
		{"UNIXPATH", "/var/log/x.log", "var"}, {"TTY", "/dev/pts/0", "/dev/sda"}, {"WINPATH", `c:\a b`, "/a"}, {"URIPROTO", "svn+ssh", "1"},
		{"URIHOST", "example.com:8080", ":80"}, {"URIPATH", "/a/b;c", "a b"}, {"URIPARAM", "?a=b&c", "a=b"}, {"URIPATHPARAM", "/a?b=c", "?b"},
		{"URI", "https://u:p@example.com:80/a?b=c", "example.com"}, {"MONTH", "September", "Septem"}, {"MONTHNUM", "12", "13"},
		{"MONTHNUM2", "02", "2"}, {"MONTHDAY", "31", "32"}, {"DAY", "Tuesday", "Tues"}, {"YEAR", "2026", "202"}, {"HOUR", "23", "24"},
		{"MINUTE", "59", "60"}, {"SECOND", "60.123", "61"}, {"TIME", "23:59:60", "23:59"}, {"DATE_US", "12/31/2026", "31/12/2026"},
		{"DATE_EU", "31.12.2026", "12.31.2026"}, {"DATESTAMP_US", "12/31/26 10:00:00", "12/31/26"},
		{"DATESTAMP_EU", "31-12-26-10:00:00", "31-12-26"}, {"ISO8601_TIMEZONE", "+0100", "+1"}, {"ISO8601_SECOND", "07", "x"},
		{"TIMESTAMP_ISO8601", "2026-11-30T16:00:00.5+01:00", "2026-11-30"}, {"TZ", "PST", "CET"},
		{"DATESTAMP_RFC822", "Mon Nov 30 2026 16:00:00 UTC", "Mon Nov 30"},
		{"DATESTAMP_RFC2822", "Mon, 30 Nov 2026 16:00:00 +0000", "Mon, 30 Nov 2026"},
		{"DATESTAMP_OTHER", "Mon Nov 30 16:00:00 UTC 2026", "Mon Nov 30 16:00:00"}, {"DATESTAMP_EVENTLOG", "20261130160000", "2026113"},
		{"CISCOTIMESTAMP", "Nov 30 16:00:00", "30 Nov"}, {"SYSLOGTIMESTAMP", "Feb  9 07:15:00", "9 Feb"}, {"PROG", "postfix/smtpd", "a b"},
		{"SYSLOGPROG", "cron[12]", "cron[0]"}, {"SYSLOGHOST", "web-1", "-"}, {"SYSLOGFACILITY", "<3.1>", "<x>"},
		{"HTTPDATE", "10/Oct/2000:13:55:36 -0700", "10/Oct/2000"}, {"SYSLOGBASE", "Feb  9 07:15:00 host postfix/smtpd[19305]:", "Feb 9"},
		{"MESSAGESLOG", "Feb  9 07:15:00 host prog[1]: hello", "hello"}, {"LOGLEVEL", "WARNING", "loud"},
		{"COMMONAPACHELOG", apache, "GET /"}, {"COMBINEDAPACHELOG", apache + ` "-" "curl/8"`, apache},
		{"COMMONAPACHELOG_DATATYPED", apache, "GET /"},
	} {
		p := compile(t, "^%{"+c.name+":it}$", "", "it")
		if got := match(t, p, c.yes); got != "it="+c.yes {
			t.Errorf("%s takes %q of %q", c.name, got, c.yes)
		}
		if got := match(t, p, c.no); c.no != "" && got == "it="+c.no {
			t.Errorf("%s takes %q", c.name, c.no)
		}
	}
}

const apache = `127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326`

func TestFieldsAndTypes(t *testing.T) {
	for _, c := range []struct{ expression, custom, line, want, columns string }{
		{"%{NUMBER:num:int} %{WORD:w}", "", "x 12 y", "num=12|w=y", "num:int,w:string"},
		{"%{WORD:a:byte} %{WORD:b:boolean} %{WORD:c:double} %{WORD:d:short} %{WORD:e:int} %{WORD:f:long} %{WORD:g:float} %{WORD:h:string}", "",
			"1 2 3 4 5 6 7 8", "a=1|b=2|c=3|d=4|e=5|f=6|g=7|h=8",
			"a:tinyint,b:boolean,c:double,d:smallint,e:int,f:bigint,g:float,h:string"},
		// The guide's own example.
		{`%{TIMESTAMP_ISO8601:timestamp} \[%{MESSAGEPREFIX:message_prefix}\] %{CRAWLERLOGLEVEL:loglevel} : %{GREEDYDATA:message}`,
			"CRAWLERLOGLEVEL (BENCHMARK|ERROR|WARN|INFO|TRACE)\r\n\n# a comment\nMESSAGEPREFIX .*-.*-.*-.*-.*",
			"2026-11-30T16:00:00 [a-b-c-d-e] INFO : it runs",
			"timestamp=2026-11-30T16:00:00|message_prefix=a-b-c-d-e|loglevel=INFO|message=it runs",
			"timestamp:string,message_prefix:string,loglevel:string,message:string"},
		// Athena's example for Apache logs, with a blank in front of a name.
		{`^%{IPV4:client_ip} %{DATA:client_id} %{USERNAME:user_id} %{GREEDYDATA:request_received_time} %{QUOTEDSTRING:client_request} ` +
			`%{DATA:server_status} %{DATA: returned_obj_size}$`, "",
			`198.51.100.7 - Li [10/Oct/2019:13:55:36 -0700] "GET /logo.gif HTTP/1.0" 200 232`,
			`client_ip=198.51.100.7|client_id=-|user_id=Li|request_received_time=[10/Oct/2019:13:55:36 -0700]|` +
				`client_request="GET /logo.gif HTTP/1.0"|server_status=200|returned_obj_size=232`,
			"client_ip:string,client_id:string,user_id:string,request_received_time:string,client_request:string,server_status:string," +
				"returned_obj_size:string"},
		{"%{COMMONAPACHELOG}", "", apache, "clientip=127.0.0.1|ident=-|auth=frank|timestamp=10/Oct/2000:13:55:36 -0700|verb=GET|" +
			"request=/apache_pb.gif|httpversion=1.0|response=200|bytes=2326",
			"clientip:string,ident:string,auth:string,timestamp:string,verb:string,request:string,httpversion:string,rawrequest:string," +
				"response:string,bytes:string"},
		{"%{COMMONAPACHELOG_DATATYPED}", "", strings.Replace(apache, "2326", "-", 1), "clientip=127.0.0.1|ident=-|auth=frank|" +
			"timestamp=10/Oct/2000:13:55:36 -0700|verb=GET|request=/apache_pb.gif|httpversion=1.0|response=200",
			"clientip:string,ident:boolean,auth:string,timestamp:string,verb:string,request:string,httpversion:float,rawrequest:string," +
				"response:int,bytes:bigint"},
		{"%{X:v=a{2}|%{INT}}", "", "is 17", "v=17", "v:string"},                                      // a definition in place
		{"%{INT:v}|%{WORD:v}", "", "abc", "v=abc", "v:string"},                                       // two groups of one column
		{"(?<level>A|B) (?P<n>\\d) (?<=\\d )x", "", "B 7 x", "level=B|n=7", "level:string,n:string"}, // groups of the user's
		{"%{INT:X_Y} %{WORD:UNWANTED}", "", "1 a", "x_y=1", "x_y:string"},
		{"%{MINE:v}", "INT [a-c]+\nMINE <%{INT}>", "1<abc>", "v=<abc>", "v:string"}, // a custom pattern hides the built-in one
		{`(?!x)(["']).*\1 %{INT:n}`, "", `it's "it's" 3`, "n=3", "n:string"},        // a reference to a group
		{"%{GREEDYDATA:all}", "", "häß\xff€", "all=häß\xff€", "all:string"},
		{"(?!x)%{WORD:a}: %{NUMBER:n}ü", "", "é: ë word: 7ü", "a=word|n=7", "a:string,n:string"}, // bytes of characters that are longer
	} {
		p := compile(t, c.expression, c.custom)
		if got := match(t, p, c.line); got != c.want {
			t.Errorf("%s\ngives %s\nnot   %s", c.expression, got, c.want)
		}
		if got := "struct<" + c.columns + ">"; schema.StructOf(p.Columns()...).String() != got {
			t.Errorf("%s has columns %s", c.expression, schema.StructOf(p.Columns()...))
		}
	}
}

// A pattern without a field is captured under its own name when a table has a column of that name: Athena's Postfix example.
func TestWantedByPatternName(t *testing.T) {
	p := compile(t, `%{SYSLOGBASE} %{POSTFIX_QUEUEID:queue_id}: %{GREEDYDATA:syslog_message}`, "POSTFIX_QUEUEID [0-9A-F]{7,12}",
		"SyslogBase", "queue_id", "pid")
	got := match(t, p, "Feb  9 07:15:00 m4eastmail postfix/smtpd[19305]: B88C4120838: connect from unknown[192.168.55.4]")
	if want := "syslogbase=Feb  9 07:15:00 m4eastmail postfix/smtpd[19305]:|pid=19305|queue_id=B88C4120838"; got != want {
		t.Errorf("got %s", got)
	}
}

func TestFaults(t *testing.T) {
	for _, c := range []struct{ expression, custom, want string }{
		{"%{NOPE:x}", "", `there is no pattern "NOPE"`},
		{"%{INT:x:date2}", "", `the type "date2" of field x is none of byte`},
		{"%{INT:}", "", "has no field behind the colon"},
		{"%{INT", "", "a %{ has no }"},
		{"%{A}", "A %{B}\nB x%{A}", "the pattern A contains itself"},
		{"%{INT:x}(", "", "is not understood"},
		{"a\nb", "", "no line break"},
		{"a", "ONLYNAME", "line 1 of the custom patterns is no name"},
		{"a", "A b\n-X y", "line 2 of the custom patterns is no name"},
		{"a", strings.Repeat("x", 16001), "16000 are the most"},
		{"%{A0}", bomb(), "larger than"},
		{"(?<x", "", "has no name"},
	} {
		_, err := grok.Compile(c.expression, c.custom, nil)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, not %q", c.expression, err, c.want)
		}
		if err != nil && len(err.Error()) > 1000 {
			t.Errorf("%q: an error of %d bytes", c.expression, len(err.Error()))
		}
	}
	var chain strings.Builder
	for i := range 60 {
		fmt.Fprintf(&chain, "C%d %%{C%d}\n", i, i+1)
	}
	if _, err := grok.Compile("%{C0}", chain.String()+"C60 x", nil); err == nil || !strings.Contains(err.Error(), "more than 50 deep") {
		t.Errorf("a chain of patterns: %v", err)
	}
}

// bomb is patterns that stand for 10^40 bytes.
func bomb() string {
	var b strings.Builder
	for i := range 40 {
		fmt.Fprintf(&b, "A%d %s\n", i, strings.Repeat(fmt.Sprintf("%%{A%d}", i+1), 10))
	}
	return b.String() + "A40 x"
}

func TestLineThatTakesTooLong(t *testing.T) {
	p := compile(t, "(?!!)(a|aa)+$", "")
	if _, err := p.Match([]byte(strings.Repeat("a", 64)+"c"), nil); err == nil {
		t.Error("a line that takes ages is answered")
	}
	if compile(t, "(a+)+b$", "").Linear() != true {
		t.Error("a plain pattern is not matched in linear time")
	}
}

func read(t testing.TB, text, expression, custom, columns string) ([]string, []string) {
	t.Helper()
	typ, err := schema.Parse("struct<" + columns + ">")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	r, err := grok.NewReader(strings.NewReader(text), expression, custom, typ.Fields, grok.Options{Rows: 2, Bad: func(f column.Finding) error {
		found = append(found, f.String())
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	b := column.NewBatch(typ.Fields)
	for {
		b.Reset()
		err := r.Next(b)
		if err == io.EOF {
			return rows, found
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Check(); err != nil {
			t.Fatal(err)
		}
		for i := range b.Rows() {
			rows = append(rows, string(b.AppendJSON(nil, i)))
		}
	}
}

func TestReader(t *testing.T) {
	long := strings.Repeat("x", grok.MaxLine+1)
	text := "\xef\xbb\xbf12 a 2026-01-02\r\nbroken\n-3000000000 b\xff c\n\n7 d x\n" + long + " 1 e f\n8 " + strings.Repeat("y", 70_000) + " f"
	rows, found := read(t, text, `^%{INT:n:int} %{NOTSPACE:w}(?: %{NOTSPACE:Day})?`, "", "N:int,day:date,w:varchar(3),none:string")
	want := []string{`{"N":12,"day":"2026-01-02","w":"a","none":null}`, `{"N":null,"day":null,"w":null,"none":null}`,
		`{"N":null,"day":null,"w":"b�","none":null}`, `{"N":null,"day":null,"w":null,"none":null}`,
		`{"N":7,"day":null,"w":"d","none":null}`, `{"N":null,"day":null,"w":null,"none":null}`,
		`{"N":8,"day":null,"w":"yyy","none":null}`}
	if !slices.Equal(rows, want) {
		t.Errorf("rows\n%s\nnot\n%s", strings.Join(rows, "\n"), strings.Join(want, "\n"))
	}
	wantFound := []string{`line 2: the line does not match the pattern: "broken"`, `line 3, column N: too large for int: "-3000000000"`,
		`line 3, column day: not a date: "c"`, `line 4: the line does not match the pattern`, `line 5, column day: not a date: "x"`,
		`line 6: the line is longer than 1 MiB: "` + strings.Repeat("x", 64) + `"`, `line 7, column day: not a date: "f"`}
	if !slices.Equal(found, wantFound) {
		t.Errorf("found\n%s\nnot\n%s", strings.Join(found, "\n"), strings.Join(wantFound, "\n"))
	}
}

func TestReaderEndsWhenToldTo(t *testing.T) {
	fields := []schema.Field{{Name: "n", Type: schema.Of(schema.Int)}}
	r, err := grok.NewReader(strings.NewReader("1\nx\n3"), "%{INT:n:int}", "", fields, grok.Options{Bad: func(f column.Finding) error {
		return fmt.Errorf("enough at byte %d", f.Offset)
	}})
	if err != nil {
		t.Fatal(err)
	}
	b := column.NewBatch(fields)
	if err := r.Next(b); err == nil || err.Error() != "enough at byte 2" {
		t.Errorf("the reading ends with %v", err)
	}
	if err := b.Check(); err != nil || b.Rows() != 1 {
		t.Errorf("%d rows, %v", b.Rows(), err)
	}
}

func TestLogs(t *testing.T) {
	samples := map[string]string{
		"combined_apache": apache + ` "http://www.example.com/start.html" "Mozilla/4.08 [en] (Win98; I ;Nav)"` + "\n" +
			`2001:db8::1 - - [30/Nov/2026:16:00:00 +0000] "-" 408 - "-" "-"`,
		"apache":       apache + "\n" + strings.Replace(apache, "127.0.0.1", "web.example.com", 1),
		"linux_kernel": "Nov 30 16:00:00 web-1 kernel: [   12.345678] usb 1-1: new device\nNov 30 16:00:01 web-1 kernel: Linux version 6.1",
		"microsoft_log": "192.168.114.201, -, 03/20/01, 7:55:20, W3SVC2, SERVER, 172.21.13.45, 4502, 163, 3223, 200, 0, GET, /Logo.gif, -,\n" +
			"172.16.255.255, anonymous, 3/20/2001, 23:58:11, MSFTPSVC, SALES1, 192.168.114.201, 60, 275, 0, 0, 0, PASS, /Intro.htm, -,",
		"ruby_logger": "I, [2026-11-30T16:00:00.123456 #1234]  INFO -- : started\nE, [2026-11-30T16:00:00.1 #1]  ERROR -- prog: failed",
		"squid": "1206507372.461    123 192.168.0.1 TCP_MISS/200 1234 GET http://example.com/ - DIRECT/10.0.0.1 text/html\n" +
			"1206507373.100      0 host.example.com TCP_HIT/304 12 GET http://example.com/a user1 NONE/- -",
		"redismonlog": "1339518083.107412 [0 127.0.0.1:60866] \"keys\" \"*\"\n1339518087.877697 [0 [::1]:60866] \"dbsize\"",
		"redislog":    "[4018] 14 Nov 07:01:22.119 * Background saving terminated\n1:M 30 Nov 2026 16:00:00.000 # Server started",
	}
	for _, log := range grok.Logs() {
		p := compile(t, log.Pattern, log.Custom)
		for name, sample := range samples {
			matched, lines := p.Share([]byte(sample), true)
			own := name == log.Name || log.Name == "apache" && name == "combined_apache"
			if lines != 2 || own != (matched == lines) || !own && matched != 0 {
				t.Errorf("%s matches %d of %d lines of %s", log.Name, matched, lines, name)
			}
		}
	}
}

func TestShareCountsWholeLines(t *testing.T) {
	p := compile(t, "^%{INT:n}$", "")
	if m, n := p.Share([]byte("1\n\nx\n3\n4cut"), false); m != 2 || n != 3 {
		t.Errorf("%d of %d lines of a sample match", m, n)
	}
	if m, n := p.Share([]byte("\xef\xbb\xbf1\n\nx\n3\n45"), true); m != 3 || n != 4 {
		t.Errorf("%d of %d lines of a file match", m, n)
	}
	if m, n := p.Share(nil, true); m != 0 || n != 0 {
		t.Errorf("%d of %d lines of nothing match", m, n)
	}
}

func FuzzCompile(f *testing.F) {
	f.Add("%{NUMBER:num:int} (?<x>a|b)%{X:y=%{WORD}}", "A b\nC %{A}", "12 a")
	f.Add("%{COMBINEDAPACHELOG}", "", apache)
	f.Fuzz(func(t *testing.T, expression, custom, line string) {
		if len(expression) > 200 || len(custom) > 400 || len(line) > 200 {
			return
		}
		p, err := grok.Compile(expression, custom, nil)
		if err != nil || !p.Linear() {
			return // the time of the others is bounded by the clock, not by the input
		}
		values := make([][]byte, len(p.Columns()))
		if _, err := p.Match([]byte(line), values); err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzReader(f *testing.F) {
	f.Add("12 a 2026-01-02\r\nbroken\n\xff 3")
	f.Fuzz(func(t *testing.T, text string) {
		rows, _ := read(t, text, "^%{NUMBER:n:double} %{DATA:a} %{GREEDYDATA:b}", "", "n:double,a:string,b:timestamp")
		if want := strings.Count(text, "\n"); len(rows) != want && len(rows) != want+1 {
			t.Errorf("%d rows of %d lines", len(rows), want)
		}
	})
}

func BenchmarkCombined(b *testing.B) {
	line := apache + ` "http://semicomplete.com/presentations/" "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_9_1) AppleWebKit/537.36"` + "\n"
	text := strings.Repeat(line, 1000)
	p := compile(b, "%{COMBINEDAPACHELOG}", "")
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		r, err := grok.NewReader(strings.NewReader(text), "%{COMBINEDAPACHELOG}", "", p.Columns(), grok.Options{})
		if err != nil {
			b.Fatal(err)
		}
		if err := r.Next(column.NewBatch(p.Columns())); err != nil {
			b.Fatal(err)
		}
	}
}

package load

import (
	"slices"
	"strconv"
	"strings"

	"penstock/internal/arn"
	"penstock/internal/child/warehouse/calls"
	"penstock/internal/delimited"
	"penstock/internal/sql/syntax"
)

// options are the clauses of a COPY, checked.
type options struct {
	parquet      bool
	csv          bool
	gzip         bool
	manifest     bool
	dialect      delimited.Dialect
	null         string
	ignoreHeader int
	ignoreBlank  bool
	emptyAsNull  bool
	blanksAsNull bool
	trimBlanks   bool
	truncate     bool

	roundDecimals          bool
	dateFormat, timeFormat string
	auth                   bool
	reader                 calls.Reader
	region                 string // in which the buckets lie; "" is the warehouse's own
	given                  []string
}

// parse reads the clauses.
func parse(opts []syntax.Option) (*options, error) {
	o := &options{dialect: delimited.Dialect{Delimiter: '|'}, null: `\N`}
	var delimiter, quote string
	for _, opt := range opts {
		name := strings.ToLower(opt.Name)
		o.given = append(o.given, name)
		var err error
		switch name {
		case "iam_role", "credentials", "access_key_id", "secret_access_key", "session_token", "with credentials", "authorization":
			o.auth, err = true, o.authorize(name, opt.Value())
		case "format":
			err = o.format(opt.Value())
		case "csv", "parquet":
			err = o.format(name)
			if name == "csv" && len(opt.Values) > 0 { // CSV QUOTE AS '%'
				quote = opt.Values[len(opt.Values)-1]
			}
		case "delimiter":
			delimiter, err = one("DELIMITER", opt.Value())
		case "quote":
			quote, err = one("QUOTE", opt.Value())
		case "null":
			o.null = nullText(opt.Value())
		case "dateformat":
			o.dateFormat, err = timeWord(name, opt.Value(), "YYYY-MM-DD", auto)
		case "timeformat":
			o.timeFormat, err = timeWord(name, opt.Value(), "YYYY-MM-DD HH:MI:SS", auto, epochSecs, epochMillis)
		case "region":
			o.region, err = regionName(opt.Value())
		case "ignoreheader":
			o.ignoreHeader, err = count(opt.Value())
		default:
			err = o.flag(name, opt)
		}
		if err != nil {
			return nil, err
		}
	}
	return o, o.finish(delimiter, quote)
}

// flag sets an option without arguments.
func (o *options) flag(name string, opt syntax.Option) error {
	switch name {
	case "gzip":
		o.gzip = true
	case "manifest":
		o.manifest = true
	case "ignoreblanklines":
		o.ignoreBlank = true
	case "emptyasnull":
		o.emptyAsNull = true
	case "blanksasnull":
		o.blanksAsNull = true
	case "trimblanks":
		o.trimBlanks = true
	case "truncatecolumns":
		o.truncate = true
	case "roundec":
		o.roundDecimals = true
	case "escape":
		o.dialect.Escape = '\\'
	case "compupdate", "statupdate":
		// There are no encodings and no statistics to update: on and off are the same.
	default:
		return unsupported("COPY option %s", strings.ToUpper(name))
	}
	return nil
}

func (o *options) format(name string) error {
	switch strings.ToLower(name) {
	case "csv":
		o.csv = true
		o.dialect.Delimiter, o.dialect.Quote, o.dialect.Blanks = ',', '"', true
	case "parquet":
		o.parquet = true
	case "delimited", "text", "":
	default:
		return unsupported("COPY FORMAT %s", strings.ToUpper(name))
	}
	return nil
}

func (o *options) finish(delimiter, quote string) error {
	if !o.auth {
		return wrong("CREDENTIALS argument is required: IAM_ROLE default, for instance")
	}
	if o.parquet {
		return o.finishParquet()
	}
	if delimiter != "" {
		o.dialect.Delimiter = delimiter[0]
	}
	if quote != "" {
		if !o.csv {
			return wrong("QUOTE is allowed only with CSV")
		}
		o.dialect.Quote = quote[0]
	}
	if o.csv && o.dialect.Escape != 0 {
		return wrong("ESCAPE is not supported for CSV")
	}
	if err := o.dialect.Check(); err != nil {
		return wrong("%v", err)
	}
	return nil
}

// finishParquet refuses the clauses that a columnar COPY does not know.
func (o *options) finishParquet() error {
	for _, g := range o.given {
		switch g {
		case "format", "parquet", "manifest", "iam_role", "credentials", "access_key_id", "secret_access_key", "session_token", "statupdate",
			"with credentials", "authorization":
		default:
			return &OptionError{strings.ToUpper(g) + " argument is not supported for PARQUET based COPY", "0A000"}
		}
	}
	return nil
}

// authorize takes who reads, and refuses what cannot be credentials; who may read which bucket is not decided here.
func (o *options) authorize(name, value string) error {
	v := strings.ToLower(value)
	switch {
	case name == "iam_role" && v != "default" && !strings.HasPrefix(v, "arn:"):
		return wrong("Invalid IAM_ROLE '%s': expected default or an ARN", value)
	case name == "credentials" && !strings.Contains(v, "="):
		return wrong("Invalid credentials: expected 'aws_iam_role=...' or 'aws_access_key_id=...;aws_secret_access_key=...'")
	case value == "":
		return wrong("%s is empty", strings.ToUpper(name))
	case name == "credentials" || name == "with credentials":
		for pair := range strings.SplitSeq(value, ";") {
			key, text, _ := strings.Cut(pair, "=")
			o.reads(strings.TrimPrefix(strings.ToLower(strings.TrimSpace(key)), "aws_"), strings.TrimSpace(text))
		}
		return nil
	}
	o.reads(name, value)
	return nil
}

// reads sets a part of who reads. Of a chain of roles the last one does.
func (o *options) reads(what, value string) {
	switch what {
	case "iam_role":
		o.reader.Role = strings.TrimSpace(value[strings.LastIndexByte(value, ',')+1:])
		if strings.EqualFold(o.reader.Role, "default") {
			o.reader.Role = ""
		}
	case "access_key_id":
		o.reader.AccessKey = value
	case "secret_access_key":
		o.reader.Secret = value
	case "session_token", "token":
		o.reader.Token = value
	}
}

func regionName(s string) (string, error) {
	if _, known := arn.RegionName(s); !known {
		return "", wrong("Invalid REGION '%s': AWS has no region of that name", s)
	}
	return s, nil
}

// timeWord reads DATEFORMAT or TIMEFORMAT: one of its words, or the default.
func timeWord(clause, value, standard string, words ...string) (string, error) {
	switch {
	case slices.Contains(words, value):
		return value, nil
	case value == "" || value == standard || value == "YYYY-MM-DD HH24:MI:SS" && standard != "YYYY-MM-DD":
		return "", nil
	}
	return "", unsupported("COPY %s '%s' (it has %s and the default, '%s')", strings.ToUpper(clause), value,
		strings.Join(words, ", "), standard)
}

// nullText reads NULL AS: \0 and \000 stand for NUL.
func nullText(s string) string {
	if s == `\0` || s == `\000` {
		return "\x00"
	}
	return s
}

// one reads a single character, as itself, as \t and its kin, or as octal \ooo.
func one(clause, s string) (string, error) {
	switch {
	case len(s) == 1:
		return s, nil
	case s == `\t`:
		return "\t", nil
	case s == `\\`:
		return `\`, nil
	case len(s) == 4 && s[0] == '\\':
		if n, err := strconv.ParseUint(s[1:], 8, 8); err == nil {
			return string([]byte{byte(n)}), nil
		}
	}
	return "", wrong("COPY %s must be a single character", strings.ToLower(clause))
}

func count(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return 0, wrong("Invalid number of lines for IGNOREHEADER: %s", s)
	}
	return n, nil
}

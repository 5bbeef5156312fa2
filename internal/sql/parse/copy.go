package parse

import (
	"strconv"
	"strings"

	"penstock/internal/sql/lex"
	"penstock/internal/sql/syntax"
)

// clause is the form of one COPY or UNLOAD clause: its words, whether AS may follow, and its arguments: s a string, n a number, w a
// word; upper case when it may be missing.
type clause struct {
	words string
	args  string
}

// copyClauses are the clauses of COPY; the canonical name is the words with "_" between them. Longer ones stand first.
var copyClauses = []clause{
	{"iam_role", "r"}, {"credentials", "s"}, {"with credentials", "s"}, {"access_key_id", "s"}, {"secret_access_key", "s"},
	{"session_token", "s"}, {"region", "s"}, {"manifest", ""}, {"format", "f"}, {"csv", "Q"}, {"json", "S"}, {"avro", "S"}, {"parquet", ""},
	{"orc", ""}, {"shapefile", "S"}, {"fixedwidth", "s"}, {"delimiter", "s"}, {"quote", "s"}, {"gzip", ""}, {"bzip2", ""}, {"lzop", ""},
	{"zstd", ""}, {"removequotes", ""}, {"escape", ""}, {"null", "s"}, {"nulls", "s"}, {"ignoreheader", "n"}, {"ignoreblanklines", ""},
	{"ignoreallerrors", ""}, {"maxerror", "n"}, {"emptyasnull", ""}, {"blanksasnull", ""}, {"trimblanks", ""}, {"truncatecolumns", ""},
	{"fillrecord", ""}, {"roundec", ""}, {"dateformat", "S"}, {"timeformat", "s"}, {"acceptanydate", ""}, {"acceptinvchars", "S"},
	{"encoding", "w"}, {"explicit_ids", ""}, {"noload", ""}, {"compupdate", "B"}, {"comprows", "n"}, {"statupdate", "B"}, {"readratio", "n"},
	{"ssh", ""}, {"encrypted", ""}, {"master_symmetric_key", "s"}, {"serializetojson", ""}, {"simplify", "N"},
}

var unloadClauses = []clause{
	{"iam_role", "r"}, {"credentials", "s"}, {"with credentials", "s"}, {"access_key_id", "s"}, {"secret_access_key", "s"},
	{"session_token", "s"}, {"format", "f"}, {"csv", ""}, {"parquet", ""}, {"json", ""}, {"partition by", "p"}, {"manifest", "V"},
	{"header", ""}, {"delimiter", "s"}, {"fixedwidth", "s"}, {"encrypted", "A"}, {"kms_key_id", "s"}, {"master_symmetric_key", "s"},
	{"bzip2", ""}, {"gzip", ""}, {"zstd", ""}, {"addquotes", ""}, {"null", "s"}, {"escape", ""}, {"allowoverwrite", ""}, {"cleanpath", ""},
	{"parallel", "B"}, {"maxfilesize", "z"}, {"rowgroupsize", "z"}, {"region", "s"}, {"extension", "s"},
}

func (p *parser) copy() syntax.Statement {
	s := &syntax.Copy{Node: p.node()}
	p.expect("copy")
	s.Target = p.name("a table")
	if p.isOp("(") {
		s.Columns = p.idents("a column")
	}
	p.expect("from")
	s.From = p.str("the source, such as 's3://bucket/prefix'")
	if p.is("job") {
		return p.known(s.Node, "COPY JOB")
	}
	for !p.end() && !p.isOp(";") {
		if p.is("job") {
			return p.known(s.Node, "COPY JOB")
		}
		s.Options = p.clause(s.Options, copyClauses, "COPY")
	}
	return s
}

func (p *parser) unload() syntax.Statement {
	s := &syntax.Unload{Node: p.node()}
	p.expect("unload")
	p.expectOp("(")
	s.TextPos = p.pos()
	s.Text = p.str("the query in quotes")
	p.expectOp(")")
	p.expect("to")
	s.To = p.str("the target, such as 's3://bucket/prefix'")
	for !p.end() && !p.isOp(";") {
		if p.accept("with") {
			continue
		}
		s.Options = p.clause(s.Options, unloadClauses, "UNLOAD")
	}
	return s
}

// clause reads one clause and appends it.
func (p *parser) clause(all []syntax.Option, known []clause, what string) []syntax.Option {
	at := p.pos()
	for _, c := range known {
		if !p.accept(strings.Fields(c.words)...) {
			continue
		}
		name := strings.ReplaceAll(strings.TrimPrefix(c.words, "with "), " ", "_")
		if name == "nulls" {
			name = "null"
		}
		p.accept("as")
		if c.args == "f" {
			return p.formatClause(append(all, syntax.Option{Name: "format", Pos: at}), known)
		}
		o := syntax.Option{Name: name, Pos: at}
		arg := p.tok()
		if c.args != "" {
			p.clauseArg(&o, c.args[0])
		}
		if what == "COPY" && (name == "null" || name == "delimiter") && len(o.Values) > 0 {
			o.Values[0] = p.marker(arg)
		}
		if name == "csv" && p.is("quote") {
			all = append(all, o)
			return all
		}
		return append(all, o)
	}
	t := p.tok()
	words := make([]string, len(known))
	for i, c := range known {
		words[i] = c.words
	}
	p.fail(t.Pos, "%s is no clause of %s%s", show(t), what, suggest(t.Text, words))
	return all
}

// formatClause reads what follows FORMAT [AS]: the format stands as a clause of its own behind it, with its arguments.
func (p *parser) formatClause(all []syntax.Option, known []clause) []syntax.Option {
	t := p.tok()
	format := t.Text
	if t.Kind != lex.Word && t.Kind != lex.String {
		p.unexpected("a format")
		return all
	}
	all[len(all)-1].Values = []string{strings.ToLower(format)}
	if t.Kind == lex.String {
		p.next()
		return append(all, syntax.Option{Name: strings.ToLower(format), Pos: t.Pos})
	}
	return p.clause(all, known, "FORMAT")
}

// clauseArg reads the argument of a clause by its code.
func (p *parser) clauseArg(o *syntax.Option, code byte) {
	t := p.tok()
	switch code {
	case 'r': // IAM_ROLE default | 'arn'
		if p.accept("default") {
			o.Values = []string{"default"}
			return
		}
		o.Values = []string{p.str("default or a role's ARN in quotes")}
	case 's':
		o.Values = []string{p.str("a string")}
	case 'S', 'Q':
		if code == 'Q' {
			if p.is("quote") {
				return
			}
		}
		if t.Kind == lex.String {
			o.Values = []string{p.next().Text}
		}
	case 'n', 'N':
		if code == 'N' && p.accept("auto") {
			o.Values = []string{"auto"}
			t = p.tok()
			if t.Kind == lex.Number {
				o.Values = append(o.Values, p.number1())
			}
			return
		}
		if t.Kind == lex.Number || code == 'n' {
			o.Values = []string{p.number1()}
		}
	case 'w':
		o.Values = []string{p.ident("a word").Name}
	case 'B':
		if w := p.acceptAny("on", "off", "true", "false", "preset"); w != "" {
			o.Values = []string{w}
		}
	case 'A':
		if p.accept("auto") {
			o.Values = []string{"auto"}
		}
	case 'V':
		if p.accept("verbose") {
			o.Values = []string{"verbose"}
		}
	case 'z':
		o.Values = []string{p.next().Text}
		if u := p.acceptAny("mb", "gb"); u != "" {
			o.Values = append(o.Values, u)
		}
	case 'p':
		for _, c := range p.idents("a column") {
			o.Values = append(o.Values, c.Name)
		}
		if p.accept("include") {
			o.Name = "partition_by_include"
		}
	}
}

// marker is the text of NULL AS and of DELIMITER as it is meant: \N stands for itself, whether its backslash is doubled or not, and
// \ooo is the character with that octal number.
func (p *parser) marker(t lex.Token) string {
	raw := p.text[t.Pos.Offset:t.End]
	if t.Kind != lex.String || raw[0] != '\'' {
		return t.Text
	}
	raw = strings.ReplaceAll(raw[1:len(raw)-1], "''", "'")
	if raw == `\N` || raw == `\\N` {
		return `\N`
	}
	if digits, ok := strings.CutPrefix(raw, `\`); ok && len(digits) <= 3 {
		if n, err := strconv.ParseUint(digits, 8, 8); err == nil {
			return string([]byte{byte(n)})
		}
	}
	return t.Text
}

// number1 demands a number and gives its text; some people write it as a string.
func (p *parser) number1() string {
	t := p.tok()
	if t.Kind != lex.Number && t.Kind != lex.String {
		p.unexpected("a number")
		return ""
	}
	return p.next().Text
}

package classify

import (
	"slices"
	"strconv"
	"strings"

	"penstock/internal/schema"
)

// Glue's names of the formats that crawlers know.
const (
	CSV     = "csv"
	JSON    = "json"
	Parquet = "parquet"
	ORC     = "orc"
	Avro    = "avro"
	XML     = "xml"
)

// AvroSchema is the property that has a table's schema of Avro.
const AvroSchema = "avro.schema.literal"

// A Profile is what Glue's crawlers write in the catalog of how files are read.
type Profile struct {
	Input, Output, Library string            // classes of Hive
	SerDe                  map[string]string // properties of Library
	Table                  map[string]string // parameters that tables and partitions have beside those of all formats
}

// ProfileOf is the profile of files that show these samples, which are of one form.
func ProfileOf(ss []*Sample) Profile {
	const text, hive = "org.apache.hadoop.mapred.TextInputFormat", "org.apache.hadoop.hive."
	p := Profile{Input: text, Output: hive + "ql.io.HiveIgnoreKeyTextOutputFormat", SerDe: map[string]string{}, Table: map[string]string{}}
	f := ss[0].Form
	switch {
	case ss[0].Log.Pattern != "":
		p.Library = "com.amazonaws.glue.serde.GrokSerDe"
		p.SerDe["input.format"] = ss[0].Log.Pattern
		if c := ss[0].Log.Custom; c != "" {
			p.SerDe["input.grokCustomPatterns"] = c
		}
	case f.RowTag != "": // Glue's jobs read it by its classification: there is no SerDe
		p.Input, p.Output, p.SerDe["rowTag"] = "", "", f.RowTag
	case f.Class == CSV:
		p.csv(ss)
	case f.Class == JSON:
		var keys []string
		for _, s := range ss {
			keys = append(keys, s.Keys...)
		}
		p.Library, p.SerDe["paths"] = "org.openx.data.jsonserde.JsonSerDe", JoinPaths(keys)
		if c := ss[0].rules; c != nil && c.JSON != nil {
			p.Table["jsonPath"] = c.JSON.Path
		}
	case f.Class == Parquet:
		const io = hive + "ql.io.parquet."
		p.Input, p.Output, p.Library = io+"MapredParquetInputFormat", io+"MapredParquetOutputFormat", io+"serde.ParquetHiveSerDe"
		p.SerDe["serialization.format"] = "1"
	case f.Class == ORC:
		const io = hive + "ql.io.orc."
		p.Input, p.Output, p.Library = io+"OrcInputFormat", io+"OrcOutputFormat", io+"OrcSerde"
	case f.Class == Avro:
		const io = hive + "ql.io.avro."
		p.Input, p.Output, p.Library = io+"AvroContainerInputFormat", io+"AvroContainerOutputFormat", hive+"serde2.avro.AvroSerDe"
		p.SerDe["serialization.format"] = "1"
		if l := literal(ss); l != "" {
			p.SerDe[AvroSchema], p.Table[AvroSchema] = l, l
		}
	}
	return p
}

// csv is the profile of delimited text.
func (p *Profile) csv(ss []*Sample) {
	f := ss[0].Form
	quoted := slices.ContainsFunc(ss, func(s *Sample) bool { return s.Quoted })
	quote := ss[0].Dialect.Quote
	p.Library = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
	p.SerDe["field.delim"] = string(rune(f.Delimiter))
	if c := ss[0].rules; c != nil && c.CSV.openCSV(quoted) {
		p.Library = "org.apache.hadoop.hive.serde2.OpenCSVSerde"
		p.SerDe = map[string]string{"separatorChar": string(rune(f.Delimiter)), "quoteChar": string(rune(quote))}
	} else if quoted && quote != '"' {
		p.SerDe["quoteChar"] = string(rune(quote))
	}
	if e := encodingOf(ss); e != "" {
		p.SerDe["serialization.encoding"] = e
	}
	p.Table["areColumnsQuoted"], p.Table["columnsOrdered"] = strconv.FormatBool(quoted), "true"
	p.Table["delimiter"] = string(rune(f.Delimiter))
	if f.Skip > 0 {
		p.Table["skip.header.line.count"] = strconv.Itoa(f.Skip)
	}
}

// encodingOf is the encoding that all files are written in, where that is not UTF-8: those of ASCII only are of any set of single bytes.
func encodingOf(ss []*Sample) string {
	all := ""
	for _, s := range ss {
		if s.Encoding == "" || s.Encoding == ASCII {
			continue
		}
		if all != "" && s.Encoding != all {
			return ""
		}
		all = s.Encoding
	}
	if all == UTF8 {
		return ""
	}
	return all
}

// JoinPaths is the list that the SerDe's property paths has: every name once, in the order of the alphabet.
func JoinPaths(names []string) string {
	slices.Sort(names)
	return strings.TrimPrefix(strings.Join(slices.Compact(names), ","), ",")
}

// literal is the schema of Avro that has all columns that the files have, or "": a table without one is read by the schema of each file,
// while one that lacks columns would hide them.
func literal(ss []*Sample) string {
	var all []schema.Field
	for _, s := range ss {
		all = Unite(all, s.Columns())
	}
	for _, s := range ss {
		own := s.Columns()
		if s.Literal != "" && len(own) == len(all) && slices.EqualFunc(Unite(own, all), own, same) {
			return s.Literal
		}
	}
	return ""
}

func same(a, b schema.Field) bool { return a.Name == b.Name && a.Type.Equal(b.Type) }

// Columns are the columns of the file.
func (s *Sample) Columns() []schema.Field {
	out := make([]schema.Field, len(s.Names))
	for i, n := range s.Names {
		out[i] = schema.Field{Name: n, Type: s.Types[i]}
	}
	return out
}

// Unite adds to a the columns of b that it has not, and widens the types of those it has.
func Unite(a, b []schema.Field) []schema.Field {
	out := slices.Clone(a)
next:
	for i, c := range b {
		if i < len(out) && out[i].Name == c.Name {
			out[i].Type = schema.Widen(out[i].Type, c.Type)
			continue
		}
		for j := range out {
			if out[j].Name == c.Name {
				out[j].Type = schema.Widen(out[j].Type, c.Type)
				continue next
			}
		}
		out = append(out, c)
	}
	return out
}

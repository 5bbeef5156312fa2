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
	f := ss[0].Form
	p := classesOf(f.Class)
	p.Table = map[string]string{}
	switch f.Class {
	case CSV:
		p.SerDe = map[string]string{"field.delim": string(rune(f.Delimiter))}
		quoted := slices.ContainsFunc(ss, func(s *Sample) bool { return s.Quoted })
		p.Table["areColumnsQuoted"], p.Table["columnsOrdered"] = strconv.FormatBool(quoted), "true"
		p.Table["delimiter"] = string(rune(f.Delimiter))
		if f.Header {
			p.Table["skip.header.line.count"] = "1"
		}
	case JSON:
		var keys []string
		for _, s := range ss {
			keys = append(keys, s.Keys...)
		}
		p.SerDe = map[string]string{"paths": JoinPaths(keys)}
	case ORC:
		p.SerDe = map[string]string{}
	default:
		p.SerDe = map[string]string{"serialization.format": "1"}
		if l := literal(ss); l != "" {
			p.SerDe[AvroSchema], p.Table[AvroSchema] = l, l
		}
	}
	return p
}

func classesOf(class string) Profile {
	const text, hive = "org.apache.hadoop.mapred.TextInputFormat", "org.apache.hadoop.hive."
	const textOutput = hive + "ql.io.HiveIgnoreKeyTextOutputFormat"
	switch class {
	case JSON:
		return Profile{Input: text, Output: textOutput, Library: "org.openx.data.jsonserde.JsonSerDe"}
	case Parquet:
		const io = hive + "ql.io.parquet."
		return Profile{Input: io + "MapredParquetInputFormat", Output: io + "MapredParquetOutputFormat", Library: io + "serde.ParquetHiveSerDe"}
	case ORC:
		const io = hive + "ql.io.orc."
		return Profile{Input: io + "OrcInputFormat", Output: io + "OrcOutputFormat", Library: io + "OrcSerde"}
	case Avro:
		const io = hive + "ql.io.avro."
		return Profile{Input: io + "AvroContainerInputFormat", Output: io + "AvroContainerOutputFormat",
			Library: hive + "serde2.avro.AvroSerDe"}
	}
	return Profile{Input: text, Output: textOutput, Library: hive + "serde2.lazy.LazySimpleSerDe"}
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

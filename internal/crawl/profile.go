package crawl

import (
	"slices"
	"strings"

	"penstock/internal/schema"
)

// Glue's names of the formats that crawlers know.
const (
	csvClass     = "csv"
	jsonClass    = "json"
	parquetClass = "parquet"
	orcClass     = "orc"
	avroClass    = "avro"
)

// avroSchema is the property that has a table's schema of Avro.
const avroSchema = "avro.schema.literal"

// A profile is the classes of Hive that Glue's crawlers name for a format.
type profile struct{ input, output, library string }

func profileOf(class string) profile {
	const text, hive = "org.apache.hadoop.mapred.TextInputFormat", "org.apache.hadoop.hive."
	const textOutput = hive + "ql.io.HiveIgnoreKeyTextOutputFormat"
	switch class {
	case jsonClass:
		return profile{text, textOutput, "org.openx.data.jsonserde.JsonSerDe"}
	case parquetClass:
		const io = hive + "ql.io.parquet."
		return profile{io + "MapredParquetInputFormat", io + "MapredParquetOutputFormat", io + "serde.ParquetHiveSerDe"}
	case orcClass:
		const io = hive + "ql.io.orc."
		return profile{io + "OrcInputFormat", io + "OrcOutputFormat", io + "OrcSerde"}
	case avroClass:
		const io = hive + "ql.io.avro."
		return profile{io + "AvroContainerInputFormat", io + "AvroContainerOutputFormat", hive + "serde2.avro.AvroSerDe"}
	}
	return profile{text, textOutput, hive + "serde2.lazy.LazySimpleSerDe"}
}

// properties are the SerDe's for files with these samples.
func (p profile) properties(ss []*sample) map[string]string {
	switch ss[0].form.class {
	case csvClass:
		return map[string]string{"field.delim": string(rune(ss[0].form.delimiter))}
	case jsonClass:
		var keys []string
		for _, s := range ss {
			keys = append(keys, s.keys...)
		}
		return map[string]string{"paths": joined(keys)}
	case orcClass:
		return map[string]string{}
	}
	m := map[string]string{"serialization.format": "1"}
	if l := literal(ss); l != "" {
		m[avroSchema] = l
	}
	return m
}

// joined is the list that the SerDe's property paths has: every name once, in the order of the alphabet.
func joined(names []string) string {
	slices.Sort(names)
	return strings.TrimPrefix(strings.Join(slices.Compact(names), ","), ",")
}

// literal is the schema of Avro that has all columns that the files have, or "": a table without one is read by the schema of each file,
// while one that lacks columns would hide them.
func literal(ss []*sample) string {
	var all []schema.Field
	for _, s := range ss {
		all = unite(all, s.columns())
	}
	for _, s := range ss {
		own := s.columns()
		if s.literal != "" && len(own) == len(all) && slices.EqualFunc(unite(own, all), own, same) {
			return s.literal
		}
	}
	return ""
}

func same(a, b schema.Field) bool { return a.Name == b.Name && a.Type.Equal(b.Type) }

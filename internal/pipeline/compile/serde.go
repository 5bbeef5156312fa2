package compile

import (
	"cmp"
	"encoding/json"
	"strconv"
	"strings"

	"penstock/internal/pipeline"
)

// csvSerde is how delimited text is read, in Hive's words, so that every reader of the catalog sees the same. Fields in quotes need
// OpenCSVSerde; without any quotes it is LazySimpleSerDe.
func csvSerde(o pipeline.Options) object {
	library, p := "org.apache.hadoop.hive.serde2.OpenCSVSerde", object{}
	delimiter, quote := cmp.Or(o.Delimiter, ","), `"`
	if o.Quote != nil {
		quote = *o.Quote
	}
	if quote == "" {
		library = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
		p["field.delim"], p["serialization.format"] = delimiter, delimiter
		if o.Escape != "" {
			p["escape.delim"] = o.Escape
		}
	} else {
		p["separatorChar"], p["quoteChar"] = delimiter, quote
		if o.Escape != "" {
			p["escapeChar"] = o.Escape
		}
	}
	if o.Encoding != "" {
		p["serialization.encoding"] = o.Encoding
	}
	null := o.Null
	if quote == "" && null == nil {
		null = []string{""} // as in a table that is called csv
	}
	if null != nil {
		all, _ := json.Marshal(null) // texts have no error
		p["serialization.null.format"], p["penstock.null"] = null[0], string(all)
	}
	return object{"SerializationLibrary": library, "Parameters": p}
}

// csvParameters are what Hive keeps beside the SerDe. penstock.header says whether the last of the skipped lines
// names the columns; without it one skipped line does.
func csvParameters(o pipeline.Options) object {
	p := object{}
	if o.Quote == nil || *o.Quote != "" {
		p["classification"] = "csv"
	}
	skip := o.Skip
	if !o.NoHeader {
		skip++
	}
	if skip > 0 {
		p["skip.header.line.count"] = strconv.Itoa(skip)
	}
	if o.NoHeader || o.Skip > 0 {
		p["penstock.header"] = strconv.FormatBool(!o.NoHeader)
	}
	return p
}

// withLimits adds to a job's arguments what sources say of new columns, bad files and bad rows, as source=value pairs.
func (c *compiler) withLimits(args object) {
	var files, rows, evolve, formats []string
	for _, s := range c.spec.Sources {
		if s.Crawl != nil {
			formats = append(formats, s.Name+"="+s.Format)
		}
		if s.Evolve {
			evolve = append(evolve, s.Name+"=evolve")
		}
		if s.Options.Quarantine {
			files = append(files, s.Name+"=quarantine")
		}
		if s.Options.MaxRejected != "" {
			rows = append(rows, s.Name+"="+s.Options.MaxRejected)
		}
	}
	if formats != nil {
		args["--penstock-format"] = strings.Join(formats, ",")
	}
	if evolve != nil {
		args["--penstock-schema"] = strings.Join(evolve, ",")
	}
	if files != nil {
		args["--penstock-on-bad-file"] = strings.Join(files, ",")
	}
	if rows != nil {
		args["--penstock-max-rejected"] = strings.Join(rows, ",")
	}
}

package crawl

import (
	"encoding/json"
	"maps"
	"strconv"

	"penstock/internal/catalog"
	"penstock/internal/classify"
)

func ptr[T any](v T) *T { return &v }

func withParameter(m map[string]string, key, value string) map[string]string {
	out := maps.Clone(m)
	if out == nil {
		out = map[string]string{}
	}
	out[key] = value
	return out
}

// storage is the storage of a table or partition whose files gave these samples.
func (r *run) storage(location string, columns []catalog.Column, ss []*sample) *catalog.Storage {
	p := classify.ProfileOf(shown(ss))
	return &catalog.Storage{Columns: columns, Location: location, InputFormat: p.Input, OutputFormat: p.Output, NumberOfBuckets: -1,
		Compressed: ss[0].Form.Compression != "none", Parameters: r.parameters(ss),
		SerDe: &catalog.SerDe{Library: ptr(p.Library), Parameters: p.SerDe}}
}

// parameters are the properties that crawlers set on tables and partitions. Counts of records are exact for files that were read whole
// or that tell them, and estimated for others, as AWS's are.
func (r *run) parameters(ss []*sample) map[string]string {
	var records, text float64
	var size int64
	n := 0
	for _, s := range ss {
		records, text, size, n = records+s.Records, text+s.Bytes, size+s.size, n+s.n
	}
	f := ss[0].Form
	m := map[string]string{
		"CrawlerSchemaDeserializerVersion": "1.0", "CrawlerSchemaSerializerVersion": "1.0", "UPDATED_BY_CRAWLER": r.crawler.Name,
		"classification": f.Class, "compressionType": f.Compression, "typeOfData": "file",
		"objectCount": itoa(n), "sizeKey": strconv.FormatInt(size, 10),
		"recordCount": strconv.FormatFloat(records, 'f', 0, 64), "averageRecordSize": strconv.FormatFloat(text/max(records, 1), 'f', 0, 64),
	}
	maps.Copy(m, classify.ProfileOf(shown(ss)).Table)
	if ex := r.exclusions(); ex != "" {
		m["exclusions"] = ex
	}
	return m
}

// exclusions is the crawler's exclusions as a JSON list, or "".
func (r *run) exclusions() string {
	var all []string
	for _, t := range r.crawler.Targets {
		for _, e := range t.Exclusions {
			all = append(all, t.Path+e)
		}
	}
	if all == nil {
		return ""
	}
	b, err := json.Marshal(all)
	if err != nil {
		return ""
	}
	return string(b)
}

package pipeline

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// sourceFormats are the words for the formats of sources. A log's grok pattern and the name of the element that is a row of XML follow
// their word.
var sourceFormats = []string{"csv", "json", "parquet", "orc", "avro", "xml ROW_TAG", "grok PATTERN"}

// sourceFormat reads a format with what follows it.
func (d *decoder) sourceFormat(n *yaml.Node, s *Source) {
	word, rest, _ := strings.Cut(d.text(n), " ")
	rest = strings.TrimSpace(rest)
	s.Format, s.FormatArg = word, rest
	var words []string
	for _, f := range sourceFormats {
		words = append(words, strings.Fields(f)[0])
	}
	switch {
	case !slices.Contains(words, word):
		d.problem(n, "%q is not supported here%s", word, suggest(word, words))
	case word == "grok" && rest == "":
		d.problem(n, "grok needs a pattern: format: grok %%{COMBINEDAPACHELOG}")
	case word == "grok": // the step that reads it says what is wrong with a pattern
	case word == "xml" && (rest == "" || strings.Contains(rest, " ")):
		d.problem(n, "xml needs the name of the element that is a row: format: xml record")
	case word != "xml" && rest != "":
		d.problem(n, "nothing follows %s; %q does", word, rest)
	}
}

// formatOptions refuses what says nothing about files of the source's format.
func (d *decoder) formatOptions(s *Source, options []Column) {
	if s.Crawl != nil || s.Format == "csv" || s.Format == "" {
		return
	}
	for _, o := range options {
		if o.Name == "encoding" && (s.Format == "json" || s.Format == "grok") {
			continue
		}
		d.problemAt(o.At, "%s: is for format: csv, and the format is %s", o.Name, s.Format)
	}
}

// outputCodecs are the words for compression that files of a format can have; the first is what is done without a word.
var outputCodecs = map[string][]string{
	"parquet": {"snappy", "gzip", "zstd", "lz4", "none"},
	"orc":     {"snappy", "zlib", "zstd", "lz4", "none"},
	"json":    {"none", "gzip", "zstd"},
	"csv":     {"none", "gzip", "zstd"},
}

// compression settles how the files of a transform are packed.
func (d *decoder) compression(n *yaml.Node, t *Transform) {
	words := outputCodecs[t.Format]
	if len(words) == 0 {
		return // the format is no word, and said to be none
	}
	t.Compression = words[0]
	if n == nil {
		return
	}
	if t.Compression = d.text(n); !slices.Contains(words, t.Compression) {
		d.problem(n, "files of format %s are packed with %s, not %q", t.Format, strings.Join(words, ", "), t.Compression)
	}
}

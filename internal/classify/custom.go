package classify

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"penstock/internal/format/grok"
	"penstock/internal/format/jsonrows"
	"penstock/internal/format/xmlrows"
	"penstock/internal/schema"
)

// A Classifier is one of a user's own. One of its members is set.
type Classifier struct {
	Name string     `json:"name"`
	Grok *GrokRules `json:"grok,omitempty"`
	XML  *XMLRules  `json:"xml,omitempty"`
	JSON *JSONRules `json:"json,omitempty"`
	CSV  *CSVRules  `json:"csv,omitempty"`
}

// GrokRules are lines that a pattern matches.
type GrokRules struct {
	Classification string `json:"classification"`
	Pattern        string `json:"pattern"`
	CustomPatterns string `json:"customPatterns,omitempty"`
}

// XMLRules are the elements of one name.
type XMLRules struct {
	Classification string `json:"classification"`
	RowTag         string `json:"rowTag,omitempty"`
}

// JSONRules are the objects to which a path leads.
type JSONRules struct {
	Path string `json:"path"`
}

// What the first line of a CSV file is by a classifier.
const (
	HeaderUnknown = "UNKNOWN"
	HeaderPresent = "PRESENT"
	HeaderAbsent  = "ABSENT"
)

// SerDes that a classifier of CSV may ask for; SerDeNone leaves it to the crawler.
const (
	SerDeOpenCSV = "OpenCSVSerDe"
	SerDeLazy    = "LazySimpleSerDe"
	SerDeNone    = "None"
)

// CSVRules are lines of one delimiter.
type CSVRules struct {
	Delimiter         string   `json:"delimiter,omitempty"` // "": found
	Quote             string   `json:"quote,omitempty"`
	ContainsHeader    string   `json:"containsHeader,omitempty"`
	Header            []string `json:"header,omitempty"`
	NoTrim            *bool    `json:"noTrim,omitempty"` // nil is true, as on AWS
	AllowSingleColumn *bool    `json:"allowSingleColumn,omitempty"`
	TypesConfigured   *bool    `json:"typesConfigured,omitempty"`
	Types             []string `json:"types,omitempty"` // of the columns in their order
	SerDe             string   `json:"serde,omitempty"`
}

// A Custom is a classifier that is ready to read files.
type Custom struct {
	Classifier
	pattern *grok.Pattern
}

// Compile makes a classifier ready, or says what is wrong with it.
func Compile(c Classifier) (*Custom, error) {
	out := &Custom{Classifier: c}
	var err error
	switch {
	case c.Grok != nil:
		out.pattern, err = grok.Compile(c.Grok.Pattern, c.Grok.CustomPatterns, nil)
		if err == nil && len(out.pattern.Columns()) == 0 {
			err = errors.New("the grok pattern names no field")
		}
	case c.XML != nil:
		if c.XML.RowTag != "" {
			err = xmlrows.CheckRowTag(c.XML.RowTag)
		}
	case c.JSON != nil:
		_, err = jsonrows.Infer(strings.NewReader(""), jsonrows.InferOptions{Path: c.JSON.Path})
	case c.CSV != nil:
		err = c.CSV.check()
	default:
		err = errors.New("it has no rules")
	}
	if err != nil {
		return nil, fmt.Errorf("classifier %s: %w", c.Name, err)
	}
	return out, nil
}

func (c *CSVRules) check() error {
	switch {
	case len(c.Delimiter) > 1 || len(c.Quote) > 1:
		return errors.New("delimiter and quote symbol are single characters of ASCII")
	case c.Delimiter != "" && c.Delimiter == c.Quote:
		return errors.New("the quote symbol must be different from the delimiter")
	case len(c.Types) > 0 && c.typed() && slices.ContainsFunc(c.Types, func(t string) bool { return customType(t).Kind == schema.Unknown }):
		return fmt.Errorf("the custom datatypes are of %s", strings.Join(typeNames, ", "))
	}
	seen := map[string]bool{}
	for _, h := range c.Header {
		if seen[strings.ToLower(h)] {
			return fmt.Errorf("the header has column %s twice", h)
		}
		seen[strings.ToLower(h)] = true
	}
	return nil
}

func (c *CSVRules) typed() bool { return c.TypesConfigured != nil && *c.TypesConfigured }

// typeNames are the custom datatypes, as the API has them.
//
//nolint:gochecknoglobals // a constant in all but Go's syntax
var typeNames = []string{"BINARY", "BOOLEAN", "DATE", "DECIMAL", "DOUBLE", "FLOAT", "INT", "LONG", "SHORT", "STRING", "TIMESTAMP"}

// customType is a datatype that the rules name; Unknown for what is none.
func customType(name string) schema.Type {
	kinds := [...]schema.Kind{schema.Binary, schema.Boolean, schema.Date, schema.Decimal, schema.Double, schema.Float, schema.Int,
		schema.BigInt, schema.SmallInt, schema.String, schema.Timestamp}
	i := slices.Index(typeNames, strings.ToUpper(strings.TrimSpace(name)))
	switch {
	case i < 0:
		return schema.Type{}
	case kinds[i] == schema.Decimal:
		return schema.DecimalOf(38, 18)
	}
	return schema.Of(kinds[i])
}

// custom tries the user's own classifiers in their order: the first that is certain decides; of the others the best one does, if no
// built-in classifier knows the file.
func (r *Reader) tryCustom(s *Sample, class string, whole bool, t *text) (done bool, other *Sample, err error) {
	best := 0.0
	for _, c := range r.Custom {
		trial := &Sample{file: s.file, Form: s.Form, Note: s.Note, Encoding: s.Encoding, rules: c}
		trial.Form.Classifier = c.Name
		certainty, err := r.try(c, trial, class, whole, t)
		if err != nil {
			return false, nil, err
		}
		switch {
		case certainty >= 1:
			*s = *trial
			return true, nil, nil
		case certainty > best:
			best, other = certainty, trial
		}
	}
	return false, other, nil
}

// try is how certain a classifier is of a file, of which s then has what it shows.
func (r *Reader) try(c *Custom, s *Sample, class string, whole bool, t *text) (float64, error) {
	switch {
	case c.Grok != nil:
		matched, lines, filled := c.pattern.Filled(r.text, whole)
		if matched*2 < lines || lines == 0 {
			return 0, nil
		}
		s.takeLog(grok.Log{Name: c.Grok.Classification, Pattern: c.Grok.Pattern, Custom: c.Grok.CustomPatterns}, c.pattern, r.text, whole,
			t.stored.n)
		s.takeLines(matched, lines, filled)
		return certainty(matched, lines), nil
	case c.XML != nil && class == XML:
		tag := c.XML.RowTag
		if tag == "" {
			tag = xmlrows.RowTag(r.text)
		}
		again, err := r.again(s)
		if err != nil || again == nil || !r.readXML(s, tag, again) {
			return 0, err
		}
		s.Form.Class = c.XML.Classification
		return 1, nil
	case c.JSON != nil && class == JSON:
		again, err := r.again(s)
		if err != nil || again == nil {
			return 0, err
		}
		if err := r.readJSON(s, again, c.JSON.Path); err != nil || !s.Known() {
			return 0, err
		}
		return 1, nil
	case c.CSV != nil && class == "" && !binary(r.text):
		return r.tryCSV(c.CSV, s, whole, t.stored.n), nil
	}
	return 0, nil
}

// certainty is 1 where nearly all lines fit, else their share.
func certainty(fits, all int) float64 {
	if float64(fits) >= certain*float64(all) {
		return 1
	}
	return float64(fits) / float64(all)
}

// tryCSV reads a text by the rules of a classifier.
func (r *Reader) tryCSV(c *CSVRules, s *Sample, whole bool, consumed int64) float64 {
	tried, quote := delimiters, byte(0)
	if c.Delimiter != "" {
		tried = c.Delimiter
	}
	if c.Quote != "" {
		quote = c.Quote[0]
	}
	f := r.dialectOf(r.text, whole, tried, quote)
	if n := len(c.Header); n > 1 && (f == nil || f.width != n) {
		f = r.ofWidth(whole, tried, quote, n)
	}
	if f == nil && (c.AllowSingleColumn != nil && *c.AllowSingleColumn) {
		if f = r.measure(r.text, whole, Dialect{tried[0], max(quote, '"'), 0}); f.width != 1 || !f.table(1) {
			f = nil
		}
	}
	if f == nil {
		return 0
	}
	t := r.read(r.text, whole, f, c.NoTrim != nil && !*c.NoTrim)
	if t.first == nil || t.good < 2 {
		return 0
	}
	s.takeTable(t)
	switch c.ContainsHeader {
	case HeaderPresent:
		s.Form.Header = true
	case HeaderAbsent:
	default:
		s.Form.Header = glueHeader(t.first, t.below)
	}
	s.setColumns()
	s.obey(c)
	s.estimate(t, len(r.text), whole, consumed)
	return certainty(f.fits, f.rows)
}

// ofWidth finds the dialect in which most records have n cells.
func (r *Reader) ofWidth(whole bool, tried string, quote byte, n int) *fit {
	var best *fit
	for _, d := range []byte(tried) {
		for _, o := range dialects(r.text, d, quote) {
			f := r.measure(r.text, whole, o)
			if f.ragged = false; n >= len(r.widths) {
				continue
			}
			f.width, f.fits = n, r.count(whole, o, n)
			if f.table(1) && (best == nil || f.fits > best.fits) {
				best = f
			}
		}
	}
	return best
}

// count is how many records have n cells.
func (r *Reader) count(whole bool, d Dialect, n int) (records int) {
	c := &r.cut
	c.start(r.text, d, whole)
	for i := 0; i < sampleRecords; i++ {
		w, ok := c.width()
		if !ok {
			break
		}
		if w == n && !c.damaged {
			records++
		}
	}
	return records
}

// obey gives columns the names and types that a classifier has for them.
func (s *Sample) obey(c *CSVRules) {
	for i := range s.Names {
		if i < len(c.Header) {
			s.Names[i] = strings.ToLower(c.Header[i])
		}
		switch {
		case c.typed() && i < len(c.Types):
			s.Types[i] = customType(c.Types[i])
		case c.openCSV(s.Quoted):
			s.Types[i] = schema.Of(schema.String)
		}
	}
}

// openCSV reports whether files are read by OpenCSVSerde: asked for, or found, where the rules name a quote symbol and files have it.
func (c *CSVRules) openCSV(quoted bool) bool {
	return c.SerDe == SerDeOpenCSV || c.SerDe != SerDeLazy && c.Quote != "" && quoted
}

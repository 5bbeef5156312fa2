package crawl

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"penstock/internal/classify"
	"penstock/internal/schema"
)

// A sample is what the beginning of a file of a place shows, or of files of one folder that show the same.
type sample struct {
	*classify.Sample
	file  *file // the first of them
	n     int   // of files
	size  int64 // of all, as stored
	files []part
}

// A part is a file among those of a sample.
type part struct {
	name           string
	size           int64
	records, bytes float64
}

// What a crawl keeps of a folder, so that its memory does not grow with the number of files.
const (
	maxDistinct = 1000  // files that show different things; more are taken for the like of one that they fit
	maxParts    = 1000  // files that may become tables of their own
	maxUnlike   = 10000 // files that do not fit each other
)

// A fold is the samples of a folder, one for all files that show the same.
type fold struct {
	samples []*sample
	by      map[string]*sample
	known   int // files that are known
}

// add takes a sample. An error says that the folder is no place of tables.
func (f *fold) add(s *sample, fits func(a, b *sample) bool) error {
	if f.by == nil {
		f.by = map[string]*sample{}
	}
	f.known++
	mark, records, bytes := s.mark(), s.Records, s.Bytes
	old := f.by[mark]
	if old == nil && len(f.samples) >= maxDistinct {
		if at := slices.IndexFunc(f.samples, func(o *sample) bool { return fits(o, s) }); at >= 0 {
			old = f.samples[at]
			united := classify.Unite(old.Columns(), s.Columns())
			old.Names, old.Types = make([]string, len(united)), make([]schema.Type, len(united))
			for i, c := range united {
				old.Names[i], old.Types[i] = c.Name, c.Type
			}
		}
	}
	if old == nil {
		if len(f.samples) >= maxUnlike {
			return fmt.Errorf("more than %d files of the folder of %s do not fit each other as one table; combine them with "+
				"TableGroupingPolicy CombineCompatibleSchemas, or exclude them", maxUnlike, s.file.url)
		}
		f.samples, f.by[mark], old = append(f.samples, s), s, s
		s.file = s.file.known()
	} else {
		old.n, old.size, old.Records, old.Bytes = old.n+s.n, old.size+s.size, old.Records+s.Records, old.Bytes+s.Bytes
		old.Keys = append(old.Keys, s.Keys...)
		slices.Sort(old.Keys)
		old.Keys = slices.Compact(old.Keys)
		old.Quoted = old.Quoted || s.Quoted
	}
	if f.known <= maxParts { // as little of it as will do
		old.files = append(old.files, part{strings.Clone(s.file.name), s.file.size, records, bytes})
	}
	return nil
}

// mark is the same for samples that stand for the same.
func (s *sample) mark() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%+v\x00%c%s\x00%s\x00%s", s.Form, s.Dialect.Quote, s.Encoding, s.Literal, s.Log.Pattern)
	for i, name := range s.Names {
		b.WriteString("\x00" + name + "\x01" + s.Types[i].String())
	}
	if s.Form.Class == classify.CSV && !s.Form.Header && words(s.First) { // it may be found to be a header by others that have it
		b.WriteString("\x02" + strings.Join(s.First, "\x00"))
	}
	return b.String()
}

// words reports whether no cell is a number: a header has none.
func words(cells []string) bool {
	return !slices.ContainsFunc(cells, func(c string) bool {
		_, err := strconv.ParseFloat(strings.TrimSpace(c), 64)
		return err == nil
	})
}

// alone is a sample of one of its files.
func (s *sample) alone(p part) *sample {
	shown := *s.Sample
	shown.Records, shown.Bytes = p.records, p.bytes
	one := *s.file
	one.url, one.name, one.size = strings.TrimSuffix(one.url, one.name)+p.name, p.name, p.size
	return &sample{Sample: &shown, file: &one, n: 1, size: p.size, files: []part{p}}
}

// adopt lets files follow the headers of the others.
func adopt(samples []*sample) {
	without := make([]bool, len(samples))
	for i, s := range samples {
		without[i] = !s.Form.Header
	}
	classify.AdoptHeaders(shown(samples))
	for i, s := range samples {
		if without[i] && s.Form.Header { // one record of each file
			s.Records -= float64(s.n - 1)
			for j := range s.files {
				s.files[j].records--
			}
		}
	}
}

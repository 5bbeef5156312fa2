// Package infer is `penstock infer`: it says of files, a folder of them or objects what a crawler would find, and what of it a crawler does
// not tell: how many values and nulls a column has, and which value forced its type. It decides nothing about files itself; packages
// classify and crawl do.
package infer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"penstock/internal/classify"
	"penstock/internal/crawl"
	"penstock/internal/schema"
)

// A File is one that is to be looked at.
type File struct {
	URL  string
	Path []string // folders below the place, and the file's name
	Size int64
	Open func(ctx context.Context) (Content, error)
}

// A Content is an open file.
type Content interface {
	io.ReaderAt
	io.Closer
}

// Options are what is asked.
type Options struct {
	Format     string               // the format that files must have; "": any
	Classifier *classify.Classifier // comes before the built-in ones
	SampleSize int                  // files of each folder; 0: all
	Combine    bool                 // group files whatever their columns are
	AsGlue     bool                 // headers by Glue's rule, which loses those over words only
}

// A Report is what was found.
type Report struct {
	Tables []Table `json:"tables"`
	Others []Other `json:"others"` // files that belong to none
}

// An Other is a file that is no table's.
type Other struct {
	File string `json:"file"`
	Why  string `json:"why"`
}

// A Table is what files together are.
type Table struct {
	Name           string         `json:"table"`
	Location       string         `json:"location"`
	Classification string         `json:"classification"`
	Compression    string         `json:"compression"`
	Encoding       string         `json:"encoding,omitempty"`
	Delimiter      string         `json:"delimiter,omitempty"`
	Quote          string         `json:"quote,omitempty"`
	Escape         string         `json:"escape,omitempty"`
	Header         *bool          `json:"header,omitempty"`
	Skip           int            `json:"skip,omitempty"` // lines before the first record, the header included
	RowTag         string         `json:"rowTag,omitempty"`
	Pattern        string         `json:"pattern,omitempty"`
	Columns        []Column       `json:"columns"`
	Partitions     *PartitionList `json:"partitions,omitempty"`
	Files          int            `json:"files"`
	Bytes          int64          `json:"bytes"`
	Records        int64          `json:"records"` // estimated, unless Exact
	Exact          bool           `json:"exact"`
	Sampled        int64          `json:"sampled"`
	Damaged        int64          `json:"damaged"`
	Notes          []Other        `json:"notes,omitempty"`
}

// A PartitionList is the partitions of a table.
type PartitionList struct {
	Keys  []string `json:"keys"`
	Count int      `json:"count"`
	First []string `json:"first"`
	Last  []string `json:"last"`
}

// A Column is one with what the samples have in it.
type Column struct {
	Name   string  `json:"name"`
	Type   string  `json:"type"`
	Values *int64  `json:"values,omitempty"` // absent for formats that do not tell without a reading
	Nulls  *int64  `json:"nulls,omitempty"`
	Wider  []Wider `json:"wider,omitempty"`
}

// A Wider is a value that forced a wider type.
type Wider struct {
	File string `json:"file,omitempty"` // where there are several
	Path string `json:"path"`           // the column, or what is within it
	From string `json:"from"`
	To   string `json:"to"`
	Row  int64  `json:"row,omitempty"`
	Line int64  `json:"line,omitempty"`
	Text string `json:"text,omitempty"`
}

// Look finds the tables that files are. root names the place, and location is where it lies.
func Look(ctx context.Context, root, location string, files []File, o Options) (*Report, error) {
	r := classify.Reader{Headers: !o.AsGlue}
	if o.Classifier != nil {
		c, err := classify.Compile(*o.Classifier)
		if err != nil {
			return nil, err
		}
		r.Custom = append(r.Custom, c)
	}
	out := &Report{Tables: []Table{}, Others: []Other{}}
	var found []crawl.FoundFile
	count := map[string]int{}
	for _, f := range files {
		dirs := f.Path[:len(f.Path)-1]
		dir := strings.Join(dirs, "/")
		if count[dir]++; o.SampleSize > 0 && count[dir] > o.SampleSize {
			continue
		}
		s, err := sample(ctx, &r, f)
		switch {
		case err != nil:
			return nil, err
		case !s.Known():
			out.Others = append(out.Others, Other{f.URL, s.Note})
			continue
		case o.Format != "" && s.Form.Class != o.Format:
			out.Others = append(out.Others, Other{f.URL, "is " + s.Form.Class + ", not " + o.Format})
			continue
		}
		found = append(found, crawl.FoundFile{URL: f.URL, Dirs: dirs, Name: f.Path[len(f.Path)-1], Size: f.Size, Sample: s})
	}
	for _, t := range crawl.Tables(root, found, o.Combine) {
		out.Tables = append(out.Tables, tableOf(t, location, len(files) == 1))
	}
	return out, ctx.Err()
}

// sample looks at one file. A format that is not read is no error here: there may be others.
func sample(ctx context.Context, r *classify.Reader, f File) (*classify.Sample, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if f.Size == 0 {
		return &classify.Sample{Note: "is empty"}, nil
	}
	in, err := f.Open(ctx)
	if err != nil {
		return nil, err
	}
	s, err := r.Read(&classify.File{URL: f.URL, Name: f.Path[len(f.Path)-1], Size: f.Size, Src: in})
	var unknown *classify.FormatError
	if errors.As(err, &unknown) {
		s, err = &classify.Sample{Note: "is " + unknown.Format + ", which Penstock does not read"}, nil
	}
	if err = errors.Join(err, in.Close()); err != nil {
		return nil, fmt.Errorf("read %s: %w", f.URL, err)
	}
	return s, nil
}

// tableOf is a table as it is shown.
func tableOf(t crawl.FoundTable, location string, single bool) Table {
	s := t.Files[0].Sample
	out := Table{Name: t.Name, Location: location, Classification: s.Form.Class, Compression: s.Form.Compression, Encoding: s.Encoding,
		RowTag: s.Form.RowTag, Pattern: s.Log.Pattern, Files: len(t.Files), Exact: true}
	if single {
		out.Location = t.Files[0].URL
	} else {
		out.Location = strings.TrimSuffix(location, "/") + "/" + strings.Join(append(slices.Clone(t.Dirs), ""), "/")
		if len(t.Dirs) > 0 && len(t.Files) == 1 && t.Dirs[len(t.Dirs)-1] == t.Files[0].Name {
			out.Location = t.Files[0].URL
		}
	}
	if s.Form.Class == classify.CSV {
		out.csv(t)
	}
	if out.Encoding == classify.ASCII {
		out.Encoding = classify.UTF8 // of which it is a part
	}
	records := 0.0
	for _, f := range t.Files {
		out.Bytes += f.Size
		records += f.Sample.Records
		out.Sampled += f.Sample.Sampled
		out.Damaged += f.Sample.Damaged
		out.Exact = out.Exact && f.Sample.Whole
		if f.Sample.Note != "" {
			out.Notes = append(out.Notes, Other{f.URL, f.Sample.Note})
		}
		if f.Sample.Repeated > 0 {
			out.Notes = append(out.Notes, Other{f.URL, fmt.Sprintf("has its header again as a record, %d times", f.Sample.Repeated)})
		}
	}
	out.Records = int64(records + 0.5)
	for _, c := range t.Columns {
		out.Columns = append(out.Columns, columnOf(c.Name, c.Type, t.Files))
	}
	if len(t.Keys) > 0 {
		out.Partitions = &PartitionList{Keys: t.Keys, Count: len(t.Partitions), First: t.Partitions[0], Last: t.Partitions[len(t.Partitions)-1]}
	}
	return out
}

func (t *Table) csv(found crawl.FoundTable) {
	s := found.Files[0].Sample
	header := s.Form.Header
	t.Delimiter, t.Header, t.Skip = string(rune(s.Form.Delimiter)), &header, s.Form.Skip
	for _, f := range found.Files {
		if f.Sample.Quoted {
			t.Quote = string(rune(f.Sample.Dialect.Quote))
		}
		if f.Sample.Dialect.Escape != 0 {
			t.Escape = string(rune(f.Sample.Dialect.Escape))
		}
		if t.Encoding == classify.ASCII {
			t.Encoding = f.Sample.Encoding
		}
	}
}

// across is the widening of a column whose values in this file are of another type than those in the files before.
func across(f crawl.FoundFile, at int, name string, from, to schema.Kind) Wider {
	w := Wider{File: f.URL, Path: name, From: from.String(), To: to.String()}
	if f.Sample.Seen != nil {
		first := f.Sample.Seen[at].First
		w.Row, w.Line, w.Text = first.Row, first.Line, string(first.Text)
	}
	return w
}

// columnOf sums up what files have in a column.
func columnOf(name, typ string, files []crawl.FoundFile) Column {
	c := Column{Name: name, Type: typ}
	var values, nulls int64
	told := false
	var before *schema.Type // the type in the files before
	for _, f := range files {
		s := f.Sample
		at := slices.Index(s.Names, name)
		if at < 0 {
			nulls += s.Sampled - s.Damaged
			continue
		}
		label := ""
		if len(files) > 1 {
			label = f.URL
		}
		if s.Seen != nil {
			told = true
			values, nulls = values+s.Seen[at].Values, nulls+s.Seen[at].Nulls
			for _, w := range s.Seen[at].Wider {
				c.Wider = append(c.Wider, Wider{label, w.Path, w.From.String(), w.To.String(), w.Row, w.Line, string(w.Text)})
			}
		}
		if is := s.Types[at]; is.Kind != schema.Unknown {
			if before != nil {
				if wide := schema.Widen(*before, is); wide.Kind != before.Kind && (s.Seen == nil || len(s.Seen[at].Wider) == 0) {
					c.Wider = append(c.Wider, across(f, at, name, before.Kind, wide.Kind))
				}
				is = schema.Widen(*before, is)
			}
			before = &is
		}
	}
	if told {
		c.Values, c.Nulls = &values, &nulls
	}
	return c
}

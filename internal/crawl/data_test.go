package crawl

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"

	"penstock/internal/catalog"
	"penstock/internal/classify"
	"penstock/internal/column"
	"penstock/internal/format/grok"
	"penstock/internal/object"
	"penstock/internal/schema"
	"penstock/internal/testcorpus"
)

// TestData crawls the real data sets of the corpus, and compares the tables with testdata/data/*.txt.
func TestData(t *testing.T) {
	const combine = `{"Version":1.0,"Grouping":{"TableGroupingPolicy":"CombineCompatibleSchemas"}}`
	const detect = `{"Version":1.0,"Penstock":{"Headers":"DETECT"}}`
	for _, c := range []struct {
		name, folder string
		crawler      Crawler
		classifier   *classify.Classifier
	}{
		{name: "online-retail", folder: "online-retail"},
		{name: "openflights", folder: "openflights"},
		{name: "openflights-headers", folder: "openflights", crawler: Crawler{Configuration: detect}},
		{name: "weblog", folder: "weblog"},
		{name: "weblog-grok", folder: "weblog", classifier: &classify.Classifier{Name: "access",
			Grok: &classify.GrokRules{Classification: "access", Pattern: accessPattern, CustomPatterns: accessPatterns}}},
		{name: "cloudtrail", folder: "cloudtrail", crawler: Crawler{Configuration: combine}},
		{name: "cloudtrail-records", folder: "cloudtrail", crawler: Crawler{Configuration: combine},
			classifier: &classify.Classifier{Name: "records", JSON: &classify.JSONRules{Path: "$.Records[*]"}}},
		{name: "chinook", folder: "chinook"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := open(t, t.TempDir()).start()
			s.loadFolder(filepath.Join(testcorpus.Dir(t), "data", c.folder), c.folder)
			must(t, s.catalog.CreateDatabase(s.ctx, catalog.Database{Name: "db"}))
			cr := c.crawler
			cr.Name, cr.Role, cr.Database, cr.Targets = "cr", "r", "db", []Target{{Path: "s3://data/" + c.folder + "/"}}
			if c.classifier != nil {
				cr.Classifiers = []string{c.classifier.Name}
				must(t, s.d.Meta.Update(s.ctx, func(tx *metaTx) error { return s.classifiers().CreateTx(tx, *c.classifier) }))
			}
			s.create(cr)
			got := s.outcome(s.crawl("cr")) + s.dump("db")
			got = withoutPartitions(got)
			name := filepath.Join("testdata", "data", c.name+".txt")
			want, err := os.ReadFile(name)
			if *update {
				must(t, os.WriteFile(name, []byte(got), 0o644))
			} else if must(t, err); got != string(want) {
				t.Errorf("got\n%swant\n%s", got, want)
			}
			if c.name == "weblog-grok" {
				s.countLines("weblog")
			}
		})
	}
}

// The pattern of an access log as a user would write it.
const (
	accessPattern = `^%{CLIENT:client} %{NOTSPACE} %{NOTSPACE:who} \[%{HTTPDATE:at}\] ` +
		`"%{WORD:verb} %{NOTSPACE:request} HTTP/%{NUMBER:version}" %{NUMBER:status:int} (?:%{NUMBER:bytes:long}|-) ` +
		`"%{DATA:referrer}" "%{DATA:agent}"$`
	accessPatterns = "CLIENT %{IPORHOST}"
)

// loadFolder puts the files of a folder under s3://data/NAME/.
func (s *site) loadFolder(dir, name string) {
	_, err := s.objects.CreateBucket(s.ctx, "data", "", nil)
	must(s.t, err)
	must(s.t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), "LICENSE") {
			return err
		}
		data, err := os.ReadFile(path)
		must(s.t, err)
		rel, err := filepath.Rel(dir, path)
		must(s.t, err)
		_, err = s.objects.Put(s.ctx, "data", name+"/"+filepath.ToSlash(rel), bytes.NewReader(data), object.PutOptions{})
		must(s.t, err)
		return nil
	}))
}

// withoutPartitions leaves all but the first and the last partition of each table out.
func withoutPartitions(text string) string {
	lines := strings.SplitAfter(text, "\n")
	part := func(i int) bool { return i >= 0 && i < len(lines) && strings.HasPrefix(lines[i], "  [") }
	var out []string
	for i, l := range lines {
		if !part(i) || !part(i-1) || !part(i+1) {
			out = append(out, l)
		}
	}
	return strings.Join(out, "")
}

// countLines reads the whole log by what the table says of it: one line of 10,000 is broken, and told with its number.
func (s *site) countLines(table string) {
	t, err := s.catalog.Table(s.ctx, "db", table)
	must(s.t, err)
	in, err := os.Open(filepath.Join(testcorpus.Dir(s.t), "data/weblog/apache_access.log.gz"))
	must(s.t, err)
	defer in.Close()
	z, err := gzip.NewReader(in)
	must(s.t, err)
	var fields []schema.Field
	for _, c := range t.Columns() {
		ty, err := schema.Parse(c.Type)
		must(s.t, err)
		fields = append(fields, schema.Field{Name: c.Name, Type: ty})
	}
	var broken []int64
	p := t.Storage.SerDe.Parameters
	r, err := grok.NewReader(z, p["input.format"], p["input.grokCustomPatterns"], fields, grok.Options{Bad: func(f column.Finding) error {
		broken = append(broken, f.Line)
		return nil
	}})
	must(s.t, err)
	rows := 0
	b := column.NewBatch(fields)
	for !errors.Is(err, io.EOF) {
		b.Reset()
		if err = r.Next(b); err != nil && !errors.Is(err, io.EOF) {
			s.t.Fatal(err)
		}
		rows += b.Rows()
	}
	if rows != 10_000 || !slices.Equal(broken, []int64{8899}) {
		s.t.Errorf("%d rows, broken lines %v", rows, broken)
	}
}

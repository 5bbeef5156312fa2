// Package retail runs the retail example end to end: the real program, the real input, exact figures.
package retail

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"penstock/examples"
	"penstock/test/harness"
)

func TestMain(m *testing.M) {
	code := m.Run()
	harness.Clean()
	os.Exit(code)
}

const (
	raw     = "000000000000-us-east-1-retail-raw"
	curated = "000000000000-us-east-1-retail-curated"
)

// realFigures are what the whole real input must give, exactly.
var realFigures = map[string]string{
	"rows landed": "541909", "cancellation lines": "9288", "rows kept": "530104", "revenue": "10666684.544",
	"revenue United Kingdom": "9025222.084", "revenue 2011-11": "1509496.33", "invoices": "19960", "known customers": "4338",
}

// project writes the example, without a sample, into a folder of the test's own.
func project(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if _, err := examples.Write("retail", dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

// figures reads "label: value" lines.
func figures(stdout string) map[string]string {
	m := map[string]string{}
	for _, line := range strings.Split(stdout, "\n") {
		if label, value, ok := strings.Cut(line, ": "); ok {
			m[label] = value
		}
	}
	return m
}

func wantFigures(t *testing.T, r harness.Result, want map[string]string) {
	t.Helper()
	got := figures(r.Stdout)
	for label, value := range want {
		if got[label] != value {
			t.Errorf("%s: %s, want %s", label, got[label], value)
		}
	}
	if t.Failed() {
		t.Fatalf("stdout:\n%s\nstderr:\n%s", r.Stdout, r.Stderr)
	}
}

// state is every object, partition and row of the pipeline, as text.
func state(t *testing.T, dir string, rt *harness.Runtime) string {
	t.Helper()
	return versions(t, rt, raw, "") + versions(t, rt, curated, "") +
		partitions(t, rt, "orders", "sales", "daily", "products") + loaded(t, dir, rt)
}

// published is what readers of the pipeline's results see: objects and partitions of the transforms, and rows.
func (s *shop) published() string {
	s.Helper()
	return versions(s.T, s.rt, curated, "sales/") + versions(s.T, s.rt, curated, "daily/") + versions(s.T, s.rt, curated, "products/") +
		partitions(s.T, s.rt, "sales", "daily", "products") + loaded(s.T, s.dir, s.rt)
}

func versions(t *testing.T, rt *harness.Runtime, bucket, prefix string) string {
	t.Helper()
	var b strings.Builder
	client := s3.NewFromConfig(rt.Config(), func(o *s3.Options) { o.UsePathStyle = true })
	pages := s3.NewListObjectVersionsPaginator(client, &s3.ListObjectVersionsInput{Bucket: &bucket, Prefix: &prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range page.Versions {
			fmt.Fprintln(&b, bucket, aws.ToString(v.Key), aws.ToString(v.VersionId), aws.ToString(v.ETag))
		}
	}
	return b.String()
}

func partitions(t *testing.T, rt *harness.Runtime, tables ...string) string {
	t.Helper()
	var b strings.Builder
	catalog := glue.NewFromConfig(rt.Config())
	for _, table := range tables {
		pages := glue.NewGetPartitionsPaginator(catalog, &glue.GetPartitionsInput{DatabaseName: aws.String("retail"), TableName: &table})
		for pages.HasMorePages() {
			page, err := pages.NextPage(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range page.Partitions {
				fmt.Fprintln(&b, table, p.Values, aws.ToString(p.StorageDescriptor.Location), aws.ToTime(p.CreationTime))
			}
		}
	}
	return b.String()
}

func loaded(t *testing.T, dir string, rt *harness.Runtime) string {
	t.Helper()
	return query(t, dir, rt, "SELECT _run, count(*), sum(revenue) FROM shop.sales GROUP BY 1 ORDER BY 1") +
		query(t, dir, rt, "SELECT * FROM penstock.loads ORDER BY 1, 2, 3")
}

func query(t *testing.T, dir string, rt *harness.Runtime, sql string) string {
	t.Helper()
	return harness.MustRun(t, dir, nil, "query", "--data", rt.Data, sql).Stdout
}

// copyFiles copies files of the real input, named by their day, and returns the folder.
func copyFiles(t *testing.T, input string, keep func(day string) bool) string {
	t.Helper()
	out := t.TempDir()
	files, err := filepath.Glob(filepath.Join(input, "*/*/*/*.gz"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		rel, err := filepath.Rel(input, f)
		if err != nil {
			t.Fatal(err)
		}
		if keep(filepath.ToSlash(filepath.Dir(rel))) {
			copyFile(t, f, filepath.Join(out, rel))
		}
	}
	return out
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	b, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, b, 0o666); err != nil {
		t.Fatal(err)
	}
}

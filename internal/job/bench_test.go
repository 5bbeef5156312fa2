package job_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"penstock/internal/job"
	"penstock/internal/job/jobtest"
	"penstock/internal/meta"
	"penstock/internal/object"
)

// BenchmarkPublish305 is one job run that publishes 305 files of 25 kB, from StartJobRun to SUCCEEDED, the worker's start
// includedpublish-ms is the publish alone, as the worker saw it.
func BenchmarkPublish305(b *testing.B) {
	w := start(b, b.TempDir(), jobtest.Settings{Log: b.Output()}).lake(b)
	w.define(b, job.Definition{})
	days := make([]string, 305)
	for i := range days {
		days[i] = fmt.Sprintf("20%02d-%02d-01", 10+i/12, i%12+1)
	}
	for i := 0; b.Loop(); i++ {
		r := w.End(b, w.begin(b, "do", "publish", "run", fmt.Sprintf("RUN%d", i), "days", strings.Join(days, ","), "size", "25000"))
		if r.State != job.Succeeded {
			b.Fatal(r.Error)
		}
	}
}

// BenchmarkResolve100k resolves a prefix of 100,000 objects; resolve-ms is what the worker waits for the list.
func BenchmarkResolve100k(b *testing.B) {
	w := start(b, b.TempDir(), jobtest.Settings{}).lake(b)
	w.define(b, job.Definition{})
	v, err := w.Objects.Put(b.Context(), "curated", "big/one", bytes.NewReader([]byte("x")), object.PutOptions{})
	if err != nil {
		b.Fatal(err)
	}
	err = w.Meta.Update(b.Context(), func(tx *meta.Tx) error {
		_, err := tx.Exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
			INSERT INTO object_current SELECT bucket, printf('big/year=2026/month=%02d/day=%02d/part-%08d.parquet', i%12+1, i%28+1, i), seq, version,
			marker, size, etag, modified, blob, attrs
			FROM object_current, n WHERE key = ?`, v.Key)
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	var ms int64
	for b.Loop() {
		r := w.End(b, w.begin(b, "do", "resolve"))
		if r.State != job.Succeeded || r.Result.Files != 100001 {
			b.Fatal(r.State, r.Error, r.Result)
		}
		ms += r.Result.Runs
	}
	b.ReportMetric(float64(ms)/float64(b.N), "resolve-ms")
}

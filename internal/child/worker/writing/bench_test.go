package writing

import (
	"os"
	"testing"

	"penstock/internal/child/task"
	"penstock/internal/child/worker/reading"
	"penstock/internal/engine"
)

// BenchmarkWrite writes 500,000 rows into 300 partitions, as the shop's are.
func BenchmarkWrite(b *testing.B) {
	dir := b.TempDir()
	e, err := engine.Open(b.Context(), engine.Options{Threads: 2, MemoryLimit: 1 << 30, AllowedDirs: []string{dir}})
	if err != nil {
		b.Fatal(err)
	}
	defer e.Close()
	c, err := e.Conn(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Exec(b.Context(), `CREATE TABLE out AS SELECT (500000 + i // 20)::VARCHAR AS invoice, 'S' || hash(i) % 4000 AS stock,
		'article ' || hash(i) % 4000 AS description, (hash(i) % 50)::BIGINT AS quantity,
		TIMESTAMP '2010-12-01' + to_seconds(i * 60) AS at, ((hash(i) % 10000) / 100)::DECIMAL(12,3) AS price,
		(12000 + hash(i // 20) % 5000)::BIGINT AS customer, 'United Kingdom' AS country, DATE '2010-12-01' + (i // 1700)::INTEGER AS day
		FROM range(500000) t(i)`); err != nil {
		b.Fatal(err)
	}
	target := task.Table{Database: "d", Name: "clean", Location: "s3://curated/clean/", SerDe: "ParquetHiveSerDe",
		PartitionKeys: []task.Column{{Name: "day", Type: "date"}}}
	for _, c := range [][2]string{{"invoice", "string"}, {"stock", "string"}, {"description", "string"}, {"quantity", "bigint"},
		{"at", "timestamp"}, {"price", "decimal(12,3)"}, {"customer", "bigint"}, {"country", "string"}} {
		target.Columns = append(target.Columns, task.Column{Name: c[0], Type: c[1]})
	}
	s, err := reading.NewSource(target)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		w := &Writer{Engine: e, Table: "out", Target: s, Dir: dir, Prefix: "clean/", Stem: "RUN-000001"}
		files, err := w.Write(b.Context())
		if err != nil || len(files) != 295 {
			b.Fatal(len(files), err)
		}
		if _, err := c.Exec(b.Context(), "DROP TABLE "+partsTable); err != nil {
			b.Fatal(err)
		}
		for _, f := range files {
			if err := os.Remove(dir + "/" + f.Name); err != nil {
				b.Fatal(err)
			}
		}
	}
}

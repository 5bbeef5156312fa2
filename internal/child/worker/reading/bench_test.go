package reading

import (
	"bytes"
	"fmt"
	"testing"

	"penstock/internal/child/task"
	"penstock/internal/column"
	"penstock/internal/engine"
	"penstock/internal/format/jsonrows"
)

// benchRows fills a batch of id bigint, name string, price double, qty int.
func benchRows(b *column.Batch, n int) {
	for i := range n {
		b.Columns[0].AppendInt(int64(i) * 7919)
		b.Columns[1].AppendBytes(fmt.Appendf(nil, "customer %d of %d", i%1000, i))
		b.Columns[2].AppendFloat(float64(i%100000) / 100)
		b.Columns[3].AppendInt(int64(i % 50))
		b.EndRows(1)
	}
}

// BenchmarkLoad reads the same 200,000 rows in each format into the engine; MB/s are those of the file.
func BenchmarkLoad(b *testing.B) {
	const n = 200_000
	const columns = "id:bigint,name:string,price:double,qty:int"
	var json, csv bytes.Buffer
	var avro [][]byte
	orc := orcFile(b, columns, func(rows *column.Batch) {
		benchRows(rows, n)
		var line []byte
		for i := range n {
			line = append(jsonrows.AppendRow(line[:0], rows, i), '\n')
			json.Write(bytes.TrimRight(line, "\n"))
			json.WriteByte('\n')
			fmt.Fprintf(&csv, "%d,%s,%v,%d\n", rows.Columns[0].Ints[i], rows.Columns[1].Text(i), rows.Columns[2].Floats[i], rows.Columns[3].Ints[i])
			avro = append(avro, avroRow(rows.Columns[0].Ints[i], string(rows.Columns[1].Text(i))))
		}
	})
	typed := task.Table{Database: "d", Name: "x", Location: "s3://b/x/", Columns: taskColumns("id bigint; name string; price double; qty int")}
	for _, x := range []struct {
		name, serde, props string
		body               []byte
		columns            int
	}{{"CSV", lazy, "field.delim=,", csv.Bytes(), 4}, {"NDJSON", openX, "", json.Bytes(), 4}, {"ORC", orcSerDe, "", orc, 4},
		{"Avro", avroLib, "", avroFile(avroSchema, avro...), 2}} {
		b.Run(x.name, func(b *testing.B) {
			var l lake
			l.put(b, "x/a", x.body)
			table := typed
			table.SerDe, table.SerDeParams, table.Columns = x.serde, pairs(x.props), typed.Columns[:x.columns]
			s, err := NewSource(table)
			if err != nil {
				b.Fatal(err)
			}
			parts, err := s.Parts(l.files, nil)
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(x.body)))
			for b.Loop() {
				e, err := engine.Open(b.Context(), engine.Options{Threads: 2, MemoryLimit: 1 << 30})
				if err != nil {
					b.Fatal(err)
				}
				if got, err := Load(b.Context(), e, "src", s, parts, 2); err != nil || got.Rows() != n {
					b.Fatal(got.Rows(), err)
				}
				e.Close()
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

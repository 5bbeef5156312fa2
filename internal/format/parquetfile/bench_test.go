package parquetfile_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"testing"

	"penstock/internal/column"
	"penstock/internal/convert"
	"penstock/internal/format/parquetfile"
	"penstock/internal/schema"
)

// sales makes rows as shops have them: numbers that grow, some of few values, prices, words, times.
func sales(b testing.TB, rows int) *column.Batch {
	b.Helper()
	typ, err := schema.Parse("struct<id:bigint,shop:int,price:decimal(12,2),amount:double,item:string,note:string,at:timestamp,day:date," +
		"paid:boolean>")
	if err != nil {
		b.Fatal(err)
	}
	r := rand.New(rand.NewPCG(7, 7))
	out := column.NewBatch(typ.Fields)
	for i := range int64(rows) {
		c := out.Columns
		c[0].AppendInt(1_000_000 + i)
		c[1].AppendInt(r.Int64N(500))
		c[2].AppendDecimal(convert.FromInt64(r.Int64N(1_000_000)))
		c[3].AppendFloat(float64(r.IntN(10_000)) / 100)
		c[4].AppendBytes(fmt.Appendf(nil, "item number %d", r.IntN(2000)))
		if r.IntN(3) == 0 {
			c[5].AppendNull()
		} else {
			c[5].AppendBytes(fmt.Appendf(nil, "order %x was made", r.Uint32()))
		}
		c[6].AppendInt(1_600_000_000_000_000 + i*1_000_000 + r.Int64N(1000)*1000)
		c[7].AppendInt(18_000 + i/1000)
		c[8].AppendBool(r.IntN(10) > 0)
		out.EndRows(1)
	}
	return out
}

// BenchmarkWrite counts the bytes that the values take in memory.
func BenchmarkWrite(b *testing.B) {
	batch := sales(b, 200_000)
	for _, codec := range []string{"none", "snappy", "gzip", "zstd"} {
		b.Run(codec, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(batch.Size()))
			for b.Loop() {
				w, err := parquetfile.NewWriter(io.Discard, fields(batch), parquetfile.WriterOptions{Codec: codec})
				if err != nil {
					b.Fatal(err)
				}
				if err := w.Write(batch); err != nil {
					b.Fatal(err)
				}
				if err := w.Close(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(batch.Rows())*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

package engine_test

import (
	"fmt"
	"io"
	"testing"

	"penstock/internal/column"
	"penstock/internal/convert"
	"penstock/internal/engine"
	"penstock/internal/schema"
)

const benchRows = 8192

// flat is a batch of orders in ten columns.
func flat(b testing.TB) ([]schema.Field, *column.Batch) {
	fields := fieldsOf(b, "id:bigint,store:int,kind:smallint,price:decimal(10,2),weight:double,paid:boolean,day:date,at:timestamp,"+
		"code:varchar(8),text:string")
	rows := column.NewBatch(fields)
	for i := range benchRows {
		c := rows.Columns
		c[0].AppendInt(int64(i))
		c[1].AppendInt(int64(i % 500))
		c[2].AppendInt(int64(i % 7))
		c[3].AppendDecimal(convert.FromInt64(int64(i * 37)))
		c[4].AppendFloat(float64(i) / 3)
		c[5].AppendBool(i%3 == 0)
		c[6].AppendInt(int64(19000 + i%365))
		c[7].AppendInt(1_700_000_000_000_000 + int64(i)*1_000_000)
		c[8].AppendBytes(fmt.Appendf(nil, "C%05d", i))
		if i%10 == 0 {
			c[9].AppendNull()
		} else {
			c[9].AppendBytes([]byte("WHITE HANGING HEART T-LIGHT HOLDER"))
		}
		rows.EndRows(1)
	}
	return fields, rows
}

// nested is a batch of orders with lines, labels and an address.
func nested(b testing.TB) ([]schema.Field, *column.Batch) {
	fields := fieldsOf(b, "id:bigint,lines:array<struct<sku:string,qty:int,price:decimal(10,2)>>,labels:map<string,string>,"+
		"to:struct<city:string,at:struct<lat:double,lon:double>>")
	rows := column.NewBatch(fields)
	for i := range benchRows {
		c := rows.Columns
		c[0].AppendInt(int64(i))
		line := c[1].Parts[0]
		for n := range i % 6 {
			line.Parts[0].AppendBytes(fmt.Appendf(nil, "SKU-%d-OF-ORDER-%d", n, i))
			line.Parts[1].AppendInt(int64(n))
			line.Parts[2].AppendDecimal(convert.FromInt64(int64(i)))
			line.AppendNested()
		}
		c[1].AppendNested()
		for n := range i % 4 {
			c[2].Parts[0].AppendBytes([]byte{'k', byte('0' + n)})
			c[2].Parts[1].AppendBytes([]byte("a value"))
		}
		c[2].AppendNested()
		to := c[3]
		to.Parts[0].AppendBytes([]byte("Berlin"))
		to.Parts[1].Parts[0].AppendFloat(52.5)
		to.Parts[1].Parts[1].AppendFloat(13.4)
		to.Parts[1].AppendNested()
		to.AppendNested()
		rows.EndRows(1)
	}
	return fields, rows
}

func BenchmarkBatch(b *testing.B) {
	for name, make := range map[string]func(testing.TB) ([]schema.Field, *column.Batch){"flat": flat, "nested": nested} {
		fields, rows := make(b)
		b.Run(name+"/append", func(b *testing.B) { benchAppend(b, fields, rows) })
		b.Run(name+"/read", func(b *testing.B) { benchRead(b, fields, rows) })
	}
}

// benchAppend appends to a table that is emptied from time to time, so that memory stays the same.
func benchAppend(b *testing.B, fields []schema.Field, rows *column.Batch) {
	_, c := open(b, engine.Options{})
	createTable(b, c, "t", fields)
	a, err := c.Appender(b.Context(), "", "t")
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(rows.Size()))
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		if err := a.AppendBatch(rows); err != nil {
			b.Fatal(err)
		}
		if n++; n%50 == 0 {
			b.StopTimer()
			if err := a.Flush(); err != nil {
				b.Fatal(err)
			}
			if _, err := c.Exec(b.Context(), "TRUNCATE t"); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
		}
	}
	b.ReportMetric(float64(n*benchRows)/b.Elapsed().Seconds()/1e6, "Mrows/s")
	a.Abandon()
}

func benchRead(b *testing.B, fields []schema.Field, rows *column.Batch) {
	_, c := open(b, engine.Options{})
	if err := appendTo(b, c, "t", fields, rows); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(rows.Size()))
	b.ReportAllocs()
	got, n := column.NewBatch(fields), 0
	for b.Loop() {
		r, err := c.Query(b.Context(), "FROM t")
		for err == nil {
			got.Reset()
			err = r.NextBatch(b.Context(), got)
		}
		if err != io.EOF {
			b.Fatal(err)
		}
		r.Close()
		n++
	}
	b.ReportMetric(float64(n*benchRows)/b.Elapsed().Seconds()/1e6, "Mrows/s")
}

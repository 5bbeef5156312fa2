package main

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"os"

	"penstock/internal/serde"
)

// A shape is a kind of file: how its lines are made, and its columns, as the catalog has them and as the engine does.
type shape struct {
	name    string
	columns string // of the catalog
	engine  string // read_json's or read_csv's columns
	table   serde.Table
	line    func(w io.Writer, r *rand.Rand, i int)
}

const (
	flatColumns = "id:bigint,shop:int,price:decimal(12,2),amount:double,item:string,note:string,sold:timestamp,day:date,paid:boolean"
	flatTypes   = "id: 'BIGINT', shop: 'INTEGER', price: 'DECIMAL(12,2)', amount: 'DOUBLE', item: 'VARCHAR', note: 'VARCHAR', " +
		"sold: 'TIMESTAMP', day: 'DATE', paid: 'BOOLEAN'"
)

var (
	ndjson = serde.Table{Library: "org.openx.data.jsonserde.JsonSerDe"}
	csv    = serde.Table{Library: "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe", Properties: map[string]string{"field.delim": ","},
		Parameters: map[string]string{"classification": "csv", "skip.header.line.count": "1"}}
)

var shapes = []shape{
	{"flat.ndjson", flatColumns, flatTypes, ndjson, flat},
	{"nested.ndjson", "id:bigint,kind:string,user:struct<name:string,age:int,tags:array<string>>," +
		"items:array<struct<sku:string,qty:int,price:double>>",
		"id: 'BIGINT', kind: 'VARCHAR', user: 'STRUCT(name VARCHAR, age INTEGER, tags VARCHAR[])', " +
			"items: 'STRUCT(sku VARCHAR, qty INTEGER, price DOUBLE)[]'", ndjson, nested},
	{"flat.csv", flatColumns, flatTypes, csv, comma},
}

func comma(w io.Writer, r *rand.Rand, i int) {
	if i == 0 {
		io.WriteString(w, "id,shop,price,amount,item,note,sold,day,paid\n")
	}
	note := ""
	if r.IntN(3) > 0 {
		note = fmt.Sprintf(`"order %x, made"`, r.Uint32())
	}
	fmt.Fprintf(w, "%d,%d,%d.%02d,%g,item number %d,%s,2026-%02d-%02d %02d:%02d:%02d,2026-%02d-%02d,%t\n",
		1_000_000+i, r.IntN(500), r.IntN(9000), r.IntN(100), float64(r.IntN(10_000))/64, r.IntN(2000), note,
		1+r.IntN(12), 1+r.IntN(28), r.IntN(24), r.IntN(60), r.IntN(60), 1+r.IntN(12), 1+r.IntN(28), r.IntN(10) > 0)
}

func flat(w io.Writer, r *rand.Rand, i int) {
	note := "null"
	if r.IntN(3) > 0 {
		note = fmt.Sprintf(`"order %x was made"`, r.Uint32())
	}
	fmt.Fprintf(w, `{"id":%d,"shop":%d,"price":%d.%02d,"amount":%g,"item":"item number %d","note":%s,`+
		`"sold":"2026-%02d-%02d %02d:%02d:%02d","day":"2026-%02d-%02d","paid":%t}`+"\n",
		1_000_000+i, r.IntN(500), r.IntN(9000), r.IntN(100), float64(r.IntN(10_000))/64, r.IntN(2000), note,
		1+r.IntN(12), 1+r.IntN(28), r.IntN(24), r.IntN(60), r.IntN(60), 1+r.IntN(12), 1+r.IntN(28), r.IntN(10) > 0)
}

func nested(w io.Writer, r *rand.Rand, i int) {
	fmt.Fprintf(w, `{"id":%d,"kind":"%s","user":{"name":"user %d","age":%d,"tags":[`, i, []string{"view", "buy", "return"}[r.IntN(3)],
		r.IntN(20_000), 18+r.IntN(60))
	for n := range r.IntN(4) {
		if n > 0 {
			io.WriteString(w, ",")
		}
		fmt.Fprintf(w, `"tag%d"`, r.IntN(100))
	}
	io.WriteString(w, `]},"items":[`)
	for n := range r.IntN(5) {
		if n > 0 {
			io.WriteString(w, ",")
		}
		fmt.Fprintf(w, `{"sku":"sku-%d","qty":%d,"price":%g}`, r.IntN(5000), 1+r.IntN(9), float64(r.IntN(10_000))/64)
	}
	io.WriteString(w, "]}\n")
}

// generate writes the file and returns its size.
func (s *shape) generate(path string, rows int) (int64, error) {
	f, err := os.Create(path)
	if err != nil {
		return 0, err
	}
	w, r := bufio.NewWriterSize(f, 1<<20), rand.New(rand.NewPCG(1, 2))
	for i := range rows {
		s.line(w, r, i)
	}
	if err := w.Flush(); err != nil {
		return 0, err
	}
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), f.Close()
}

package jsonrows_test

import (
	"bytes"
	"fmt"
	"io"
	"testing"

	"penstock/internal/column"
	"penstock/internal/format/jsonrows"
)

const flatColumns = "id:bigint,ts:timestamp,customer:string,country:string,sku:string," +
	"quantity:int,price:double,paid:boolean,channel:string,note:string"

func flatRows(rows int) []byte {
	var b bytes.Buffer
	for i := range rows {
		fmt.Fprintf(&b, `{"id":%d,"ts":"2024-%02d-%02dT%02d:%02d:%02dZ","customer":"C%06d","country":"%s","sku":"SKU-%05d",`+
			`"quantity":%d,"price":%d.%02d,"paid":%v,`+
			`"channel":"web","note":"order %d of the day, delivered to the door"}`+"\n",
			i, i%12+1, i%28+1, i%24, i%60, i%59, i*7919%1000000,
			[]string{"Germany", "France", "United Kingdom", "Spain"}[i%4], i*31%100000, i%40+1, i%500, i%100, i%3 == 0, i%1000)
	}
	return b.Bytes()
}

const nestedColumns = "id:bigint,user:struct<name:string,address:struct<city:string,zip:string>>," +
	"items:array<struct<sku:string,qty:int,price:double>>,tags:array<string>,attrs:map<string,string>"

func nestedRows(rows int) []byte {
	var b bytes.Buffer
	for i := range rows {
		fmt.Fprintf(&b, `{"id":%d,"user":{"name":"user %d","address":{"city":"Berlin","zip":"%05d"}},"items":[`, i, i%5000, i%90000)
		for k := range i%4 + 1 {
			if k > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, `{"sku":"SKU-%05d","qty":%d,"price":%d.%02d}`, i*k%100000, k+1, i%300, k*7)
		}
		fmt.Fprintf(&b, `],"tags":["a","tag%d"],"attrs":{"color":"red","size":"%d"}}`+"\n", i%17, i%50)
	}
	return b.Bytes()
}

func benchmark(b *testing.B, text []byte, columns string, o jsonrows.Options) {
	cols := fields(b, columns)
	batch := column.NewBatch(cols)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		r, err := jsonrows.NewReader(bytes.NewReader(text), cols, o)
		for err == nil {
			batch.Reset()
			err = r.Next(batch)
		}
		if err != io.EOF {
			b.Fatal(err)
		}
	}
}

func BenchmarkFlat(b *testing.B) { benchmark(b, flatRows(50000), flatColumns, jsonrows.Options{}) }
func BenchmarkAnywhere(b *testing.B) {
	benchmark(b, flatRows(50000), flatColumns, jsonrows.Options{Anywhere: true})
}
func BenchmarkNested(b *testing.B) {
	benchmark(b, nestedRows(50000), nestedColumns, jsonrows.Options{})
}

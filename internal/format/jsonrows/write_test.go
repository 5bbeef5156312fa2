package jsonrows_test

import (
	"encoding/json"
	"strings"
	"testing"

	"penstock/internal/column"
	"penstock/internal/format/jsonrows"
)

// rewrite reads a text into columns and writes it again.
func rewrite(t *testing.T, in, columns string) string {
	t.Helper()
	cols := fields(t, columns)
	r, err := jsonrows.NewReader(strings.NewReader(in), cols, jsonrows.Options{Anywhere: true})
	if err != nil {
		t.Fatal(err)
	}
	b := column.NewBatch(cols)
	if err := r.Next(b); err != nil {
		t.Fatal(err)
	}
	var out []byte
	for i := range b.Rows() {
		from := len(out)
		if out = jsonrows.AppendRow(out, b, i); !json.Valid(out[from:]) {
			t.Errorf("%s is no JSON", out[from:])
		}
	}
	return string(out)
}

func TestAppendRow(t *testing.T) {
	const columns = "a:boolean,b:tinyint,c:bigint,d:float,e:double,f:decimal(20,10),g:string,h:binary,i:date,j:timestamp,k:array<int>," +
		"l:map<int,string>,m:struct<x:int,y:string>,n:map<double,array<map<date,int>>>"
	for _, tt := range [][2]string{
		{`{}`, `{}`},
		{`{"a":true,"b":-7,"c":9007199254740993,"d":0.1,"e":1e300,"f":1.5}`,
			`{"a":true,"b":-7,"c":9007199254740993,"d":0.1,"e":1.0E300,"f":1.5000000000}`},
		{`{"e":"NaN","d":"-Infinity","f":0}`, `{"d":"-Infinity","e":"NaN","f":0E-10}`},
		{`{"g":"a\"\\\/\b\f\n\r\t\u0001\u001f\u007fé😀","h":"AQI="}`, `{"g":"a\"\\/\b\f\n\r\t\u0001\u001F` + "\x7f" + `é😀","h":"AQI="}`},
		{`{"i":"2020-02-29","j":"2020-02-29T01:02:03Z"}`, `{"i":"2020-02-29","j":"2020-02-29T01:02:03.000Z"}`},
		{`{"j":"1969-12-31 23:59:59.999"}{"j":"2020-01-01 00:00:00.12345"}{"j":"0001-01-01 00:00:00"}`,
			`{"j":"1969-12-31T23:59:59.999Z"}` + "\n" + `{"j":"2020-01-01T00:00:00.12345Z"}` + "\n" + `{"j":"0001-01-01T00:00:00.000Z"}`},
		{`{"k":[1,null],"l":{"1":"x","2":null},"m":{"y":null,"x":1}}`, `{"k":[1,null],"l":{"1":"x","2":null},"m":{"x":1}}`},
		{`{"k":[],"l":{},"m":{},"n":{"1.5":[{"2020-01-01":1}]}}`, `{"k":[],"l":{},"m":{},"n":{"1.5":[{"18262":1}]}}`},
	} {
		if got := rewrite(t, tt[0], columns); got != tt[1]+"\n" {
			t.Errorf("%s is written as\n%swant\n%s", tt[0], got, tt[1])
		}
	}
}

func BenchmarkAppendRow(b *testing.B) {
	cols := fields(b, flatColumns)
	text := flatRows(8000)
	r, err := jsonrows.NewReader(strings.NewReader(string(text)), cols, jsonrows.Options{})
	batch := column.NewBatch(cols)
	if err == nil {
		err = r.Next(batch)
	}
	if err != nil {
		b.Fatal(err)
	}
	var out []byte
	for b.Loop() {
		out = out[:0]
		for i := range batch.Rows() {
			out = jsonrows.AppendRow(out, batch, i)
		}
	}
	b.SetBytes(int64(len(out)))
}

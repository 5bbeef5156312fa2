package orc_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"penstock/internal/column"
	"penstock/internal/convert"
	"penstock/internal/format/orc"
	"penstock/internal/testcorpus"
)

// forSpark is 25,000 rows, three row groups, in the order of i; every tenth is null.
func forSpark(t *testing.T) []byte {
	columns := named(t, "i:bigint,text:string,word:string,price:decimal(10,2),at:timestamp,day:date,flag:boolean,list:array<int>,"+
		"real:double,pair:struct<x:int>")
	b := column.NewBatch(columns)
	for i := range int64(25_000) {
		c := b.Columns
		if i%10 == 9 {
			for _, v := range c {
				v.AppendNull()
			}
			b.EndRows(1)
			continue
		}
		c[0].AppendInt(i)
		c[1].AppendBytes(fmt.Appendf(nil, "text %05d", i))
		c[2].AppendBytes(fmt.Appendf(nil, "word %d", i%7))
		c[3].AppendDecimal(convert.FromInt64(i - 10_000))
		c[4].AppendInt((1_600_000_000 + i) * 1e6)
		c[5].AppendInt(i - 10_000)
		c[6].AppendBool(i%3 == 0)
		for n := range i % 3 {
			c[7].Parts[0].AppendInt(i + n)
		}
		c[7].AppendNested()
		c[8].AppendFloat(float64(i) / 2)
		c[9].Parts[0].AppendInt(i)
		c[9].AppendNested()
		b.EndRows(1)
	}
	return write(t, columns, orc.WriterOptions{Codec: "snappy", BlockSize: 4096}, b)
}

// TestSpark lets Spark skip row groups of a file by its indexes, and reads what Spark writes on a clock of Los Angeles.
func TestSpark(t *testing.T) {
	if testing.Short() {
		t.Skip("starts Spark: not with -short")
	}
	path := filepath.Join(os.Getenv("PENSTOCK_PYSPARK_VENV"), "bin", "python")
	_, err := os.Stat(path)
	testcorpus.NeedTool(t, os.Getenv("PENSTOCK_PYSPARK_VENV") != "" && err == nil, "a Python with pyspark (PENSTOCK_PYSPARK_VENV)")
	dir := t.TempDir()
	ours, theirs := filepath.Join(dir, "ours"), filepath.Join(dir, "theirs")
	if err := os.Mkdir(ours, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(ours, "x.orc"), forSpark(t), 0o600); err != nil {
		t.Fatal(err)
	}
	script, err := filepath.Abs("testdata/spark.py")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, script, ours, theirs)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1", "SPARK_LOCAL_IP=127.0.0.1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("spark.py: %v\n%s", err, out)
	}
	readsSpark(t, theirs)
}

func readsSpark(t *testing.T, dir string) {
	names, err := filepath.Glob(filepath.Join(dir, "*.orc"))
	if err != nil || len(names) != 1 {
		t.Fatalf("Spark wrote %v, %v", names, err)
	}
	data, err := os.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	b := readAll(t, data, orc.Options{})
	for i, want := range []string{
		`{"id":1,"b":true,"t":1,"d":1.5,"day":"1500-02-28","at":"1850-01-01 12:00:00","de":12.50,"text":"abc","bin":"6100",` +
			`"list":[1,null],"map":{"k":{"col1":2}}}`,
		`{"id":2,"b":null,"t":-1,"d":0.1,"day":"0001-01-01","at":"2020-07-01 10:20:30.123456","de":-0.10,"text":"","bin":"",` +
			`"list":[],"map":{}}`,
		`{"id":3,"b":false,"t":null,"d":"NaN","day":"1582-10-15","at":"2015-01-01 00:00:00","de":null,"text":"z","bin":null,` +
			`"list":null,"map":null}`,
		`{"id":4,"b":true,"t":5,"d":1.0E300,"day":"9999-12-31","at":"1969-12-31 15:59:58.5","de":99.99,"text":"ä","bin":"ff",` +
			`"list":[7],"map":{"a":null}}`,
	} {
		row(t, b, i, want)
	}
}

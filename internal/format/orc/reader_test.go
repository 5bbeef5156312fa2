package orc_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"penstock/internal/column"
	"penstock/internal/convert"
	"penstock/internal/format/orc"
	"penstock/internal/schema"
)

// named parses "a:int,b:string".
func named(t testing.TB, columns string) []schema.Field {
	t.Helper()
	typ, err := schema.Parse("struct<" + columns + ">")
	if err != nil {
		t.Fatal(err)
	}
	return typ.Fields
}

// everything is a column of every type.
const everything = "b:boolean,t:tinyint,s:smallint,i:int,l:bigint,f:float,d:double,st:string,ch:char(4),vc:varchar(6),bi:binary,dt:date," +
	"ts:timestamp,de:decimal(9,2),ar:array<int>,m:map<string,bigint>,x:struct<a:int,y:array<struct<z:string>>>"

// fill makes rows of everything, some of them null.
func fill(t testing.TB, rows int) *column.Batch {
	t.Helper()
	b := column.NewBatch(named(t, everything))
	for i := range int64(rows) {
		c := b.Columns
		if i%5 == 4 {
			for _, v := range c {
				v.AppendNull()
			}
			b.EndRows(1)
			continue
		}
		c[0].AppendBool(i%3 == 0)
		for n := range 4 {
			c[1+n].AppendInt(i % 100 << (n * 3))
		}
		c[5].AppendFloat(float64(i) / 4)
		c[6].AppendFloat(float64(i) / 8)
		for n := range 4 {
			c[7+n].AppendBytes(fmt.Appendf(nil, "v%d", i%7))
		}
		c[11].AppendInt(i)
		c[12].AppendInt(i * 1_234_567)
		c[13].AppendDecimal(convert.FromInt64(i * 50))
		for n := range i % 3 {
			c[14].Parts[0].AppendInt(n)
			c[15].Parts[0].AppendBytes(fmt.Appendf(nil, "k%d", n))
			c[15].Parts[1].AppendInt(n)
			c[16].Parts[1].Parts[0].Parts[0].AppendBytes([]byte("z"))
			c[16].Parts[1].Parts[0].AppendNested()
		}
		c[14].AppendNested()
		c[15].AppendNested()
		c[16].Parts[0].AppendInt(i)
		c[16].Parts[1].AppendNested()
		c[16].AppendNested()
		b.EndRows(1)
	}
	return b
}

// row compares a row of a batch.
func row(t *testing.T, b *column.Batch, i int, want string) {
	t.Helper()
	if got := string(b.AppendJSON(nil, i)); got != want {
		t.Errorf("row %d is\n%s, not\n%s", i, got, want)
	}
}

func TestColumnsByNameAndPosition(t *testing.T) {
	data := write(t, named(t, "A:int,b:string,x:struct<p:int,q:string>"), orc.WriterOptions{}, func() *column.Batch {
		b := column.NewBatch(named(t, "A:int,b:string,x:struct<p:int,q:string>"))
		b.Columns[0].AppendInt(1)
		b.Columns[1].AppendBytes([]byte("one"))
		b.Columns[2].Parts[0].AppendInt(2)
		b.Columns[2].Parts[1].AppendBytes([]byte("two"))
		b.Columns[2].AppendNested()
		b.EndRows(1)
		return b
	}())
	want := named(t, "x:struct<Q:string,none:int,P:bigint>,b:varchar(2),a:bigint,c:array<int>")
	row(t, readAll(t, data, orc.Options{Columns: want}), 0, `{"x":{"Q":"two","none":null,"P":2},"b":"on","a":1,"c":null}`)
	want = named(t, "one:int,two:string,three:struct<p:int>,four:string")
	row(t, readAll(t, data, orc.Options{Columns: want, ByPosition: true}), 0, `{"one":1,"two":"one","three":{"p":2},"four":null}`)
	if b := readAll(t, data, orc.Options{Columns: []schema.Field{}}); b.Rows() != 1 {
		t.Errorf("%d rows without columns", b.Rows())
	}
	data = write(t, named(t, "_col0:int,_col1:int"), orc.WriterOptions{}, func() *column.Batch {
		b := column.NewBatch(named(t, "_col0:int,_col1:int"))
		b.Columns[0].AppendInt(1)
		b.Columns[1].AppendInt(2)
		b.EndRows(1)
		return b
	}())
	row(t, readAll(t, data, orc.Options{Columns: named(t, "x:int,y:int,z:int")}), 0, `{"x":1,"y":2,"z":null}`)
}

// TestChangedTypes compares text with what the Java library 1.9.6 makes of the same values, read with a table of strings.
func TestChangedTypes(t *testing.T) {
	columns := named(t, "b:boolean,t:tinyint,f:float,d:double,dt:date,ts:timestamp,de:decimal(6,3),bi:binary,ch:char(5),big:bigint")
	b := column.NewBatch(columns)
	for i := range 2 {
		c := b.Columns
		c[0].AppendBool(i == 0)
		c[1].AppendInt(-1)
		c[2].AppendFloat([]float64{float64(float32(0.1)), 1e8}[i])
		c[3].AppendFloat([]float64{1e10, 1e-4}[i])
		c[4].AppendInt([]int64{-719162, 2932896}[i])
		c[5].AppendInt([]int64{1593598830123456, -1_500_000}[i])
		c[6].AppendDecimal(convert.FromInt64([]int64{12500, -10}[i]))
		c[7].AppendBytes([]byte("abc"))
		c[8].AppendBytes([]byte("xy"))
		c[9].AppendInt(12345678901)
		b.EndRows(1)
	}
	data := write(t, columns, orc.WriterOptions{}, b)
	want := named(t, "b:string,t:string,f:string,d:string,dt:string,ts:string,de:string,bi:string,ch:string,big:varchar(4)")
	got := readAll(t, data, orc.Options{Columns: want})
	row(t, got, 0, `{"b":"TRUE","t":"-1","f":"0.10000000149011612","d":"1.0E10","dt":"0001-01-01","ts":"2020-07-01 10:20:30.123456",`+
		`"de":"12.5","bi":"61 62 63","ch":"xy","big":"1234"}`)
	row(t, got, 1, `{"b":"FALSE","t":"-1","f":"1.0E8","d":"1.0E-4","dt":"9999-12-31","ts":"1969-12-31 23:59:58.5",`+
		`"de":"-0.01","bi":"61 62 63","ch":"xy","big":"1234"}`)
	want = named(t, "t:bigint,f:double,dt:timestamp,de:decimal(10,5),ch:varchar(1)")
	row(t, readAll(t, data, orc.Options{Columns: want}), 0,
		`{"t":-1,"f":0.10000000149011612,"dt":"0001-01-01 00:00:00","de":12.50000,"ch":"x"}`)
}

func TestTypesThatDoNotFit(t *testing.T) {
	data := write(t, named(t, everything), orc.WriterOptions{}, fill(t, 1))
	for want, says := range map[string]string{
		"l:int":             "column l: the file has bigint, which is not read as int",
		"st:int":            "column st: the file has string, which is not read as int",
		"de:decimal(9,1)":   "the file has decimal(9,2), which is not read as decimal(9,1)",
		"de:decimal(9,3)":   "decimal(9,3)",
		"ar:string":         "the file has array<int>, which is not read as string",
		"ar:array<tinyint>": "column ar: element: the file has int, which is not read as tinyint",
		"x:struct<a:date>":  "column x: a: the file has int",
		"d:float":           "column d: the file has double, which is not read as float",
		"ts:date":           "which is not read as date",
	} {
		_, err := orc.NewReader(bytes.NewReader(data), int64(len(data)), orc.Options{Columns: named(t, want)})
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// TestProjectionReadsNoMore counts the bytes that are read for one column.
func TestProjectionReadsNoMore(t *testing.T) {
	columns := named(t, "small:int,large:string")
	b := column.NewBatch(columns)
	r := rand.New(rand.NewPCG(1, 1))
	for range 20_000 {
		b.Columns[0].AppendInt(7)
		b.Columns[1].AppendBytes(fmt.Appendf(nil, "%x%x%x", r.Uint64(), r.Uint64(), r.Uint64()))
		b.EndRows(1)
	}
	data := write(t, columns, orc.WriterOptions{Codec: "none"}, b)
	src := &counting{data: data}
	reader, err := orc.NewReader(src, int64(len(data)), orc.Options{Columns: columns[:1]})
	if err != nil {
		t.Fatal(err)
	}
	for got := column.NewBatch(columns[:1]); reader.Next(got) == nil; got.Reset() {
	}
	if len(data) < 800_000 || src.read > 40_000 {
		t.Errorf("%d bytes of %d are read", src.read, len(data))
	}
}

type counting struct {
	data []byte
	read int
}

func (c *counting) ReadAt(p []byte, at int64) (int, error) {
	c.read += len(p)
	return bytes.NewReader(c.data).ReadAt(p, at)
}

// TestTheSecondBefore1970 cannot be written, and says so.
func TestTheSecondBefore1970(t *testing.T) {
	columns := named(t, "ts:timestamp")
	for micros, fits := range map[int64]bool{-500_000: false, -1: false, -999_999: true, -999_001: true, -999_000: false, -1_000_001: true,
		-1_000_000: true, -1_950_000: true, -1_999_000: true, -1_999_001: true, 1: true} {
		b := column.NewBatch(columns)
		b.Columns[0].AppendInt(micros)
		b.EndRows(1)
		w, err := orc.NewWriter(io.Discard, columns, orc.WriterOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write(b); (err == nil) != fits {
			t.Errorf("%d: %v", micros, err)
		}
		if fits {
			if got := readAll(t, write(t, columns, orc.WriterOptions{}, b), orc.Options{}).Columns[0].Ints[0]; got != micros {
				t.Errorf("%d comes back as %d", micros, got)
			}
		}
	}
}

// drain reads a file as far as it goes, in bounded time and memory, and returns how many rows there were.
func drain(data []byte, memory int) (rows int, err error) {
	r, err := orc.NewReader(bytes.NewReader(data), int64(len(data)), orc.Options{Memory: memory})
	if err != nil {
		return 0, err
	}
	b := column.NewBatch(r.Columns())
	for range 100 {
		b.Reset()
		if err := r.Next(b); err != nil {
			return rows, err
		}
		if err := b.Check(); err != nil {
			panic(err)
		}
		rows += b.Rows()
	}
	return rows, nil
}

// TestTruncated cuts a file at every length: none is read as a whole.
func TestTruncated(t *testing.T) {
	for _, codec := range []string{"none", "zlib", "snappy", "lz4", "zstd"} {
		data := write(t, named(t, everything), orc.WriterOptions{Codec: codec}, fill(t, 30))
		for n := range data {
			if rows, err := drain(data[:n], 1<<20); err == nil || err == io.EOF {
				t.Fatalf("%s: %d of %d bytes: %d rows, %v", codec, n, len(data), rows, err)
			}
		}
	}
}

// TestDamaged changes every byte of files in several ways. What is read is whatever it is; nothing panics, takes long or takes much memory.
func TestDamaged(t *testing.T) {
	var before, after runtime.MemStats
	for _, codec := range []string{"none", "zlib", "snappy", "lz4", "zstd"} {
		data := write(t, named(t, everything), orc.WriterOptions{Codec: codec}, fill(t, 25))
		changes, step := []byte{0xff, 0x80, 0x01}, 1
		if codec != "none" {
			changes = changes[:1]
		}
		if testing.Short() {
			step = 7
		}
		for i := 0; i < len(data); i += step {
			for _, change := range changes {
				bad := bytes.Clone(data)
				bad[i] ^= change
				runtime.ReadMemStats(&before)
				start := time.Now()
				_, err := drain(bad, 1<<20)
				runtime.ReadMemStats(&after)
				if n := after.TotalAlloc - before.TotalAlloc; n > 200<<20 {
					t.Fatalf("%s: byte %d ^ %x: %d bytes of memory in %v, %v", codec, i, change, n, time.Since(start), err)
				}
				if err != nil && err != io.EOF && !strings.HasPrefix(err.Error(), "ORC: ") {
					t.Fatalf("byte %d: %v", i, err)
				}
			}
		}
	}
}

// FuzzReader starts from files of the writer in each codec.
func FuzzReader(f *testing.F) {
	for _, codec := range []string{"none", "zlib", "snappy", "lz4", "zstd"} {
		f.Add(write(f, named(f, everything), orc.WriterOptions{Codec: codec, BlockSize: 4096}, fill(f, 30)))
		f.Add(write(f, named(f, "a:int,b:string"), orc.WriterOptions{Codec: codec}))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		_, _ = drain(data, 1<<20)
	})
}

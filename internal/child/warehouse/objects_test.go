package warehouse

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"penstock/internal/engine"
)

// objects are the files of the bucket "lake".
func objects(t testing.TB) map[string][]byte {
	t.Helper()
	csv := "id,name,price,day\n1,apple,1.50,2020-01-31\n2,\"pear, green\",2.259,2020-02-29\n3,,,\n"
	zipped := gz(t, "id,name,price,day\n4,plum,4.00,2021-01-01\n")
	flipped := bytes.Clone(zipped)
	flipped[len(flipped)-6] ^= 1 // the CRC
	files := map[string][]byte{
		"csv/one.csv":         []byte(csv),
		"csv/two.csv":         []byte("id,name,price,day\n10,fig,0.10,2020-03-01\n"),
		"csv.bak":             []byte("5,under the same prefix,1,2020-01-01\n"),
		"gz/part.gz":          zipped,
		"broken/crc.gz":       flipped,
		"broken/cut.gz":       zipped[:len(zipped)-8],
		"broken/digit.csv":    []byte("id,name,price,day\n1,a,1,2020-01-01\nx2,b,2,2020-01-01\n"),
		"broken/fewer.csv":    []byte("1,a,1\n"),
		"broken/more.csv":     []byte("1,a,1,2020-01-01,extra\n"),
		"broken/long.csv":     []byte("1," + strings.Repeat("x", 21) + ",1,2020-01-01\n"),
		"broken/date.csv":     []byte("1,a,1,1.2.2020\n"),
		"broken/day.csv":      []byte("1,a,1,2021-02-29\n"),
		"broken/utf8.csv":     []byte("1,\xa4bc,1,2020-01-01\n"),
		"broken/notnull.csv":  []byte(",a,1,2020-01-01\n"),
		"broken/overflow.csv": []byte("2147483648,a,1,2020-01-01\n"),
		"broken/decimal.csv":  []byte("1,a,1.2.3,2020-01-01\n"),
		"broken/wide.csv":     []byte("1,a,100000000,2020-01-01\n"),
		"broken/quote.csv":    []byte("1,\"a\"b,1,2020-01-01\n"),
		"pipe/data":           []byte("1|a \\N b|1|2020-01-01\n2|\\N|2|2020-01-01\n"),
		"tab/data":            []byte("1\tnull\t1\t2020-01-01\n"),
		"types/all.csv":       []byte("t,-5,9223372036854775807,1.5,0.1,abc,12:34:56.5,2020-01-01 01:02:03.25,2020-01-01 01:02:03+02\n"),
		"blanks/data.csv":     []byte("1, \"x,y\" ,2,2020-01-01\n3,\"zz\" ,4, \"2020-01-02\"\n5, \"q\",6,2020-01-03\n"),
		"trail/data":          []byte("1|a|1|2020-01-01|\n2||2||\n"),
		"trail/two":           []byte("1|a|1|2020-01-01||\n"),
		"empty/data.csv":      []byte("1,,,\n2,\"\",\"\",\n"),
		"nogzip/data.csv":     gz(t, "1,a\x00,1,2020-01-01\n"),
		"nul/data.csv":        []byte("1,x\x00M\x00Hhint,1,2020-01-01\n"),
		"nul/null":            []byte("1|\x00|1|2020-01-01\n2|a\x00|1|2020-01-01\n"),
		"nul/digit.csv":       []byte("1\x00\x1f,a,1,2020-01-01\n"),
		"zero/a.csv":          nil,
		"zero/_SUCCESS":       nil,
		"zero/.b.csv":         []byte("7,hidden elsewhere,1,2020-01-01\n"),
		"zero/c/":             nil,
		"odd/casts.csv":       []byte("1e1,5e-3,99.995,2020-01-01 24:00:00,24:00:00,2020-01-01 10:00:00-8:00,on\n"),
		"odd/dates.csv":       []byte("12/31/24\n1/2/03\n08-Jan-99\n\"Jan 5, 2020 10:00\"\n"),
		"odd/epoch.csv":       []byte("1589562000\n"),
		"odd/trail.csv":       []byte("2020-01-31 and more\n"),
		"escape/data":         []byte("1|\\N|1|2020-01-01\n2|a\\|b|1|2020-01-01\n"),
		"ends/a.csv":          []byte("1,a\n2,b\n3,\"a \"\n"),
		"manifest/ok.json": []byte(
			`{"entries":[{"url":"s3://lake/csv/two.csv","mandatory":true},{"url":"s3://lake/none","mandatory":false}]}`),
		"manifest/miss.json": []byte(`{"entries":[{"url":"s3://lake/none","mandatory":true}]}`),
		"manifest/bad.json":  []byte(`{"entries":[`),
		"manifest/len.json":  []byte(`{"entries":[{"url":"s3://lake/csv/two.csv","meta":{"content_length":1}}]}`),
	}
	parquet(t, files)
	size := len(files["pq/one.parquet"])
	files["manifest/pq.json"] = fmt.Appendf(nil,
		`{"entries":[{"url":"s3://lake/pq/one.parquet","mandatory":true,"meta":{"content_length":%d}}]}`, size)
	files["manifest/pqlen.json"] = []byte(`{"entries":[{"url":"s3://lake/pq/one.parquet","mandatory":true}]}`)
	return files
}

func gz(t testing.TB, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write([]byte(text))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// parquet adds Parquet files, written by the engine.
func parquet(t testing.TB, files map[string][]byte) {
	t.Helper()
	dir := t.TempDir()
	e, err := engine.Open(context.Background(), engine.Options{AllowedDirs: []string{dir}})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	c, err := e.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for name, query := range map[string]string{
		"one": "SELECT i::INTEGER AS id, 'n' || i AS name, (i * 1.5)::DECIMAL(10,2) AS price, " +
			"DATE '2020-01-01' + i::INTEGER AS day FROM range(1, 4) r(i)",
		"bigint": "SELECT 1::BIGINT AS id, 'a' AS name, 1::DECIMAL(10,2) AS price, DATE '2020-01-01' AS day",
		"scale":  "SELECT 1::INTEGER AS id, 'a' AS name, 1::DECIMAL(10,3) AS price, DATE '2020-01-01' AS day",
		"three":  "SELECT 1::INTEGER AS id, 'a' AS name, 1::DECIMAL(10,2) AS price",
		"long": "SELECT i::INTEGER AS id, CASE WHEN i = 3 THEN repeat('x', 30) ELSE 'a' END AS name, 1::DECIMAL(10,2) AS price, " +
			"DATE '2020-01-01' AS day FROM range(1, 5) r(i)",
		"binary": "SELECT i::INTEGER AS id, encode(t) AS name, 1::DECIMAL(10,2) AS price, " +
			"DATE '2020-01-01' AS day FROM (VALUES (1, 'caf\u00e9'), (2, 'plain'), (3, 'a\\b'), (4, NULL)) v(i, t)",
		"broken":  "SELECT 1::INTEGER AS id, 'ab\\xFF'::BLOB AS name, 1::DECIMAL(10,2) AS price, DATE '2020-01-01' AS day",
		"chars":   "SELECT i::INTEGER AS id, CASE WHEN i = 2 THEN 'caf\u00e9' ELSE 'ab   ' END AS c FROM range(1, 4) r(i)",
		"ends":    "SELECT i::INTEGER AS id, CASE WHEN i = 299999 THEN 'a ' ELSE 'a' END AS k FROM range(300000) r(i)",
		"notnull": "SELECT NULL::INTEGER AS id, 'a' AS name, 1::DECIMAL(10,2) AS price, DATE '2020-01-01' AS day",
	} {
		path := filepath.Join(dir, name)
		if _, err := c.Exec(context.Background(), "COPY ("+query+") TO "+engine.Literal(path)+" (FORMAT parquet)"); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files["pq/"+name+".parquet"] = b
	}
	torn := bytes.Clone(files["pq/one.parquet"])
	for i := 4; i < 12; i++ { // the first page's header; the footer stays whole
		torn[i] ^= 0xff
	}
	files["pq/torn.parquet"] = torn
	files["pq/zero.parquet"] = nil
	files["pq/text.parquet"] = []byte("this is no Parquet file")
}

package xmlrows_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"penstock/internal/column"
	"penstock/internal/format/xmlrows"
	"penstock/internal/schema"
)

func read(t testing.TB, src io.Reader, tag, columns string, opts xmlrows.Options) (rows, found []string) {
	t.Helper()
	typ, err := schema.Parse("struct<" + columns + ">")
	if err != nil {
		t.Fatal(err)
	}
	opts.Rows = 2
	opts.Bad = func(f column.Finding) error {
		found = append(found, f.String())
		return nil
	}
	r, err := xmlrows.NewReader(src, tag, typ.Fields, opts)
	if err != nil {
		t.Fatal(err)
	}
	b := column.NewBatch(typ.Fields)
	for {
		b.Reset()
		err := r.Next(b)
		if check := b.Check(); check != nil {
			t.Fatal(check)
		}
		for i := range b.Rows() {
			rows = append(rows, string(b.AppendJSON(nil, i)))
		}
		if errors.Is(err, io.EOF) {
			return rows, found
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func infer(t testing.TB, text, tag string, opts xmlrows.Options) string {
	t.Helper()
	s, err := xmlrows.Infer(strings.NewReader(text), tag, 0, opts)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(strings.TrimPrefix(schema.StructOf(s.Columns...).String(), "struct<"), ">")
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s\n%s\nnot\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// The Glue guide's example: only what stands in AnyCompany becomes columns.
const guide = `<?xml version="1.0"?>
<catalog>
   <book id="bk101">
     <AnyCompany>
       <author>Rivera, Martha</author>
       <title>AnyCompany Developer Guide</title>
     </AnyCompany>
   </book>
   <book id="bk102">
     <AnyCompany>
       <author>Stiles, John</author>
       <title>Style Guide for AnyCompany</title>
     </AnyCompany>
   </book>
</catalog>`

func TestGuide(t *testing.T) {
	if got := infer(t, guide, "AnyCompany", xmlrows.Options{}); got != "author:string,title:string" {
		t.Errorf("the columns are %s", got)
	}
	rows, found := read(t, strings.NewReader(guide), "AnyCompany", "author:string,title:string", xmlrows.Options{})
	same(t, "rows are", rows, []string{`{"author":"Rivera, Martha","title":"AnyCompany Developer Guide"}`,
		`{"author":"Stiles, John","title":"Style Guide for AnyCompany"}`})
	same(t, "found is", found, nil)
	if got := infer(t, guide, "book", xmlrows.Options{}); got != "_id:string,AnyCompany:struct<author:string,title:string>" {
		t.Errorf("the columns of book are %s", got)
	}
}

const orders = `<?xml version='1.0' encoding='UTF-8'?><!DOCTYPE orders [<!ENTITY x "y"> <!-- > -->]><!-- <row> -->
<orders xmlns:p="urn:p">
<row id="1" p:k='a"b'><n>12</n><price cur="EUR">1.50</price><tag>a</tag><tag>b</tag><p:who>Fr&amp;nk &#x41;&#66;</p:who><none/><ok>true</ok>
<deep><x><y>1</y></x><x><y>2</y><z a="7"/></x></deep><mix>one<b>2</b> three</mix></row>
<row id="5000000000"><n>-3.5</n><price>2</price><tag>c</tag><cd><![CDATA[<row> & ]]]]><![CDATA[>]]></cd><ok>FALSE</ok><deep><x/></deep>
<none></none></row><?row <row>?>
<rows/><rowx>no row</rowx>
</orders>`

const orderColumns = "_id:bigint,`_p:k`:string,n:double,price:struct<_cur:string,_VALUE:double>,tag:array<string>,`p:who`:string," +
	"none:string,ok:boolean,deep:struct<x:array<struct<y:int,z:struct<_a:int>>>>,mix:struct<b:int,_VALUE:string>,cd:string"

func TestNested(t *testing.T) {
	inferred, err := xmlrows.Infer(strings.NewReader(orders), "row", 0, xmlrows.Options{})
	if err != nil || inferred.Rows != 2 || inferred.Damaged != 0 {
		t.Fatalf("%+v, %v", inferred, err)
	}
	want := strings.Replace(orderColumns, "none:string", "none:unknown", 1)
	if got := schema.StructOf(inferred.Columns...).String(); got != "struct<"+want+">" {
		t.Fatalf("the columns are\n%s, not\n%s", got, want)
	}
	var rows []string
	r, err := xmlrows.NewReader(strings.NewReader(orders), "row", inferred.Columns, xmlrows.Options{})
	if err != nil {
		t.Fatal(err)
	}
	b := column.NewBatch(inferred.Columns)
	for err == nil {
		err = r.Next(b)
	}
	for i := range b.Rows() {
		rows = append(rows, string(b.AppendJSON(nil, i)))
	}
	same(t, "rows are", rows, []string{
		`{"_id":1,"_p:k":"a\"b","n":12.0,"price":{"_cur":"EUR","_VALUE":1.5},"tag":["a","b"],"p:who":"Fr\u0026nk AB","none":null,"ok":true,` +
			`"deep":{"x":[{"y":1,"z":null},{"y":2,"z":{"_a":7}}]},"mix":{"b":2,"_VALUE":"one three"},"cd":null}`,
		`{"_id":5000000000,"_p:k":null,"n":-3.5,"price":{"_cur":null,"_VALUE":2.0},"tag":["c"],"p:who":null,"none":null,"ok":false,` +
			`"deep":{"x":[null]},"mix":null,"cd":"\u003crow\u003e \u0026 ]]\u003e"}`})
}

func TestReadingBySchema(t *testing.T) {
	const text = `<r><row A="1" b="x"><n>7</n><n>8</n><s><i>in</i>ner</s><e/><d>2026-01-02</d><m><k1>1</k1><k2>2</k2></m><l><l2>5</l2></l>
 <t> pad </t></row><row><n>abc</n><s>plain</s><e></e><d>soon</d><m/><l>text</l><t></t></row></r>`
	rows, found := read(t, strings.NewReader(text), "row",
		"_a:tinyint,N:int,s:string,e:string,d:date,m:map<string,int>,l:struct<l2:int>,t:string,gone:array<int>,_VALUE:string", xmlrows.Options{})
	same(t, "rows are", rows, []string{
		`{"_a":1,"N":8,"s":"\u003ci\u003ein\u003c/i\u003ener","e":"","d":"2026-01-02","m":{"k1":1,"k2":2},"l":{"l2":5},` +
			`"t":" pad ","gone":null,"_VALUE":null}`,
		`{"_a":null,"N":null,"s":"plain","e":"","d":null,"m":{},"l":{"l2":null},"t":"","gone":null,"_VALUE":null}`})
	same(t, "found is", found, []string{`line 1, column N: the element stands more than once; the column has the last: "n"`,
		`line 2, column N: not a number: "abc"`, `line 2, column d: not a date: "soon"`, `line 2, column l: a text, not a struct: "text"`})

	opts := xmlrows.Options{AttributePrefix: "@", ValueTag: "text", EmptyAsNull: true, Trim: true}
	const other = `<row a="1"> v <x b="2"> w </x><y/></row>`
	if got := infer(t, other, "row", opts); got != "@a:int,x:struct<@b:int,text:string>,y:unknown,text:string" {
		t.Errorf("the columns are %s", got)
	}
	rows, _ = read(t, strings.NewReader(other), "row", "@a:int,x:struct<@b:int,text:string>,y:string,text:string", opts)
	same(t, "rows are", rows, []string{`{"@a":1,"x":{"@b":2,"text":"w"},"y":null,"text":"v"}`})
	opts = xmlrows.Options{NoAttributes: true}
	if got := infer(t, other, "row", opts); got != "x:string,y:unknown,_VALUE:string" {
		t.Errorf("without attributes the columns are %s", got)
	}
	rows, _ = read(t, strings.NewReader(other), "row", "_a:int,x:string", opts)
	same(t, "rows are", rows, []string{`{"_a":null,"x":" w "}`})
}

func TestInferUnites(t *testing.T) {
	for _, c := range []struct{ rows, want string }{
		{"<a>1</a>|<a>3000000000</a>", "a:bigint"},
		{"<a>1</a>|<a>1.5</a>", "a:double"},
		{"<a>1</a>|<a>x</a>", "a:string"},
		{"<a/>|<a>5</a>", "a:int"},
		{"<a>true</a>|<a>1</a>", "a:string"},
		{"<a>1</a>|<a>2</a><a>2.5</a>", "a:array<double>"},
		{"<a>1</a><a>2</a>|<a>x</a>", "a:array<string>"},
		{`<a>1</a>|<a u="k">2</a>`, "a:struct<_VALUE:int,_u:string>"},
		{"<a>1</a>|<a><b>2</b></a>", "a:struct<_VALUE:int,b:int>"},
		{"<a><b>1</b></a>|<a><c>2</c></a>|<a><B>x</B></a>", "a:struct<b:string,c:int>"},
		{"<a><b>1</b></a>|<a><b>1</b></a><a/>", "a:array<struct<b:int>>"},
		{"<a>2026-01-02</a>|<a>2026-01-02</a>", "a:string"},
		{"<a> 7 </a>", "a:int"},
		{"<a>" + strings.Repeat("9", 70) + "</a>", "a:string"},
		{"<a>" + strings.Repeat(" ", 70) + "</a>", "a:string"},
	} {
		text := "<all><row>" + strings.ReplaceAll(c.rows, "|", "</row>\n<row>") + "</row></all>"
		if got := infer(t, text, "row", xmlrows.Options{}); got != c.want {
			t.Errorf("%.80s: %s, not %s", c.rows, got, c.want)
		}
	}
}

// What forced a wider type is told with its place.
func TestWidenings(t *testing.T) {
	const text = `<all><row a="1"><n>1</n><s><x>1</x></s><t>1</t><v u="1">5</v></row>
<row a="2"><n>2</n><s><x>2</x></s><t>2</t><v u="1">5</v></row>
<row a="x"><n>3000000000</n><s>
<x>2.5</x></s><t>3</t><t>4</t><v u="1">y</v></row>
<row><n>1.5</n><s/><t>z</t></row></all>`
	shape, err := xmlrows.Infer(strings.NewReader(text), "row", 0, xmlrows.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, w := range shape.Wider {
		got = append(got, fmt.Sprintf("%s: %s to %s, row %d, line %d: %s", w.Path, w.From, w.To, w.Row, w.Line, w.Text))
	}
	same(t, "wider are", got, []string{"_a: int to string, row 3, line 3: x", "n: int to bigint, row 3, line 3: 3000000000",
		"s.x: int to double, row 3, line 4: 2.5", "t: int to array, row 3, line 4: 4", "v._VALUE: int to string, row 3, line 3: y",
		"n: bigint to double, row 4, line 5: 1.5", "t[]: int to string, row 4, line 5: z"})
	if want := []int64{3, 4, 3, 4, 3}; !slices.Equal(shape.Values, want) {
		t.Errorf("the columns have %d values, not %d", shape.Values, want)
	}
}

// A damaged record is told and left out; the records behind it, and within one that is not closed, are read.
func TestDamage(t *testing.T) {
	for _, c := range []struct{ text, rows, found string }{
		{"<r><row><a>1</b></row><row><a>2</a></row></r>", "2", "line 1: the element a is closed by b: "},
		{"<r>\n<row><a>1<row><a>2</a></row><row><a>3</a></row></r>", "2 3", "line 2: the row is not closed: "},
		{"<r><row><a>1</a></row>\n<row><a>2", "1", "line 2: the row is not closed: "},
		{"<r><row><a>1</a></row></row></row>\n<row><a>2</a></row>", "1 2", ""},
		{`<r><row b="1/><a>1</a></row><row><a>2</a></row>`, "2", ""},
		{`<row b=1><a>1</a></row><row><a>2</a></row>`, "2", "line 1: the value of attribute b is not in quotes: "},
		{`<row b="1"c="2"><a>1</a></row><row><a>2</a></row>`, "2", "line 1: no blank stands before an attribute: "},
		{`<row b><a>1</a></row><row><a>2</a></row>`, "2", "line 1: an attribute has no name or no value: "},
		{"<row><a>1 < 2</a></row><row><a>2</a></row>", "2", "line 1: a < begins no tag, or a tag has no >: "},
		{"<row><a>&nbsp;</a></row><row><a>2</a></row>", "2",
			"line 1: the entity &nbsp; is not one of XML's five, and Penstock does not support others: "},
		{"<row><a>&#0;</a></row><row><a>2</a></row>", "2", "line 1: &#0; is no character of XML: "},
		{"<row><a>a & b</a></row><row><a>2</a></row>", "2", "line 1: an & begins no reference: "},
		{"<row><a>1</row><row><a>2</a></row>", "2", "line 1: the element a is closed by row: "},
		{"<row/><row a='1'/>\n<row> </row><row><a>2</a></row>", "null 2",
			"line 1: the row is a self-closing element, which Glue does not parse: "},
		{"<!-- <row><a>1</a></row> <row><a>2</a></row>", "1 2", ""}, // a comment without an end
		{"<r><row><!-- <a>1</a></row><row><a>2</a></row></r>", "2", "line 1: a comment or CDATA section is not closed: "},
		{"<!DOCTYPE a [ <row><a>1</a></row>", "1", ""},
		{"<row><a>1</a></row>\x00\x01<row>\xff<a>2</a></row>", "1 2", "line 1: bytes that are no UTF-8 became U+FFFD: "},
		{"", "", ""},
		{"just text", "", ""},
		{"<row", "", ""},
		{"<row>" + strings.Repeat("<d>", 300) + "</row><row><a>2</a></row>", "2", "line 1: elements are nested more than 200 deep: "},
	} {
		for _, src := range []io.Reader{strings.NewReader(c.text), iotest.OneByteReader(strings.NewReader(c.text))} {
			rows, found := read(t, src, "row", "a:string", xmlrows.Options{})
			var got []string
			for _, r := range rows {
				got = append(got, strings.Trim(strings.TrimSuffix(strings.TrimPrefix(r, `{"a":`), "}"), `"`))
			}
			if strings.Join(got, " ") != c.rows {
				t.Errorf("%.80q: rows %q, not %s", c.text, got, c.rows)
			}
			if (len(found) == 0) != (c.found == "") || len(found) > 0 && !strings.HasPrefix(found[0], c.found) {
				t.Errorf("%.80q: found %q, not %q", c.text, found, c.found)
			}
		}
	}
}

func TestRecordsThatAreTooLarge(t *testing.T) {
	big := strings.Repeat("x", xmlrows.MaxRecord)
	for name, text := range map[string]string{
		"text":       "<r><row><a>1</a></row><row><a>" + big + "</a></row><row><a>2</a></row></r>",
		"a comment":  "<r><row><a>1</a></row><row><!--" + big + "--></row><row><a>2</a></row></r>",
		"a tag":      "<r><row><a>1</a></row><row><a b='" + big + "'/></row><row><a>2</a></row></r>",
		"not closed": "<r><row><a>1</a></row><row><row><a>2</a></row>" + strings.Repeat("<b>"+big[:1000]+"</b>", 20_000) + "</r>",
	} {
		rows, found := read(t, strings.NewReader(text), "row", "a:string", xmlrows.Options{})
		same(t, name+": rows are", rows, []string{`{"a":"1"}`, `{"a":"2"}`})
		if len(found) != 1 || !strings.Contains(found[0], "16 MiB") {
			t.Errorf("%s: found %.200q", name, found)
		}
	}
	many := "<row>" + strings.Repeat("<a/>", 600_000) + "</row><row><a>2</a></row>"
	rows, found := read(t, strings.NewReader(many), "row", "a:string", xmlrows.Options{})
	same(t, "rows are", rows, []string{`{"a":"2"}`})
	if len(found) != 1 || !strings.Contains(found[0], "more than 524288 elements") {
		t.Errorf("found %.200q", found)
	}
}

// What looks like the beginning of something long a million times must not be searched a million times: that would take days.
func TestHostileTextIsReadOnce(t *testing.T) {
	for _, piece := range []string{"<!--", "<![CDATA[", "<?", "<!DOCTYPE x [", "<row>", "<row ", "<row a='", "</row>", "<", "&", "<row><!--"} {
		rows, _ := read(t, strings.NewReader(strings.Repeat(piece, 18<<20/len(piece))), "row", "a:string", xmlrows.Options{})
		if len(rows) > 0 {
			t.Errorf("%q gives %d rows", piece, len(rows))
		}
	}
}

func TestEncodings(t *testing.T) {
	const body = `<r><row><a>häß €</a></row></r>`
	want := []string{`{"a":"häß €"}`}
	encode := func(name string, enc interface{ String(string) (string, error) }) string {
		text, err := enc.String(fmt.Sprintf(`<?xml version="1.0" encoding="%s"?>`, name) + body)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	for name, text := range map[string]string{
		"utf-8":        body,
		"a mark":       "\xef\xbb\xbf" + body,
		"utf-16":       encode("UTF-16", unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder()),
		"utf-16be":     encode("utf-16", unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewEncoder()),
		"utf-16le":     encode("utf-16", unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewEncoder()),
		"windows-1252": encode("Windows-1252", charmap.Windows1252.NewEncoder()),
		"cp1252":       encode("cp1252", charmap.Windows1252.NewEncoder()),
		"iso-8859-15":  encode("ISO-8859-15", charmap.ISO8859_15.NewEncoder()),
		"ibm":          encode("IBM858", charmap.CodePage858.NewEncoder()),
	} {
		rows, found := read(t, strings.NewReader(text), "row", "a:string", xmlrows.Options{})
		same(t, name, rows, want)
		same(t, name+" finds", found, nil)
	}
	latin := `<?xml version="1.0" encoding='ISO-8859-1' ?><row><a>h` + "\xe4" + `</a></row>`
	rows, _ := read(t, strings.NewReader(latin), "row", "a:string", xmlrows.Options{})
	same(t, "latin 1", rows, []string{`{"a":"hä"}`})
	for text, want := range map[string]string{
		`<?xml version="1.0" encoding="EBCDIC-X"?><row/>`: `"EBCDIC-X"`,
		"\xff\xfe\x00\x00<\x00\x00\x00":                   "UTF-32",
	} {
		_, err := xmlrows.NewReader(strings.NewReader(text), "row", nil, xmlrows.Options{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestRowTags(t *testing.T) {
	for _, good := range []string{"row", "_a", "p:row", "a-b.c1", "Größe"} {
		if err := xmlrows.CheckRowTag(good); err != nil {
			t.Error(err)
		}
	}
	for _, bad := range []string{"", "<row>", "1a", "a b", "-a", "row/"} {
		if err := xmlrows.CheckRowTag(bad); err == nil {
			t.Errorf("%q is a row tag", bad)
		}
	}
	for text, want := range map[string]string{guide: "book", orders: "row", "<a/>": "", "text": "", "<r><h/><i>1</i><i>2</i><h x": "i"} {
		if got := xmlrows.RowTag([]byte(text)); got != want {
			t.Errorf("the row tag is %q, not %q", got, want)
		}
	}
}

func TestReaderEndsWhenToldTo(t *testing.T) {
	fields := []schema.Field{{Name: "a", Type: schema.Of(schema.Int)}}
	r, err := xmlrows.NewReader(strings.NewReader("<row><a>1</a></row>\n<row><a>x</a></row>"), "row", fields,
		xmlrows.Options{Bad: func(f column.Finding) error { return fmt.Errorf("enough at %d, %d, %d", f.Row, f.Line, f.Offset) }})
	if err != nil {
		t.Fatal(err)
	}
	b := column.NewBatch(fields)
	if err := r.Next(b); err == nil || err.Error() != "enough at 2, 2, 20" || b.Rows() != 1 || b.Check() != nil {
		t.Errorf("%v after %d rows", err, b.Rows())
	}
	damaged := "<row><a>x</a></row>\n<row><a>1</b></row>"
	if r, err = xmlrows.NewReader(strings.NewReader(damaged), "row", fields, xmlrows.Options{}); err == nil {
		b.Reset()
		err = r.Next(b)
	}
	if err == nil || !strings.HasPrefix(err.Error(), "line 2: the element a is closed by b") || b.Rows() != 1 {
		t.Errorf("without a receiver %d rows, %v", b.Rows(), err)
	}
	broken := io.MultiReader(strings.NewReader("<row><a>1</a></row>"), iotest.ErrReader(errors.New("the disk is gone")))
	if r, err = xmlrows.NewReader(broken, "row", fields, xmlrows.Options{}); err == nil {
		b.Reset()
		for err == nil {
			err = r.Next(b)
		}
	}
	if err == nil || !strings.Contains(err.Error(), "the disk is gone") {
		t.Errorf("a broken disk gives %v", err)
	}
}

func FuzzReader(f *testing.F) {
	f.Add([]byte(guide), "AnyCompany")
	f.Add([]byte(orders), "row")
	f.Add([]byte("<row><a>1<row><a>2</a></row>"), "row")
	f.Fuzz(func(t *testing.T, text []byte, tag string) {
		if xmlrows.CheckRowTag(tag) != nil || len(text) > 1<<16 {
			return
		}
		shape, err := xmlrows.Infer(bytes.NewReader(text), tag, 0, xmlrows.Options{})
		if err != nil {
			return
		}
		opts := xmlrows.Options{Bad: func(column.Finding) error { return nil }}
		r, err := xmlrows.NewReader(bytes.NewReader(text), tag, shape.Columns, opts)
		if err != nil {
			t.Fatal(err)
		}
		b, n := column.NewBatch(shape.Columns), int64(0)
		for err == nil {
			b.Reset()
			err = r.Next(b)
			n += int64(b.Rows())
			if check := b.Check(); check != nil {
				t.Fatal(check)
			}
		}
		if err != io.EOF || n != shape.Rows {
			t.Fatalf("%d rows, %v; %d are inferred from", n, err, shape.Rows)
		}
	})
}

func BenchmarkRead(b *testing.B) {
	var text strings.Builder
	text.WriteString("<rows>\n")
	for i := range 10_000 {
		fmt.Fprintf(&text, `<row id="%d"><name>customer %d</name><price cur="EUR">%d.25</price>`, i, i, i)
		text.WriteString("<day>2026-01-02</day><t>a</t><t>b</t></row>\n")
	}
	text.WriteString("</rows>")
	shape, err := xmlrows.Infer(strings.NewReader(text.String()), "row", 100, xmlrows.Options{})
	if err != nil {
		b.Fatal(err)
	}
	batch := column.NewBatch(shape.Columns)
	b.SetBytes(int64(text.Len()))
	b.ReportAllocs()
	for b.Loop() {
		r, err := xmlrows.NewReader(strings.NewReader(text.String()), "row", shape.Columns, xmlrows.Options{})
		n := 0
		for err == nil {
			batch.Reset()
			err = r.Next(batch)
			n += batch.Rows()
		}
		if n != 10_000 {
			b.Fatal(n, err)
		}
	}
}

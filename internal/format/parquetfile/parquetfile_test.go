package parquetfile_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"penstock/internal/format/parquetfile"
	"penstock/internal/schema"
)

// A message is a struct of thrift's compact protocol that a test writes: fields in the order of their numbers.
type message struct {
	b    []byte
	last int
}

func (m *message) head(id int, typ byte) {
	m.b = append(m.b, byte(id-m.last)<<4|typ)
	m.last = id
}

func (m *message) int(id int, typ byte, n int64) *message {
	m.head(id, typ)
	m.b = binary.AppendVarint(m.b, n)
	return m
}

func (m *message) text(id int, s string) *message {
	m.head(id, 8)
	m.b = append(binary.AppendUvarint(m.b, uint64(len(s))), s...)
	return m
}

func (m *message) list(id int, elem byte, items ...*message) *message {
	m.head(id, 9)
	m.b = append(m.b, 0xf0|elem)
	m.b = binary.AppendUvarint(m.b, uint64(len(items)))
	for _, i := range items {
		m.b = append(append(m.b, i.b...), 0)
	}
	return m
}

func (m *message) nested(id int, n *message) *message {
	m.head(id, 12)
	m.b = append(append(m.b, n.b...), 0)
	return m
}

// node writes an element: "name" and what it is, such as "required int32 date" or "repeated group 2 list". A decimal has precision and
// scale 5, 2.
func node(t *testing.T, name, what string) *message {
	t.Helper()
	words := strings.Fields(what)
	repetition := map[string]int64{"required": 0, "optional": 1, "repeated": 2}
	physical := map[string]int64{"boolean": 0, "int32": 1, "int64": 2, "int96": 3, "float": 4, "double": 5, "bytes": 6, "fixed": 7}
	converted := map[string]int64{"utf8": 0, "map": 1, "mapkeyvalue": 2, "list": 3, "enum": 4, "decimal": 5, "date": 6, "timemillis": 7,
		"timemicros": 8, "tsmillis": 9, "tsmicros": 10, "u8": 11, "u16": 12, "u32": 13, "u64": 14, "i8": 15, "i16": 16, "i32": 17, "i64": 18,
		"json": 19, "bson": 20, "interval": 21}
	m := &message{}
	children := int64(0)
	if words[1] == "group" {
		fmt.Sscan(words[2], &children)
		words = words[1:]
	} else {
		n, ok := physical[words[1]]
		if !ok {
			fmt.Sscan(words[1], &n)
		}
		m.int(1, 5, n)
	}
	m.int(3, 5, repetition[strings.Fields(what)[0]]).text(4, name)
	if children > 0 {
		m.int(5, 5, children)
	}
	if len(words) > 2 {
		m.int(6, 5, converted[words[2]])
		if words[2] == "decimal" {
			scale, precision := int64(2), int64(5)
			if len(words) > 4 {
				fmt.Sscan(words[3]+" "+words[4], &precision, &scale)
			}
			m.int(7, 5, scale).int(8, 5, precision)
		}
	}
	return m
}

func wrap(footer []byte) []byte {
	b := append([]byte("PAR1"), make([]byte, 100)...)
	b = append(b, footer...)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(footer)))
	return append(b, "PAR1"...)
}

// simple is a file with the elements, "name: what" each, below a root.
func simple(t *testing.T, rootChildren int, elements ...string) []byte {
	t.Helper()
	nodes := []*message{(&message{}).text(4, "root").int(5, 5, int64(rootChildren))}
	for _, e := range elements {
		name, what, _ := strings.Cut(e, ": ")
		nodes = append(nodes, node(t, name, what))
	}
	m := (&message{}).int(1, 5, 1).list(2, 12, nodes...).int(3, 6, 0).list(4, 12)
	return wrap(append(m.b, 0))
}

func read(b []byte) (*parquetfile.File, error) {
	return parquetfile.Read(bytes.NewReader(b), int64(len(b)))
}

// The forms of older writers, which pyarrow does not write any more.
func TestOldForms(t *testing.T) {
	for _, c := range []struct {
		children int
		elements string
		want     string
	}{
		{1, "a: repeated int32", "a:array<int>"},
		{1, "a: repeated group 2; x: required int64; y: optional bytes utf8", "a:array<struct<x:bigint,y:string>>"},
		{1, "l: optional group 1 list; list: repeated group 1; element: optional bytes utf8", "l:array<string>"},
		{1, "l: optional group 1 list; element: repeated int32", "l:array<int>"},
		{1, "l: optional group 1 list; element: repeated group 2; a: required int32; b: required int32", "l:array<struct<a:int,b:int>>"},
		{1, "l: optional group 1 list; array: repeated group 1; a: required int32", "l:array<struct<a:int>>"},
		{1, "l: optional group 1 list; l_tuple: repeated group 1; a: required int32", "l:array<struct<a:int>>"},
		{1, "l: optional group 1 list; bag: repeated group 1; array_element: optional double", "l:array<double>"},
		{1, "l: optional group 1 list; x: repeated group 1; a: repeated int32", "l:array<struct<a:array<int>>>"},
		{1, "l: optional group 1 list; list: repeated group 1; element: optional group 1 list; list: repeated group 1; " +
			"element: optional int32 date", "l:array<array<date>>"},
		{1, "m: optional group 1 map; key_value: repeated group 2; key: required bytes utf8; value: optional int32", "m:map<string,int>"},
		{1, "m: optional group 1 mapkeyvalue; map: repeated group 2; k: required bytes utf8; v: optional int32", "m:map<string,int>"},
		{1, "m: optional group 1 map; map: repeated group 2 mapkeyvalue; key: required bytes utf8; num: required int32", "m:map<string,int>"},
		{1, "m: optional group 1 map; key_value: repeated group 1; key: required bytes utf8", "m:struct<key_value:array<struct<key:string>>>"},
		{1, "l: optional group 2 list; a: optional int32; b: optional int32", "l:struct<a:int,b:int>"},
		{4, "a: optional int32 u8; b: optional int32 u16; c: optional int32 u32; d: optional int64 u64",
			"a:smallint,b:int,c:bigint,d:decimal(20,0)"},
		{4, "a: optional int32 i8; b: optional int32 i16; c: optional int32 i32; d: optional int64 i64", "a:tinyint,b:smallint,c:int,d:bigint"},
		{4, "a: optional int32 date; b: optional int32 timemillis; c: optional int64 timemicros; d: optional int64 tsmillis",
			"a:date,b:int,c:bigint,d:timestamp"},
		{4, "a: optional int96; b: optional int64 tsmicros; c: optional fixed interval; d: optional bytes enum",
			"a:timestamp,b:timestamp,c:binary,d:string"},
		{4, "a: optional bytes; b: optional fixed; c: optional bytes json; d: optional bytes bson", "a:binary,b:binary,c:string,d:binary"},
		{4, "a: optional int32 decimal 9 2; b: optional int64 decimal 18 0; c: optional bytes decimal 38 38; d: optional fixed decimal",
			"a:decimal(9,2),b:decimal(18,0),c:decimal(38,38),d:decimal(5,2)"},
	} {
		f, err := read(simple(t, c.children, strings.Split(c.elements, "; ")...))
		if err != nil {
			t.Errorf("%s: %v", c.elements, err)
			continue
		}
		if got := schema.StructOf(f.Columns...).String(); got != "struct<"+c.want+">" {
			t.Errorf("%s\nis %s, not %s", c.elements, got, c.want)
		}
	}
}

func TestWrongSchemas(t *testing.T) {
	for _, c := range []struct {
		children int
		elements string
		want     string
	}{
		{2, "a: optional int32", "a group has 2 fields and 1 elements are left"},
		{1, "a: optional int32; b: optional int32", "1 elements belong to no column"},
		{1, "a: optional group 3; b: optional int32", "a group has 3 fields and 1 elements are left"},
		{1, "a: optional 9", "physical type 9"},
		{1, "a: optional int32 decimal 10 2", "the precision is 1 to 9"},
		{1, "a: optional bytes decimal 39 2", "the precision is 1 to 38"},
		{1, "a: optional fixed decimal 3 4", "the scale 0 to the precision"},
		{1, "a: optional double decimal 3 2", "stored as a number of another kind"},
		{1, "a: optional group 1; " + strings.Repeat("a: optional group 1; ", 70) + "x: optional int32", "nested more than 64 deep"},
		{1, "a: optional group 0", "group a has no fields"},
	} {
		if _, err := read(simple(t, c.children, strings.Split(c.elements, "; ")...)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.80s: %v, not %q", c.elements, err, c.want)
		}
	}
}

// chunk is a row group of one column.
func rowGroup(rows, codec, size, page int64, path string) *message {
	column := &message{}
	if path != "" {
		column.text(1, path)
	}
	column.nested(3, (&message{}).int(1, 5, 1).int(4, 5, codec).int(7, 6, size).int(9, 6, page))
	return (&message{}).list(1, 12, column).int(3, 6, rows)
}

func TestFootersThatLie(t *testing.T) {
	file := func(rows int64, groups ...*message) []byte {
		root := (&message{}).text(4, "root").int(5, 5, 1)
		m := (&message{}).int(1, 5, 1).list(2, 12, root, node(t, "a", "optional int32")).int(3, 6, rows).list(4, 12, groups...)
		m.text(6, "a test")
		return wrap(append(m.b, 0))
	}
	f, err := read(file(5, rowGroup(2, 1, 40, 4, ""), rowGroup(3, 6, 60, 44, "")))
	if err != nil || f.Rows != 5 || f.RowGroups != 2 ||
		strings.Join(f.Codecs, " ") != "SNAPPY ZSTD" || f.Bytes != 100 || f.CreatedBy != "a test" {
		t.Fatalf("%+v, %v", f, err)
	}
	good := file(5, rowGroup(5, 0, 1, 4, ""))
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"rows":               {file(6, rowGroup(5, 0, 1, 4, "")), "says that it has 6 rows, and 5 in its row groups"},
		"a group of -1 rows": {file(-1, rowGroup(-1, 0, 1, 4, "")), "a row group has -1 rows"},
		"an unknown codec":   {file(5, rowGroup(5, 8, 1, 4, "")), "codec 8"},
		"a chunk in the footer": {file(5, rowGroup(5, 0, 100, 5, "")),
			"a column of 100 bytes begins at byte 5 of the file, whose data ends at byte 104"},
		"a chunk before 0":      {file(5, rowGroup(5, 0, 100, -5, "")), "begins at byte -5"},
		"a size that overflows": {file(5, rowGroup(5, 0, 1<<62, 1<<62, "")), "whose data ends"},
		"another file":          {file(5, rowGroup(5, 0, 1, 4, "../secret")), "lies in another file"},
		"no bytes":              {nil, "too few"},
		"eleven bytes":          {[]byte("PAR1abcPAR1"), "too few"},
		"no magic":              {append([]byte("PAR2"), good[4:]...), "does not begin with PAR1"},
		"encrypted":             {append([]byte("PARE"), good[4:]...), "encrypted"},
		"a cut":                 {good[:len(good)-3], "does not end with PAR1"},
		"a long footer": {append(append([]byte{}, good[:len(good)-8]...), 0xff, 0xff, 0xff, 0x7f, 'P', 'A', 'R', '1'),
			"says that its footer has 2147483647 bytes"},
		"an empty footer": {wrap(nil), "it ends too early"},
		"no schema":       {wrap([]byte{0}), "has no schema"},
		"a list of 2^60": {wrap(append([]byte{0x29, 0xfc}, binary.AppendUvarint(nil, 1<<60)...)),
			"a list says that it has 1152921504606846976 elements"},
		"deep structs":   {wrap(bytes.Repeat([]byte{0xfc}, 1000)), "nested too deeply"},
		"deep lists":     {wrap(append([]byte{0xf9}, bytes.Repeat([]byte{0x19}, 1000)...)), "nested too deeply"},
		"a type 14":      {wrap([]byte{0xfe}), "a value of type 14"},
		"a long integer": {wrap(append([]byte{0x15}, bytes.Repeat([]byte{0xff}, 12)...)), "more than 64 bits"},
	} {
		if _, err := read(c.file); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, not %q", name, err, c.want)
		}
	}
	for n := range good[:len(good)-1] { // each cut is found
		if _, err := read(good[:n]); err == nil {
			t.Errorf("a file cut after %d bytes is read", n)
		}
	}
}

func FuzzRead(f *testing.F) {
	t := &testing.T{}
	f.Add(simple(t, 1, "l: optional group 1 list", "list: repeated group 1", "element: optional bytes utf8"))
	f.Add(simple(t, 2, "m: optional group 1 map", "key_value: repeated group 2", "key: required bytes utf8", "value: optional int32",
		"d: optional fixed decimal"))
	f.Fuzz(func(t *testing.T, b []byte) {
		read(b)       //nolint:errcheck // it must come back
		read(wrap(b)) //nolint:errcheck // so must a footer alone
		if len(b) > 112 {
			read(wrap(b[104 : len(b)-8])) //nolint:errcheck // and that of a seed
		}
	})
}

func BenchmarkRead(b *testing.B) {
	t := &testing.T{}
	elements := make([]string, 1000)
	for i := range elements {
		elements[i] = fmt.Sprintf("column_%d: optional bytes utf8", i)
	}
	file := simple(t, len(elements), elements...)
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		if _, err := read(file); err != nil {
			b.Fatal(err)
		}
	}
}

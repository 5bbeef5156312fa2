package column_test

import (
	"strings"
	"testing"

	"penstock/internal/column"
	"penstock/internal/convert"
	"penstock/internal/schema"
)

func parse(t *testing.T, columns string) *column.Batch {
	t.Helper()
	typ, err := schema.Parse("struct<" + columns + ">")
	if err != nil {
		t.Fatal(err)
	}
	return column.NewBatch(typ.Fields)
}

func row(t *testing.T, b *column.Batch, i int, want string) {
	t.Helper()
	if err := b.Check(); err != nil {
		t.Fatal(err)
	}
	if got := string(b.AppendJSON(nil, i)); got != want {
		t.Errorf("row %d is\n%s, not\n%s", i, got, want)
	}
}

func TestEveryKind(t *testing.T) {
	b := parse(t, "a:boolean,b:tinyint,c:bigint,d:float,e:double,f:decimal(5,2),g:string,h:binary,i:date,j:timestamp,"+
		"k:array<int>,l:map<string,int>,m:struct<x:int,y:string>,n:map<int,array<string>>")
	c := b.Columns
	c[0].AppendBool(true)
	c[1].AppendInt(-7)
	c[2].AppendInt(9007199254740993)
	c[3].AppendFloat(float64(float32(0.1)))
	c[4].AppendFloat(1e300)
	c[5].AppendDecimal(convert.FromInt64(-12345))
	c[6].AppendBytes([]byte("a\"b"))
	c[7].AppendBytes([]byte{0, 255})
	c[8].AppendInt(-1)
	c[9].AppendInt(1_500_000)
	c[10].Parts[0].AppendInt(1)
	c[10].Parts[0].AppendNull()
	c[10].AppendNested()
	c[11].Parts[0].AppendBytes([]byte("k"))
	c[11].Parts[1].AppendInt(5)
	c[11].AppendNested()
	c[12].Parts[0].AppendInt(3)
	c[12].Parts[1].AppendNull()
	c[12].AppendNested()
	c[13].Parts[0].AppendInt(8)
	c[13].Parts[1].AppendNested()
	c[13].AppendNested()
	b.EndRows(1)
	row(t, b, 0, `{"a":true,"b":-7,"c":9007199254740993,"d":0.1,"e":1.0E300,"f":-123.45,"g":"a\"b","h":"00ff","i":"1969-12-31",`+
		`"j":"1970-01-01 00:00:01.5","k":[1,null],"l":{"k":5},"m":{"x":3,"y":null},"n":{"8":[]}}`)
	for _, v := range c {
		v.AppendNull()
	}
	b.EndRows(1)
	row(t, b, 1, `{"a":null,"b":null,"c":null,"d":null,"e":null,"f":null,"g":null,"h":null,"i":null,"j":null,"k":null,"l":null,`+
		`"m":null,"n":null}`)
}

func TestDropTakesBackHalfARow(t *testing.T) {
	b := parse(t, "a:int,k:array<struct<x:int,y:string>>,z:string")
	full := func() {
		b.Columns[0].AppendInt(1)
		b.Columns[1].Parts[0].Parts[0].AppendInt(2)
		b.Columns[1].Parts[0].Parts[1].AppendBytes([]byte("two"))
		b.Columns[1].Parts[0].AppendNested()
		b.Columns[1].AppendNested()
		b.Columns[2].AppendBytes([]byte("end"))
	}
	full()
	b.EndRows(1)
	b.Columns[0].AppendInt(7)                   // the next row breaks off
	b.Columns[1].Parts[0].Parts[0].AppendInt(8) // in an element's second field
	if err := b.Check(); err == nil {
		t.Error("half a row passes the check")
	}
	b.Drop()
	row(t, b, 0, `{"a":1,"k":[{"x":2,"y":"two"}],"z":"end"}`)
	full()
	b.EndRows(1)
	row(t, b, 1, `{"a":1,"k":[{"x":2,"y":"two"}],"z":"end"}`)
	b.Reset()
	if b.Rows() != 0 || b.Size() != 0 {
		t.Errorf("an emptied batch has %d rows, %d bytes", b.Rows(), b.Size())
	}
}

func TestCheckSeesContradictions(t *testing.T) {
	for _, spoil := range []func(v *column.Vector){
		func(v *column.Vector) { v.Ints = append(v.Ints, 1) },
		func(v *column.Vector) { v.Ends[0] = 99 },
		func(v *column.Vector) { v.Bytes = append(v.Bytes, 'x') },
		func(v *column.Vector) { v.Null = append(v.Null, true) },
	} {
		v := column.New(schema.Of(schema.String))
		v.AppendBytes([]byte("a"))
		if err := v.Check(); err != nil {
			t.Fatal(err)
		}
		spoil(v)
		if err := v.Check(); err == nil || !strings.Contains(err.Error(), "string") {
			t.Errorf("a spoilt vector passes: %v", err)
		}
	}
}

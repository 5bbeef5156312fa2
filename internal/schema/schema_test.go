package schema

import (
	"strings"
	"testing"
)

func TestParsePrintsBack(t *testing.T) {
	for _, c := range []struct{ in, hive, duck, redshift, parquet string }{
		{"string", "string", "VARCHAR", "varchar(65535)", "BYTE_ARRAY (UTF8)"},
		{" INT ", "int", "INTEGER", "integer", "INT32"},
		{"integer", "int", "INTEGER", "integer", "INT32"},
		{"long", "bigint", "BIGINT", "bigint", "INT64"},
		{"tinyint", "tinyint", "TINYINT", "smallint", "INT32 (INT_8)"},
		{"smallint", "smallint", "SMALLINT", "smallint", "INT32 (INT_16)"},
		{"float", "float", "FLOAT", "real", "FLOAT"},
		{"double", "double", "DOUBLE", "double precision", "DOUBLE"},
		{"boolean", "boolean", "BOOLEAN", "boolean", "BOOLEAN"},
		{"binary", "binary", "BLOB", "varbyte(64000)", "BYTE_ARRAY"},
		{"date", "date", "DATE", "date", "INT32 (DATE)"},
		{"timestamp", "timestamp", "TIMESTAMP", "timestamp", "INT64 (TIMESTAMP_MICROS)"},
		{"decimal", "decimal(10,0)", "DECIMAL(10,0)", "numeric(10,0)", "INT64 (DECIMAL(10,0))"},
		{"decimal(7)", "decimal(7,0)", "DECIMAL(7,0)", "numeric(7,0)", "INT32 (DECIMAL(7,0))"},
		{"Decimal( 38 , 10 )", "decimal(38,10)", "DECIMAL(38,10)", "numeric(38,10)", "FIXED_LEN_BYTE_ARRAY (DECIMAL(38,10))"},
		{"char(26)", "char(26)", "VARCHAR", "char(26)", "BYTE_ARRAY (UTF8)"},
		{"varchar(300)", "varchar(300)", "VARCHAR", "varchar(300)", "BYTE_ARRAY (UTF8)"},
		{"array<string>", "array<string>", "VARCHAR[]", "super", "LIST"},
		{"map<string, array<decimal(9,2)>>", "map<string,array<decimal(9,2)>>", "MAP(VARCHAR, DECIMAL(9,2)[])", "super", "MAP"},
		{"struct<`aws:Source``Vpc`:int,` x`:date>", "struct<`aws:Source``Vpc`:int,` x`:date>",
			"STRUCT(\"aws:Source`Vpc\" INTEGER, \" x\" DATE)", "super", "GROUP"},
		{"struct<a:int,`b c`:struct<d\":date>>", "struct<a:int,b c:struct<d\":date>>",
			`STRUCT("a" INTEGER, "b c" STRUCT("d""" DATE))`, "super", "GROUP"},
	} {
		ty, err := Parse(c.in)
		if err != nil {
			t.Errorf("%q: %v", c.in, err)
			continue
		}
		if ty.String() != c.hive || ty.DuckDB() != c.duck || ty.Redshift() != c.redshift || ty.Parquet() != c.parquet {
			t.Errorf("%q = %s | %s | %s | %s", c.in, ty, ty.DuckDB(), ty.Redshift(), ty.Parquet())
		}
		back, err := Parse(ty.String())
		if err != nil || !back.Equal(ty) {
			t.Errorf("%q does not parse back: %v %v", ty, back, err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for in, want := range map[string]string{
		"":                           "expected a type",
		"money":                      `unknown type "money"`,
		"decimal(39,0)":              "38",
		"decimal(5,6)":               "the scale 0 to the precision",
		"decimal(0)":                 "1 to 38",
		"varchar":                    `expected "("`,
		"varchar(0)":                 "not a number from 1",
		"varchar(1,2)":               `expected ")"`,
		"array<int":                  `expected ">"`,
		"array<>":                    "expected a type",
		"map<string>":                `expected ","`,
		"struct<>":                   "expected a field name",
		"struct<a int>":              `expected ":"`,
		"struct<a:int,>":             "expected a field name",
		"int int":                    `unknown type "int int"`,
		"int)":                       "expected the end",
		"uniontype<int,string>":      `unknown type "uniontype"`,
		strings.Repeat("array<", 99): "nested more than 64",
	} {
		if ty, err := Parse(in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, %v; want an error with %q", in, ty, err, want)
		}
	}
}

func TestInferCell(t *testing.T) {
	for in, want := range map[string]Kind{
		"": Unknown, "  ": Unknown, "0": BigInt, "-17": BigInt, "+5": BigInt, " 42 ": BigInt, "007": BigInt,
		"9223372036854775807": BigInt, "9223372036854775808": String, "123456789012345678901": String,
		"17850.0": Double, ".5": Double, "5.": Double, "-1.5e-3": Double, "1e5": Double,
		"1e": String, "e5": String, ".": String, "-": String, "+": String, "1.2.3": String, "C536379": String, "85123A": String,
		"1,000": String, "0x1F": String, "NaN": String, "Infinity": String, "true": String,
		"2010-12-01": String, "2010-12-01 08:26:00": String, "1_000": String, "١": String,
	} {
		if got := InferCell(in); got != want {
			t.Errorf("%q = %s, want %s", in, got, want)
		}
	}
}

func TestWiden(t *testing.T) {
	for _, c := range [][3]string{
		{"int", "bigint", "bigint"}, {"bigint", "double", "double"}, {"double", "string", "string"}, {"float", "int", "double"},
		{"decimal(5,2)", "decimal(7,4)", "decimal(7,4)"}, {"decimal(5,2)", "bigint", "decimal(21,2)"},
		{"decimal(38,30)", "decimal(38,2)", "double"}, {"decimal(5,2)", "double", "double"},
		{"date", "timestamp", "string"}, {"date", "date", "date"}, {"boolean", "bigint", "string"},
		{"varchar(5)", "varchar(9)", "varchar(9)"}, {"char(5)", "char(9)", "string"},
		{"array<int>", "array<string>", "array<string>"}, {"map<string,int>", "map<string,double>", "map<string,double>"},
		{"struct<a:int>", "struct<A:double,b:int>", "struct<a:double,b:int>"}, {"struct<a:int>", "int", "string"},
	} {
		var ty [3]Type
		for i := range c {
			var err error
			if ty[i], err = Parse(c[i]); err != nil {
				t.Fatal(err)
			}
		}
		if got := Widen(ty[0], ty[1]); !got.Equal(ty[2]) {
			t.Errorf("%s with %s = %s, want %s", c[0], c[1], got, c[2])
		}
		if a, b := Widen(ty[0], ty[1]), Widen(ty[1], ty[0]); a.Kind != b.Kind {
			t.Errorf("%s with %s depends on the order: %s, %s", c[0], c[1], a, b)
		}
		if got := Widen(Type{}, ty[0]); !got.Equal(ty[0]) {
			t.Errorf("unknown with %s = %s", c[0], got)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"int", "decimal(10,2)", "struct<a:int,b:array<map<string,char(3)>>>", "array<array<",
		"varchar(-1)", "struct<`:`:int>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		ty, err := Parse(s)
		if err != nil {
			return
		}
		if ty.Kind.Nested() {
			_ = ty.DuckDB()
		}
		back, err := Parse(ty.String())
		if err != nil || !back.Equal(ty) {
			t.Fatalf("%q printed as %q reads as %v, %v", s, ty, back, err)
		}
	})
}

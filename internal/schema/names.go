package schema

import (
	"fmt"
	"strings"
)

// DuckDB is the type as DuckDB writes it. Unknown is VARCHAR: text can hold whatever comes.
func (t Type) DuckDB() string {
	switch t.Kind {
	case Boolean, TinyInt, SmallInt, BigInt, Float, Double, Date, Timestamp:
		return strings.ToUpper(t.Kind.String())
	case Int:
		return "INTEGER"
	case Decimal:
		return fmt.Sprintf("DECIMAL(%d,%d)", t.Precision, t.Scale)
	case Binary:
		return "BLOB"
	case Array:
		return t.Elem.DuckDB() + "[]"
	case Map:
		return "MAP(" + t.Key.DuckDB() + ", " + t.Elem.DuckDB() + ")"
	case Struct:
		fs := make([]string, len(t.Fields))
		for i, f := range t.Fields {
			fs[i] = `"` + strings.ReplaceAll(f.Name, `"`, `""`) + `" ` + f.Type.DuckDB()
		}
		return "STRUCT(" + strings.Join(fs, ", ") + ")"
	}
	return "VARCHAR"
}

// Redshift is the type of the column that holds t's values in Redshift. string has no length there, so it becomes the longest
// VARCHAR; nested types become SUPER.
func (t Type) Redshift() string {
	switch t.Kind {
	case Boolean, SmallInt, BigInt, Date, Timestamp:
		return t.Kind.String()
	case TinyInt:
		return "smallint"
	case Int:
		return "integer"
	case Float:
		return "real"
	case Double:
		return "double precision"
	case Decimal:
		return fmt.Sprintf("numeric(%d,%d)", t.Precision, t.Scale)
	case Char, Varchar:
		return fmt.Sprintf("%s(%d)", t.Kind, t.Length)
	case Binary:
		return "varbyte(64000)"
	case Array, Map, Struct:
		return "super"
	}
	return "varchar(65535)"
}

// Parquet is how a Parquet file's schema names the type: physical type, then the logical one. Decimals are stored as Spark writes
// them with its default settings: fixed_len_byte_array from 19 digits on, int64 from 10, int32 below.
func (t Type) Parquet() string {
	switch t.Kind {
	case Boolean:
		return "BOOLEAN"
	case TinyInt:
		return "INT32 (INT_8)"
	case SmallInt:
		return "INT32 (INT_16)"
	case Int:
		return "INT32"
	case BigInt:
		return "INT64"
	case Float:
		return "FLOAT"
	case Double:
		return "DOUBLE"
	case Decimal:
		return parquetDecimal(t.Precision, t.Scale)
	case Binary:
		return "BYTE_ARRAY"
	case Date:
		return "INT32 (DATE)"
	case Timestamp:
		return "INT64 (TIMESTAMP_MICROS)"
	case Array:
		return "LIST"
	case Map:
		return "MAP"
	case Struct:
		return "GROUP"
	}
	return "BYTE_ARRAY (UTF8)"
}

func parquetDecimal(precision, scale int) string {
	physical := "FIXED_LEN_BYTE_ARRAY"
	switch {
	case precision <= 9:
		physical = "INT32"
	case precision <= 18:
		physical = "INT64"
	}
	return fmt.Sprintf("%s (DECIMAL(%d,%d))", physical, precision, scale)
}

// Hidden says whether an object is no data of a table although it lies below its place: writers leave _SUCCESS, .crc and the like, and
// Spark, Hive and crawlers skip what begins with _ or a dot, in every folder. A partition's folder may begin with _. rel is the key
// below the table's place.
func Hidden(rel string) bool {
	for name := range strings.SplitSeq(rel, "/") {
		if strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") && !strings.Contains(name, "=") {
			return true
		}
	}
	return false
}

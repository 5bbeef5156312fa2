package typed

import (
	"fmt"
	"strconv"
	"strings"
)

// Kind is the family of a Type.
type Kind int

// The kinds. Unknown is a column of a crawled source, whose type is not settled; Null is the type of a bare NULL.
const (
	Unknown Kind = iota
	Null
	Bool
	Tinyint
	Smallint
	Int
	Bigint
	Decimal
	Real
	Double
	Char
	Varchar
	String // text without a length (Spark); Varchar with Len 0 prints the same
	Date
	Time
	Timetz
	Timestamp
	Timestamptz
	Interval
	Super
	Varbyte
	Geometry
	Sketch // HLLSKETCH
	Array
	Map
	Struct
)

// Type is a column type. It is comparable with ==.
type Type struct {
	Kind      Kind
	Len       int // Char, Varchar, Varbyte: bytes; 0 says that no limit is known
	Precision int // Decimal
	Scale     int
	parts     parts // Array, Map, Struct
}

// T makes a type without parameters.
func T(k Kind) Type { return Type{Kind: k} }

// Dec makes a decimal type.
func Dec(p, s int) Type { return Type{Kind: Decimal, Precision: p, Scale: s} }

// VarcharOf makes varchar(n).
func VarcharOf(n int) Type { return Type{Kind: Varchar, Len: n} }

// CharOf makes char(n).
func CharOf(n int) Type { return Type{Kind: Char, Len: n} }

// IsText reports whether the type holds characters.
func (t Type) IsText() bool { return t.Kind == Char || t.Kind == Varchar || t.Kind == String }

// IsInt reports whether the type is an integer.
func (t Type) IsInt() bool { return t.Kind >= Tinyint && t.Kind <= Bigint }

// IsFloat reports whether the type is binary floating point.
func (t Type) IsFloat() bool { return t.Kind == Real || t.Kind == Double }

// IsNumeric reports whether the type is a number.
func (t Type) IsNumeric() bool { return t.IsInt() || t.Kind == Decimal || t.IsFloat() }

// IsInstant reports whether the type is a date or a timestamp.
func (t Type) IsInstant() bool {
	return t.Kind == Date || t.Kind == Timestamp || t.Kind == Timestamptz
}

// IsClock reports whether the type is a time of day.
func (t Type) IsClock() bool { return t.Kind == Time || t.Kind == Timetz }

// Known reports whether the type is settled: neither Unknown nor that of a bare NULL.
func (t Type) Known() bool { return t.Kind != Unknown && t.Kind != Null }

var kindNames = [...]string{"unknown", "null", "boolean", "tinyint", "smallint", "integer", "bigint", "decimal", "real", "double precision",
	"char", "varchar", "string", "date", "time", "timetz", "timestamp", "timestamptz", "interval", "super", "varbyte", "geometry", "hllsketch",
	"array", "map", "struct"}

// String returns the type in words: decimal(12,2), varchar(10), timestamp.
func (t Type) String() string {
	name := kindNames[t.Kind]
	switch {
	case t.IsNested():
		return t.nested(Type.String, ":")
	case t.Kind == Decimal:
		return fmt.Sprintf("decimal(%d,%d)", t.Precision, t.Scale)
	case t.Len > 0:
		return name + "(" + strconv.Itoa(t.Len) + ")"
	}
	return name
}

// words maps the spellings of Redshift, Hive/Glue, Spark and PostgreSQL.
var words = map[string]Kind{
	"boolean": Bool, "bool": Bool, "tinyint": Tinyint, "byte": Tinyint, "smallint": Smallint, "int2": Smallint, "short": Smallint,
	"int": Int, "integer": Int, "int4": Int, "bigint": Bigint, "int8": Bigint, "long": Bigint,
	"decimal": Decimal, "numeric": Decimal, "dec": Decimal, "real": Real, "float4": Real,
	"double": Double, "double precision": Double, "float8": Double,
	"char": Char, "character": Char, "nchar": Char, "bpchar": Char,
	"varchar": Varchar, "character varying": Varchar, "nvarchar": Varchar, "text": Varchar, "string": String,
	"date": Date, "time": Time, "time without time zone": Time, "timetz": Timetz, "time with time zone": Timetz,
	"timestamp": Timestamp, "timestamp without time zone": Timestamp, "timestamp_ntz": Timestamp, "timestamp_ltz": Timestamp,
	"timestamptz": Timestamptz, "timestamp with time zone": Timestamptz,
	"interval": Interval, "super": Super, "varbyte": Varbyte, "varbinary": Varbyte, "binary": Varbyte, "binary varying": Varbyte,
	"bytea": Varbyte, "geometry": Geometry, "hllsketch": Sketch, "unknown": Unknown,
}

// ParseType reads a type as the Glue catalog or SQL writes it: int, decimal(12,2), varchar(10), string.
func ParseType(text string) (Type, error) {
	name, args, _ := strings.Cut(strings.ToLower(strings.TrimSpace(text)), "(")
	name = strings.Join(strings.Fields(name), " ")
	var nums []int
	if args != "" {
		for _, a := range strings.Split(strings.TrimSuffix(strings.TrimSpace(args), ")"), ",") {
			n, err := strconv.Atoi(strings.TrimSpace(a))
			if err != nil {
				return Type{}, fmt.Errorf("type %q: %q is no number", text, a)
			}
			nums = append(nums, n)
		}
	}
	return Named(name, nums)
}

// Named returns the type for a lower-case name and its arguments, with no dialect's default lengths filled in, but for decimal, which is
// decimal(p,0) when only p is given and decimal(10,0) without any (Hive, Spark).
func Named(name string, args []int) (Type, error) {
	if name == "float" {
		if len(args) == 1 && args[0] <= 24 {
			return T(Real), nil
		}
		return T(Double), nil
	}
	k, ok := words[name]
	if !ok {
		return Type{}, fmt.Errorf("type %q is not supported", name)
	}
	t := Type{Kind: k}
	switch k {
	case Decimal:
		t.Precision = 10
		if len(args) > 0 {
			t.Precision = args[0]
		}
		if len(args) > 1 {
			t.Scale = args[1]
		}
		if len(args) > 2 || t.Precision < 1 || t.Precision > 38 || t.Scale < 0 || t.Scale > t.Precision {
			return Type{}, fmt.Errorf("decimal(%d,%d) is not a valid precision and scale (precision 1 to 38, scale 0 to precision)",
				t.Precision, t.Scale)
		}
	case Char, Varchar, Varbyte:
		if len(args) > 1 || len(args) == 1 && args[0] < 1 {
			return Type{}, fmt.Errorf("type %q takes one length of at least 1", name)
		}
		if len(args) == 1 {
			t.Len = args[0]
		}
	default:
		if len(args) > 0 && k != Timestamp && k != Timestamptz && k != Time && k != Timetz {
			return Type{}, fmt.Errorf("type %q takes no length", name)
		}
	}
	return t, nil
}

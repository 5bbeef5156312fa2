package schema

import (
	"strconv"
	"strings"
)

// InferCell returns the kind that the text of one CSV cell shows: Unknown (empty), BigInt, Double or String.
//
// It follows what crawlers are seen to do: numbers are bigint or double, everything else is string, dates, timestamps and booleans
// included. Spaces round a value do not count. An integer too large for a bigint is a string here, so that no digit is lost; AWS does
// not document what it does. "NaN" and "Infinity" are strings.
func InferCell(s string) Kind {
	s = strings.TrimSpace(s)
	if s == "" {
		return Unknown
	}
	digits, plain := numberShape(s)
	switch {
	case digits == 0:
		return String
	case !plain:
		return Double
	case digits <= 18:
		return BigInt
	}
	if _, err := strconv.ParseInt(s, 10, 64); err != nil {
		return String
	}
	return BigInt
}

// numberShape returns how many digits the mantissa of a number has, 0 if s is no number; plain means no point and no exponent.
func numberShape(s string) (digits int, plain bool) {
	i, plain := 0, true
	if s[0] == '+' || s[0] == '-' {
		i++
	}
	for ; i < len(s) && isDigit(s[i]); i++ {
		digits++
	}
	if i < len(s) && s[i] == '.' {
		plain = false
		for i++; i < len(s) && isDigit(s[i]); i++ {
			digits++
		}
	}
	if digits > 0 && i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		plain = false
		if i++; i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		exponent := i
		for ; i < len(s) && isDigit(s[i]); i++ {
		}
		if i == exponent {
			return 0, false
		}
	}
	if i < len(s) {
		return 0, false
	}
	return digits, plain
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// Widen returns the narrowest type that holds the values of both a and b. AWS does not document what crawlers do; these rules are
// ours: int < bigint < double < string; decimals widen to a decimal while 38 digits suffice, else to double; boolean, date, timestamp
// and binary with anything else give string; struct fields are united; a nested type with a scalar gives string.
func Widen(a, b Type) Type {
	switch {
	case a.Equal(b), b.Kind == Unknown:
		return a
	case a.Kind == Unknown:
		return b
	case a.Kind.Numeric() && b.Kind.Numeric():
		return widenNumbers(a, b)
	case a.Kind == Varchar && b.Kind == Varchar:
		a.Length = max(a.Length, b.Length)
		return a
	case a.Kind != b.Kind:
		return Of(String)
	}
	switch a.Kind {
	case Array:
		return ArrayOf(Widen(*a.Elem, *b.Elem))
	case Map:
		return MapOf(Widen(*a.Key, *b.Key), Widen(*a.Elem, *b.Elem))
	case Struct:
		return widenStructs(a, b)
	}
	return Of(String)
}

func widenNumbers(a, b Type) Type {
	if a.Kind.Integer() && b.Kind.Integer() {
		return Of(max(a.Kind, b.Kind))
	}
	if a.Kind == Float || a.Kind == Double || b.Kind == Float || b.Kind == Double {
		return Of(Double)
	}
	da, db := asDecimal(a), asDecimal(b)
	scale := max(da.Scale, db.Scale)
	precision := max(da.Precision-da.Scale, db.Precision-db.Scale) + scale
	if precision > 38 {
		return Of(Double)
	}
	return DecimalOf(precision, scale)
}

// asDecimal returns the decimal that holds every value of an integer type; a decimal as it is.
func asDecimal(t Type) Type {
	switch t.Kind {
	case TinyInt:
		return DecimalOf(3, 0)
	case SmallInt:
		return DecimalOf(5, 0)
	case Int:
		return DecimalOf(10, 0)
	case BigInt:
		return DecimalOf(19, 0)
	}
	return t
}

func widenStructs(a, b Type) Type {
	out := append([]Field(nil), a.Fields...)
next:
	for _, f := range b.Fields {
		for i := range out {
			if strings.EqualFold(out[i].Name, f.Name) {
				out[i].Type = Widen(out[i].Type, f.Type)
				continue next
			}
		}
		out = append(out, f)
	}
	return StructOf(out...)
}

package dialect

import (
	"strings"

	"penstock/internal/convert"
	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// Spark is the language of the lake: Spark SQL 3.5 with ANSI off.
var Spark = &Dialect{
	Name: "Spark SQL",
	Lexis: Lexis{
		StringQuotes: `'"`, Escapes: map[byte]byte{'n': '\n', 't': '\t', 'r': '\r', 'b': '\b', '0': 0, 'Z': 26}, KeepWildcards: true,
		HexStrings: true, RawStrings: true, NumberSuffixes: true,
	},
	Grammar: Grammar{
		Transform: true, FromFirst: true, BareValues: true, NamedWindows: true,
		DistinctOn: true, StarExcept: true, GroupingBehind: true, LateralView: true, NestedTypes: true,
		Stream: true, FreeJoins: true, IntersectAll: true, InsertIntoTable: true,
		JoinStrings: true, TrimCharsFirst: true, BangNot: true, RLike: true, ConcatAdds: true, DivWord: true, IntervalOfExpr: true,
		Infix: words("| & ^ << >>"),
	},
	Types: Types{
		Words: map[string]Word{"float": {Args: []int{24}, Always: true}},
		Text:  typed.T(typed.String), Null: typed.T(typed.Null), MinInt: typed.Tinyint,
		TextConverts: true, TextHolds: true, LiteralDigits: true, BigintDigits: 20, TextMeets: sparkTextMeets,
	},
	Casts: Casts{Rules: convert.Spark, Failed: typed.Nullify, StampsAreNumbers: true, Mode: sparkCast},
	Numbers: Numbers{ZeroDivisor: "null_if_zero", RoundQuotient: true, Decimal: sparkDecimal, Sum: sparkSum, Avg: sparkAvg,
		Median: doubled, Whole: sparkWhole},
	Times: Times{DatesStay: true, Part: sparkPart},
	Names: Names{Values: "col", Output: func(it syntax.SelectItem) string { return strings.Join(strings.Fields(it.Text), " ") }},

	BlanksCount: true, CountRows: true,
	Functions: table(commonFunctions, sparkFunctions),
	Ranges:    map[string]Range{"range": {Column: "id", Min: 1, Max: 3}},
}

func sparkTextMeets(_ bool, other typed.Type) (typed.Type, bool) {
	switch {
	case other.IsInt(), other.Kind == typed.Bool, other.IsInstant():
		return other, true
	case other.IsNumeric():
		return typed.T(typed.Double), true
	}
	return typed.Type{}, false
}

func sparkCast(from, to typed.Type, _ CastKind) (typed.CastMode, typed.OnError) {
	switch {
	case from.Kind == typed.Unknown:
	case from.IsText() && (to.IsNumeric() || to.IsInstant() || to.IsClock() || to.Kind == typed.Bool):
		return typed.ModePlain, typed.Nullify
	case to.IsInt() && (from.IsFloat() || from.Kind == typed.Decimal):
		return typed.ModeTruncate, typed.Fail
	case to.IsInt() && from.IsInt():
		return typed.ModePlain, typed.Fail
	}
	return typed.ModePlain, typed.Nullify
}

func sparkDecimal(op string, l, r typed.Type) typed.Type {
	p1, s1, p2, s2 := l.Precision, l.Scale, r.Precision, r.Scale
	var p, s int
	switch op {
	case "*":
		p, s = p1+p2+1, s1+s2
	case "/":
		s = max(6, s1+p2+1)
		p = p1 - s1 + s2 + s
	case "%":
		s = max(s1, s2)
		p = min(p1-s1, p2-s2) + s
	default:
		s = max(s1, s2)
		p = max(p1-s1, p2-s2) + s + 1
	}
	return adjust(p, s)
}

// adjust is Spark's way to keep a decimal within 38 digits: the fraction gives way first, down to 6 digits.
func adjust(p, s int) typed.Type {
	if p <= 38 {
		return typed.Dec(max(p, 1), s)
	}
	whole := p - s
	return typed.Dec(38, max(38-whole, min(s, 6)))
}

func sparkSum(t typed.Type) typed.Type {
	switch {
	case t.IsInt():
		return typed.T(typed.Bigint)
	case t.Kind == typed.Decimal:
		return typed.Dec(min(38, t.Precision+10), t.Scale)
	}
	return doubled(t)
}

func sparkAvg(t typed.Type) typed.Type {
	if t.Kind == typed.Decimal {
		return adjust(t.Precision+4, t.Scale+4)
	}
	return doubled(t)
}

func sparkWhole(t typed.Type) typed.Type {
	switch {
	case t.Kind == typed.Decimal:
		return typed.Dec(min(38, t.Precision-t.Scale+1), 0)
	case t.IsNumeric():
		return typed.T(typed.Bigint)
	}
	return t
}

func sparkPart(part string) (string, typed.Type) {
	switch part {
	case "epoch":
		return "extract_epoch", typed.T(typed.Double)
	case "second":
		return "extract_second", typed.Dec(8, 6)
	case "dow":
		return "spark_dayofweek", typed.T(typed.Int)
	}
	return "extract_" + part, typed.T(typed.Int)
}

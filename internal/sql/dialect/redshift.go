package dialect

import (
	"penstock/internal/convert"
	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// Redshift is the language of the warehouse.
var Redshift = &Dialect{
	Name: "Redshift SQL",
	Lexis: Lexis{
		StringQuotes: "'", DoubledQuotes: true, Escapes: map[byte]byte{'n': '\n', 't': '\t', 'r': '\r', 'b': '\b', 'f': '\f'},
		EscapeStrings: true, FoldQuoted: true, HashNames: true, DollarNames: true,
	},
	Grammar: Grammar{
		WithNeedsAs: true, FetchFirst: true, ConnectBy: true, Top: true, Exclude: true,
		StringAlias: true, Only: true, AtAlias: true, DefaultsAtEnd: true,
		IsNullPostfix: true, CaretPower: true, Collate: true, Convert: true, AnyArray: true, Approximate: true,
		Infix: words("~ ~* !~ !~* ~~ # || | & << >>"),
	},
	Types: Types{
		Text: typed.T(typed.Varchar), Null: typed.VarcharOf(1), MaxText: 65535, MaxChar: 4096, MinInt: typed.Smallint, Words: redshiftTypes,
		Super: true, LiteralsAdapt: true, NumberIsCondition: true, BigintDigits: 19, TextMeets: redshiftTextMeets,
	},
	Casts: Casts{Rules: convert.Redshift, Failed: typed.Fail, StrictLengths: true, Mode: redshiftCast},
	Numbers: Numbers{ZeroDivisor: "nonzero", IntQuotient: true, RoundKeeps: true, Decimal: redshiftDecimal, Sum: redshiftSum, Avg: redshiftAvg,
		Median: redshiftMedian, Whole: redshiftWhole},
	Times: Times{DateMinusDate: true, Words: true, Part: redshiftPart},
	Names: Names{Values: "column", AliasInWhere: true, AliasIsValue: true,
		Output: func(it syntax.SelectItem) string { return redshiftName(it.X) }},

	PlusJoins: true, NullsLargest: true,
	Functions: table(commonFunctions, redshiftFunctions),
	Ranges:    map[string]Range{"generate_series": {Column: "generate_series", Min: 2, Max: 3, Inclusive: true}},
}

var redshiftTypes = map[string]Word{
	"decimal": {Args: []int{18, 0}}, "numeric": {Args: []int{18, 0}}, "dec": {Args: []int{18, 0}},
	"char": {Args: []int{1}}, "character": {Args: []int{1}}, "nchar": {Args: []int{1}},
	"bpchar": {Args: []int{256}, Always: true}, "text": {Args: []int{256}, Always: true},
	"varchar": {Args: []int{256}}, "character varying": {Args: []int{256}}, "nvarchar": {Args: []int{256}},
	"varbyte": {Args: []int{64000}}, "varbinary": {Args: []int{64000}}, "binary varying": {Args: []int{64000}},
	"string": {Missing: true}, "tinyint": {Missing: true}, "long": {Missing: true}, "byte": {Missing: true},
}

func redshiftTextMeets(literal bool, other typed.Type) (typed.Type, bool) {
	return other, literal || other.IsNumeric() || other.IsInstant() || other.IsClock() || other.Kind == typed.Bool
}

func redshiftCast(from, to typed.Type, kind CastKind) (typed.CastMode, typed.OnError) {
	onError := typed.Fail
	if kind == Try {
		onError = typed.Nullify
	}
	switch {
	case from.Kind == typed.Unknown:
	case to.IsText() && to.Len > 0 && kind == Assign:
		return typed.ModeAssign, onError
	case to.IsText() && to.Len > 0:
		return typed.ModeLossy, onError
	}
	return typed.ModePlain, onError
}

func redshiftDecimal(op string, l, r typed.Type) typed.Type {
	p1, s1, p2, s2 := l.Precision, l.Scale, r.Precision, r.Scale
	var p, s int
	switch op {
	case "*":
		p, s = p1+p2+1, s1+s2
	case "/":
		s = max(4, s1+p2-s2+1)
		p = p1 - s1 + s2 + s
		if p > 38 {
			s = max(38+s-p, 4)
			p = 38
		}
		return typed.Dec(p, s)
	case "%":
		s = max(s1, s2)
		p = min(p1-s1, p2-s2) + s
	default:
		s = max(s1, s2)
		p = max(p1-s1, p2-s2) + s + 1
	}
	return typed.Dec(min(p, 38), min(s, 37))
}

func redshiftSum(t typed.Type) typed.Type {
	switch {
	case t.IsInt():
		return typed.T(typed.Bigint)
	case t.Kind == typed.Decimal:
		return typed.Dec(38, t.Scale)
	}
	return doubled(t)
}

// redshiftAvg: the average of integers is cut off to a bigint.
func redshiftAvg(t typed.Type) typed.Type { return redshiftSum(t) }

func redshiftMedian(t typed.Type) typed.Type {
	switch {
	case t.IsInt():
		return typed.Dec(20, 1)
	case t.Kind == typed.Decimal:
		return typed.Dec(min(38, t.Precision+1), min(37, t.Scale+1))
	}
	return doubled(t)
}

func redshiftWhole(t typed.Type) typed.Type {
	if t.Kind == typed.Decimal {
		return typed.Dec(t.Precision, 0)
	}
	return t
}

func redshiftPart(part string) (string, typed.Type) {
	switch part {
	case "epoch":
		return "extract_epoch_whole", typed.T(typed.Bigint)
	case "second":
		return "extract_second_whole", typed.T(typed.Int)
	}
	return "extract_" + part, typed.T(typed.Int)
}

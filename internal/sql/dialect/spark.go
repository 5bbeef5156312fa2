package dialect

// Spark is the language of the lake: Spark SQL 3.5 with ANSI off.
var Spark = &Dialect{
	Name: "Spark SQL",
	Lexis: Lexis{
		StringQuotes: `'"`, Escapes: map[byte]byte{'n': '\n', 't': '\t', 'r': '\r', 'b': '\b', '0': 0, 'Z': 26}, KeepWildcards: true,
		HexStrings: true, RawStrings: true, NumberSuffixes: true,
	},
	Grammar: Grammar{
		Transform: true, FromFirst: true, BareValues: true, NamedWindows: true, DistinctOn: true, StarExcept: true, GroupingBehind: true, LateralView: true,
		Stream: true, FreeJoins: true, IntersectAll: true, InsertIntoTable: true,
		JoinStrings: true, BangNot: true, RLike: true, ConcatAdds: true, DivWord: true, IntervalOfExpr: true,
		Infix: words("| & ^ << >>"),
	},
}

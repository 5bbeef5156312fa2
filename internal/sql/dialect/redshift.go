package dialect

// Redshift is the language of the warehouse.
var Redshift = &Dialect{
	Name: "Redshift SQL",
	Lexis: Lexis{
		StringQuotes: "'", DoubledQuotes: true, Escapes: map[byte]byte{'n': '\n', 't': '\t', 'r': '\r', 'b': '\b', 'f': '\f'},
		EscapeStrings: true, FoldQuoted: true, HashNames: true, DollarNames: true,
	},
	Grammar: Grammar{
		WithNeedsAs: true, FetchFirst: true, ConnectBy: true, Top: true, Exclude: true, StringAlias: true, Only: true, AtAlias: true, DefaultsAtEnd: true,
		IsNullPostfix: true, CaretPower: true, Collate: true, Convert: true, Approximate: true,
		Infix: words("~ ~* !~ !~* ~~ # || | & << >>"),
	},
}

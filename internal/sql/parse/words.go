package parse

// reserved are the words that cannot be a bare name or alias in either dialect.
var reserved = set("select", "from", "where", "group", "having", "order", "limit", "offset", "union", "intersect",
	"except", "minus", "qualify",
	"on", "using", "join", "inner", "cross", "full", "natural", "when", "then", "else", "end", "and", "or", "not",
	"as", "is", "in", "like", "ilike",
	"similar", "between", "with", "window", "fetch", "case", "for", "into", "having", "union", "lateral", "distinct",
	"all", "set", "connect", "start",
	"left", "right", "table", "create")

// callable are reserved words that are also functions or names in an expression.
var callable = set("left", "right", "set", "start", "connect", "offset", "window", "fetch")

// notAlias are words that begin a clause and so are no alias behind a table.
var notAlias = set("tablesample", "pivot", "unpivot", "anti", "semi", "sort", "cluster", "distribute", "at",
	"values", "when", "exclude", "rows")

func set(words ...string) map[string]bool {
	m := make(map[string]bool, len(words))
	for _, w := range words {
		m[w] = true
	}
	return m
}

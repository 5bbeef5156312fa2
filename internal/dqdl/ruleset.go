package dqdl

// A Ruleset is a parsed text.
type Ruleset struct {
	Rules     []Rule
	Analyzers []Rule
	Sections  map[string]string // DataSources, Metadata and DefaultLabels, as text
}

// A Rule is one rule, or a composition of rules by "and" or "or".
type Rule struct {
	Text      string // as written
	Line, Col int    // where it begins, from 1
	Op        string // "" for a single rule, "and", "or"
	Parts     []Rule // of a composition
	Type      string // RowCount, IsComplete...
	Params    []string
	Condition *Condition
	Threshold *Condition // with threshold ...
	Where     string     // where "..."
	Labels    string     // labels = [...] as text
	tags      []string   // further "with" clauses, refused by Evaluable
}

// A Condition compares what a rule measures.
type Condition struct {
	Op       string // =, !=, >, >=, <, <=, between, in, matches
	Not      bool   // not between, not in, not matches
	Operands []Operand
}

// An OperandKind says how an operand is meant.
type OperandKind int

// The kinds of operands.
const (
	Number  OperandKind = iota // Text is a decimal number
	String                     // Text is the string's value
	Keyword                    // Text is NULL, EMPTY or WHITESPACES_ONLY
	Dynamic                    // Text is an expression over the past or the present: avg(last(3)), now() - 3 days
)

// An Operand is one value of a condition.
type Operand struct {
	Kind OperandKind
	Text string
}

// spec describes a rule type.
type spec struct {
	min, max  int  // parameters; max -1: any number
	condition bool // a condition is required
	optional  bool // a condition may stand
	threshold bool
	where     bool
	evaluable bool
}

// specs are the 33 rule types and the one analyzer.
var specs = map[string]spec{
	"RowCount":                {0, 0, true, false, false, true, true},
	"RowCountMatch":           {1, 1, true, false, false, false, false},
	"ColumnCount":             {0, 0, true, false, false, false, false},
	"Completeness":            {1, 1, true, false, false, true, true},
	"IsComplete":              {1, 1, false, false, false, true, true},
	"ColumnDataType":          {1, 1, true, false, true, true, false},
	"ColumnNamesMatchPattern": {1, 1, false, false, false, false, false},
	"ColumnExists":            {1, 1, false, false, false, false, false},
	"ColumnCorrelation":       {2, 2, true, false, false, true, false},
	"Uniqueness":              {1, -1, true, false, false, true, false},
	"IsUnique":                {1, -1, false, false, false, true, true},
	"Mean":                    {1, 1, true, false, false, true, false},
	"Sum":                     {1, 1, true, false, false, true, false},
	"StandardDeviation":       {1, 1, true, false, false, true, false},
	"Variance":                {1, 1, true, false, false, true, false},
	"Entropy":                 {1, 1, true, false, false, true, false},
	"DistinctValuesCount":     {1, 1, true, false, false, true, false},
	"UniqueValueRatio":        {1, 1, true, false, false, true, false},
	"ColumnLength":            {1, 1, true, false, true, true, false},
	"IsPrimaryKey":            {1, -1, false, false, false, true, false},
	"ColumnValues":            {1, 1, true, false, true, true, true},
	"DataFreshness":           {1, 1, true, false, true, true, false},
	"CustomSql":               {1, 1, false, true, true, false, true},
	"ReferentialIntegrity":    {2, 2, false, true, false, false, false},
	"DatasetMatch":            {2, 3, false, true, false, false, false},
	"SchemaMatch":             {1, 1, true, false, false, false, false},
	"AggregateMatch":          {2, 2, true, false, false, false, false},
	"DetectAnomalies":         {0, 2, false, true, false, false, false},
	"AllStatistics":           {1, 1, false, false, false, false, false},
	"FileMatch":               {0, 2, false, true, false, false, false},
	"FileUniqueness":          {0, 1, false, true, false, false, false},
	"FileFreshness":           {0, 1, false, true, true, false, false},
	"FileSize":                {0, 1, false, true, true, false, false},
}

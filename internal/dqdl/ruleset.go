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
	Number   OperandKind = iota // Text is a decimal number
	String                      // Text is the string's value
	Keyword                     // Text is NULL, EMPTY or WHITESPACES_ONLY
	Dynamic                     // Text is an expression over the past or the present: avg(last(3)), now() - 3 days
	Duration                    // Text is "3 days"
	Size                        // Text is "5 GB"
)

// An Operand is one value of a condition.
type Operand struct {
	Kind OperandKind
	Text string
}

// A class is the kind of values that a rule's condition compares with.
type class int

const (
	noValue class = iota
	numbers
	texts
	anyValue  // texts, numbers or dates, of one kind
	dates     // "2026-11-24", "9:30 PM", now(), (now() - 3 days)
	durations // 3 days
	sizes     // 5 GB; a number is bytes
)

// spec describes a rule type.
type spec struct {
	min, max  int   // parameters; max -1: any number
	class     class // of the condition's values; noValue: it has no condition
	optional  bool  // the condition may be missing
	threshold bool
	where     bool
	number    bool // it gives a number, and may be an analyzer
	evaluable bool
}

// specs are the 33 rule types of AWS's table.
var specs = map[string]spec{
	"RowCount":                {0, 0, numbers, false, false, true, true, true},
	"RowCountMatch":           {1, 1, numbers, false, false, false, true, false},
	"ColumnCount":             {0, 0, numbers, false, false, false, true, false},
	"Completeness":            {1, 1, numbers, false, false, true, true, true},
	"IsComplete":              {1, 1, noValue, false, false, true, false, true},
	"ColumnDataType":          {1, 1, texts, false, true, true, false, false},
	"ColumnNamesMatchPattern": {1, 1, noValue, false, false, false, false, false},
	"ColumnExists":            {1, 1, noValue, false, false, false, false, false},
	"ColumnCorrelation":       {2, 2, numbers, false, false, true, true, false},
	"Uniqueness":              {1, -1, numbers, false, false, true, true, false},
	"IsUnique":                {1, -1, noValue, false, false, true, false, true},
	"Mean":                    {1, 1, numbers, false, false, true, true, false},
	"Sum":                     {1, 1, numbers, false, false, true, true, false},
	"StandardDeviation":       {1, 1, numbers, false, false, true, true, false},
	"Variance":                {1, 1, numbers, false, false, true, true, false},
	"Entropy":                 {1, 1, numbers, false, false, true, true, false},
	"DistinctValuesCount":     {1, 1, numbers, false, false, true, true, false},
	"UniqueValueRatio":        {1, 1, numbers, false, false, true, true, false},
	"ColumnLength":            {1, 1, numbers, false, true, true, true, false},
	"IsPrimaryKey":            {1, -1, noValue, false, false, true, false, false},
	"ColumnValues":            {1, 1, anyValue, false, true, true, true, true},
	"DataFreshness":           {1, 1, durations, false, true, true, false, false},
	"CustomSql":               {1, 1, numbers, true, true, false, true, true},
	"ReferentialIntegrity":    {2, 2, numbers, false, false, false, true, false},
	"DatasetMatch":            {2, 3, numbers, false, false, false, true, false},
	"SchemaMatch":             {1, 1, numbers, false, false, false, true, false},
	"AggregateMatch":          {2, 2, numbers, false, false, false, true, false},
	"DetectAnomalies":         {1, -1, noValue, false, false, false, false, false},
	"AllStatistics":           {1, 1, noValue, false, false, false, true, false},
	"FileMatch":               {0, 2, texts, true, false, false, false, false},
	"FileUniqueness":          {0, 1, numbers, false, false, false, true, false},
	"FileFreshness":           {0, 1, dates, false, true, false, false, false},
	"FileSize":                {0, 1, sizes, false, true, false, true, false},
}

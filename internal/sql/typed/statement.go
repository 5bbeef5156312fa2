package typed

// Statement is a bound statement that the engine can run: *Query or one of those below.
type Statement interface{ statement() }

func (*Query) statement()         {}
func (*Insert) statement()        {}
func (*Update) statement()        {}
func (*Delete) statement()        {}
func (*Merge) statement()         {}
func (*CreateTable) statement()   {}
func (*CreateTableAs) statement() {}
func (*CreateView) statement()    {}
func (*Drop) statement()          {}
func (*AlterTable) statement()    {}
func (*Truncate) statement()      {}
func (*CreateSchema) statement()  {}

// The statements.
type (
	// Insert puts the rows of Query (nil: one row of defaults) into Columns of the target.
	Insert struct {
		Target  Relation
		Columns []Column
		Query   *Query
	}
	// Set is an assignment.
	Set struct {
		Column string
		Value  Expr
	}
	// Update changes rows of the target; Alias is how expressions refer to it.
	Update struct {
		With   []CTE
		Target Relation
		Alias  string
		Sets   []Set
		From   From
		Where  Expr
	}
	// Delete removes rows.
	Delete struct {
		With   []CTE
		Target Relation
		Alias  string
		Using  From
		Where  Expr
	}
	// Merge is MERGE INTO.
	Merge struct {
		Target  Relation
		Alias   string
		Source  From
		On      Expr
		Clauses []MergeClause
	}
	// MergeClause is one WHEN; Action is update, delete or insert.
	MergeClause struct {
		Matched bool
		Cond    Expr
		Action  string
		Sets    []Set
		Columns []string
		Values  []Expr
	}
	// ColumnDef is a column of a new table.
	ColumnDef struct {
		Name     string
		Type     Type
		NotNull  bool
		Default  Expr
		Identity *Identity
		Encode   string
	}
	// Identity numbers rows: Seed, Seed+Step, ...
	Identity struct {
		Seed, Step int64
		ByDefault  bool // INSERT may give values
	}
	// Attrs are table attributes that the engine has no use for; they are kept and shown.
	Attrs struct {
		DistStyle, DistKey, SortStyle string
		SortKeys                      []string
		Encodes                       map[string]string
		PrimaryKey                    []string
	}
	// CreateTable makes an empty table. Name as written.
	CreateTable struct {
		Name        []string
		Temp        bool
		IfNotExists bool
		Columns     []ColumnDef
		Attrs       Attrs
	}
	// CreateTableAs makes a table of a query's rows.
	CreateTableAs struct {
		Name        []string
		Temp        bool
		IfNotExists bool
		Query       *Query
		NoData      bool
		Attrs       Attrs
	}
	// CreateView makes a view. Query is nil for a late-binding view, whose Text is bound when it is read.
	CreateView struct {
		Name        []string
		Replace     bool
		LateBinding bool
		Query       *Query
		Text        string
	}
	// Drop removes a table, view or schema.
	Drop struct {
		Kind     string
		Names    [][]string
		IfExists bool
		Cascade  bool
	}
	// AlterTable is one change: add column, drop column, rename column, rename, alter type.
	AlterTable struct {
		Table    []string
		Action   string
		Column   ColumnDef
		Old, New string
		View     bool
	}
	// Truncate removes all rows.
	Truncate struct{ Table []string }
	// CreateSchema makes a schema.
	CreateSchema struct {
		Name        string
		IfNotExists bool
	}
)

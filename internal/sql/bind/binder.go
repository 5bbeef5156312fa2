package bind

import (
	"fmt"
	"strings"

	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// binder holds what one statement's binding needs. The first mistake is kept in err; after it, the tree is of no use.
type binder struct {
	o         Options
	err       *syntax.Error
	aliases   map[string]int // unique aliases handed out
	params    []param
	relations []typed.Relation
	depth     int
}

type param struct {
	index int
	name  string
	typ   typed.Type
	nodes []*typed.Param
}

// maxDepth bounds the nesting of queries while binding; views may nest deeper than a text does.
const maxDepth = 300

func newBinder(o Options) *binder { return &binder{o: o, aliases: map[string]int{}} }

func (b *binder) redshift() bool { return b.o.Dialect == syntax.Redshift }

// fail keeps the first mistake and gives an expression that stands for nothing.
func (b *binder) fail(at syntax.Pos, format string, args ...any) typed.Expr {
	if b.err == nil {
		b.err = syntax.Errorf(at, format, args...).Locate(b.o.Text)
	}
	return null(typed.T(typed.Unknown))
}

func null(t typed.Type) *typed.Literal { return &typed.Literal{Ty: typed.Ty{T: t}, Null: true} }

func lit(t typed.Type, text string) *typed.Literal {
	return &typed.Literal{Ty: typed.Ty{T: t}, Text: text}
}

func call(op string, t typed.Type, args ...typed.Expr) *typed.Call {
	return &typed.Call{Ty: typed.Ty{T: t}, Op: op, Args: args}
}

var (
	tBool   = typed.T(typed.Bool)
	tInt    = typed.T(typed.Int)
	tBigint = typed.T(typed.Bigint)
	tDouble = typed.T(typed.Double)
	tDate   = typed.T(typed.Date)
	tStamp  = typed.T(typed.Timestamp)
)

// text is the dialect's type for text without a length.
func (b *binder) text() typed.Type {
	if b.redshift() {
		return typed.T(typed.Varchar)
	}
	return typed.T(typed.String)
}

// unique gives an alias that no other FROM element of the statement has.
func (b *binder) unique(want string) string {
	want = strings.ToLower(want)
	b.aliases[want]++
	if n := b.aliases[want]; n > 1 {
		return b.unique(fmt.Sprintf("%s_%d", want, n))
	}
	return want
}

// typeOf gives the type for a written type name.
func (b *binder) typeOf(t syntax.TypeName) typed.Type {
	args := make([]int, len(t.Args))
	copy(args, t.Args)
	for i, a := range args {
		if a == -1 {
			args[i] = 65535
		}
	}
	if b.redshift() {
		switch {
		case (t.Name == "decimal" || t.Name == "numeric" || t.Name == "dec") && len(args) == 0:
			args = []int{18, 0}
		case (t.Name == "char" || t.Name == "character" || t.Name == "nchar") && len(args) == 0:
			args = []int{1}
		case t.Name == "bpchar":
			args = []int{256}
		case t.Name == "text":
			args = []int{256}
		case (t.Name == "varchar" || t.Name == "character varying" || t.Name == "nvarchar") && len(args) == 0:
			args = []int{256}
		case t.Name == "string" || t.Name == "tinyint" || t.Name == "long" || t.Name == "byte":
			b.fail(t.Pos, "type %q does not exist in Redshift SQL", t.Name)
		case (t.Name == "varbyte" || t.Name == "varbinary" || t.Name == "binary varying") && len(args) == 0:
			args = []int{64000}
		}
	}
	if !b.redshift() && t.Name == "timestamp_ntz" || !b.redshift() && t.Name == "timestamp_ltz" {
		args = nil
	}
	typ, err := typed.Named(t.Name, args)
	if err != nil {
		b.fail(t.Pos, "%v", err)
	}
	return typ
}

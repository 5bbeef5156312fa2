package bind

import (
	"fmt"
	"strings"

	"penstock/internal/sql/bind/rules"
	"penstock/internal/sql/typed"
)

// binder holds what one statement's binding needs. The first mistake is kept in err; after it, the tree is of no use.
type binder struct {
	*rules.Rules
	o         Options
	aliases   map[string]int // unique aliases handed out
	relations []typed.Relation
	depth     int
	lambdas   int // functions of elements that are being bound
}

// maxDepth bounds the nesting of queries while binding; views may nest deeper than a text does.
const maxDepth = 300

func newBinder(o Options) *binder {
	r := &rules.Rules{D: o.Dialect, Source: o.Text, User: o.Session.User, Database: o.Session.Database, Declared: o.Params}
	return &binder{Rules: r, o: o, aliases: map[string]int{}}
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

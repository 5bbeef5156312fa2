package rules

import (
	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

type param struct {
	index int
	name  string
	typ   typed.Type
	nodes []*typed.Param
}

// Settle sets the type of a parameter that has none yet: its place asks for it.
func (rs *Rules) Settle(n *typed.Param, t typed.Type) {
	if !t.Known() || n.T.Known() {
		return
	}
	for i := range rs.params {
		p := &rs.params[i]
		for _, have := range p.nodes {
			if have == n {
				p.typ = t
				for _, m := range p.nodes {
					m.T = t
				}
				return
			}
		}
	}
}

// Param is a parameter of the statement, of the type that it is declared with or has got from another place.
func (rs *Rules) Param(x *syntax.Param) typed.Expr {
	if x.Name == "" && (x.Index < 1 || x.Index > 32767) {
		return rs.FailAs(syntax.NoParameter, x.At, "parameter $%d is out of range: parameters count from 1 to 32767", x.Index)
	}
	if len(rs.params) > 0 && (rs.params[0].name == "") != (x.Name == "") {
		return rs.Fail(x.At, "a statement has either $1 or :name parameters, not both")
	}
	index := -1
	for i, p := range rs.params {
		if x.Name != "" && p.name == x.Name || x.Name == "" && p.name == "" && p.index == x.Index {
			index = i
		}
	}
	if index < 0 {
		p := param{index: x.Index, name: x.Name, typ: typed.T(typed.Unknown)}
		if x.Name == "" && x.Index >= 1 && x.Index <= len(rs.Declared) {
			p.typ = rs.Declared[x.Index-1]
		}
		rs.params = append(rs.params, p)
		index = len(rs.params) - 1
	}
	p := &rs.params[index]
	n := &typed.Param{Ty: typed.Ty{T: p.typ}, Index: x.Index}
	if x.Name != "" {
		n.Index = index + 1
	}
	p.nodes = append(p.nodes, n)
	return n
}

// Params lists the types of the parameters by their index in the printed text, and the names of those that have one. A parameter that no
// place gave a type is text.
func (rs *Rules) Params() (types []typed.Type, names []string) {
	for i := range rs.params {
		p := &rs.params[i]
		if !p.typ.Known() {
			p.typ = typed.T(typed.Varchar)
			for _, n := range p.nodes {
				n.T = p.typ
			}
		}
		index := i + 1
		if p.name == "" {
			index = p.index
		}
		for len(types) < index {
			types = append(types, typed.T(typed.Varchar))
			names = append(names, "")
		}
		types[index-1], names[index-1] = p.typ, p.name
	}
	return types, names
}

// paramType is the type of a parameter that meets a value: text without its limit.
func paramType(t typed.Type) typed.Type {
	if t.IsText() {
		return typed.T(typed.Varchar)
	}
	return t
}

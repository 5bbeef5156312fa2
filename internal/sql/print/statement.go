package print

import (
	"fmt"
	"strings"

	"penstock/internal/sql/typed"
)

func (p *printer) statement(s typed.Statement) string {
	switch s := s.(type) {
	case *typed.Query:
		return p.query(s)
	case *typed.Insert:
		return p.insert(s)
	case *typed.Update:
		return p.update(s)
	case *typed.Delete:
		return p.delete(s)
	case *typed.Merge:
		return p.merge(s)
	case *typed.CreateTableAs:
		return p.createTableAs(s)
	case *typed.CreateTable:
		return p.createTable(s)
	case *typed.CreateView:
		if s.Query == nil {
			return p.fail("a late-binding view has no text of its own")
		}
		return "CREATE " + orReplace(s.Replace) + "VIEW " + dotted(s.Name) + "(" + columnNames(s.Query.Columns) + ") AS " + p.query(s.Query)
	case *typed.Drop:
		return p.drop(s)
	case *typed.AlterTable:
		return p.alter(s)
	case *typed.Truncate:
		return "TRUNCATE " + dotted(s.Table)
	case *typed.CreateSchema:
		return "CREATE SCHEMA " + ifNotExists(s.IfNotExists) + quote(s.Name)
	}
	return p.fail("statement %T cannot be printed", s)
}

func dotted(name []string) string {
	out := make([]string, len(name))
	for i, n := range name {
		out[i] = quote(n)
	}
	return strings.Join(out, ".")
}

func orReplace(b bool) string {
	if b {
		return "OR REPLACE "
	}
	return ""
}

func ifNotExists(b bool) string {
	if b {
		return "IF NOT EXISTS "
	}
	return ""
}

func columnNames(cols []typed.Column) string {
	names := make([]string, len(cols))
	for i, c := range cols {
		names[i] = nameOr(c.Name)
	}
	return quoteAll(names)
}

func (p *printer) insert(s *typed.Insert) string {
	head := "INSERT INTO " + p.relation(s.Target)
	if s.Query == nil {
		return head + " DEFAULT VALUES"
	}
	return head + " (" + columnNames(s.Columns) + ") " + p.query(s.Query)
}

func (p *printer) sets(all []typed.Set) string {
	out := make([]string, len(all))
	for i, s := range all {
		out[i] = quote(s.Column) + " = " + p.expr(s.Value)
	}
	return strings.Join(out, ", ")
}

func (p *printer) update(s *typed.Update) string {
	out := p.with(s.With, false) + "UPDATE " + p.relation(s.Target) + " AS " + quote(s.Alias) + " SET " + p.sets(s.Sets)
	if s.From != nil {
		out += " FROM " + p.from(s.From)
	}
	if s.Where != nil {
		out += " WHERE " + p.expr(s.Where)
	}
	return out
}

func (p *printer) delete(s *typed.Delete) string {
	out := p.with(s.With, false) + "DELETE FROM " + p.relation(s.Target) + " AS " + quote(s.Alias)
	if s.Using != nil {
		out += " USING " + p.from(s.Using)
	}
	if s.Where != nil {
		out += " WHERE " + p.expr(s.Where)
	}
	return out
}

func (p *printer) merge(s *typed.Merge) string {
	var b strings.Builder
	b.WriteString("MERGE INTO " + p.relation(s.Target) + " AS " + quote(s.Alias) + " USING " + p.from(s.Source) + " ON " + p.expr(s.On))
	for _, c := range s.Clauses {
		b.WriteString(" WHEN ")
		if !c.Matched {
			b.WriteString("NOT ")
		}
		b.WriteString("MATCHED")
		if c.Cond != nil {
			b.WriteString(" AND " + p.expr(c.Cond))
		}
		switch c.Action {
		case "update":
			b.WriteString(" THEN UPDATE SET " + p.sets(c.Sets))
		case "delete":
			b.WriteString(" THEN DELETE")
		case "insert":
			b.WriteString(" THEN INSERT (" + quoteAll(c.Columns) + ") VALUES (" + p.exprs(c.Values) + ")")
		}
	}
	return b.String()
}

// createTableAs writes a CTAS; the table's columns get exactly the query's types and names.
func (p *printer) createTableAs(s *typed.CreateTableAs) string {
	temp := ""
	if s.Temp {
		temp = "TEMP "
	}
	out := "CREATE " + temp + "TABLE " + ifNotExists(s.IfNotExists) + dotted(s.Name) + "(" + columnNames(s.Query.Columns) +
		") AS " + p.query(s.Query)
	if s.NoData {
		out += " WITH NO DATA"
	}
	return out
}

// createTable writes a table; an identity column takes its numbers from a sequence, which SequenceFor names and Sequences creates.
func (p *printer) createTable(s *typed.CreateTable) string {
	temp := ""
	if s.Temp {
		temp = "TEMP "
	}
	cols := make([]string, len(s.Columns))
	for i, c := range s.Columns {
		cols[i] = quote(c.Name) + " " + duck(c.Type)
		if c.NotNull {
			cols[i] += " NOT NULL"
		}
		switch {
		case c.Identity != nil:
			cols[i] += " DEFAULT nextval(" + str(dotted(SequenceFor(s.Name, c.Name))) + ")"
		case c.Default != nil:
			cols[i] += " DEFAULT " + p.expr(c.Default)
		}
	}
	return "CREATE " + temp + "TABLE " + ifNotExists(s.IfNotExists) + dotted(s.Name) + " (" + strings.Join(cols, ", ") + ")"
}

// SequenceFor is the name of the sequence behind an identity column.
func SequenceFor(table []string, column string) []string {
	out := append([]string{}, table...)
	out[len(out)-1] = out[len(out)-1] + "_" + column + "_seq"
	return out
}

// Sequences returns the statements that make the sequences of a table's identity columns; run them before the table's own.
func Sequences(s *typed.CreateTable) []string {
	var out []string
	for _, c := range s.Columns {
		if c.Identity != nil {
			temp := ""
			if s.Temp {
				temp = "TEMP "
			}
			step := c.Identity.Step
			limit := ""
			if step < 0 {
				limit = " MINVALUE -9223372036854775807 MAXVALUE 9223372036854775807"
			} else if c.Identity.Seed < 1 {
				limit = fmt.Sprintf(" MINVALUE %d", c.Identity.Seed)
			}
			out = append(out, fmt.Sprintf("CREATE %sSEQUENCE %s%s START WITH %d INCREMENT BY %d%s", temp, ifNotExists(s.IfNotExists),
				dotted(SequenceFor(s.Name, c.Name)), c.Identity.Seed, step, limit))
		}
	}
	return out
}

func (p *printer) drop(s *typed.Drop) string {
	if len(s.Names) != 1 {
		return p.fail("DROP of several objects is written one by one")
	}
	exists := ""
	if s.IfExists {
		exists = "IF EXISTS "
	}
	out := "DROP " + strings.ToUpper(s.Kind) + " " + exists + dotted(s.Names[0])
	if s.Cascade {
		out += " CASCADE"
	}
	return out
}

func (p *printer) alter(s *typed.AlterTable) string {
	head := "ALTER TABLE " + dotted(s.Table) + " "
	switch s.Action {
	case "add column":
		out := head + "ADD COLUMN " + quote(s.Column.Name) + " " + duck(s.Column.Type)
		if s.Column.Default != nil {
			out += " DEFAULT " + p.expr(s.Column.Default)
		}
		return out
	case "drop column":
		return head + "DROP COLUMN " + quote(s.Old)
	case "rename column":
		return head + "RENAME COLUMN " + quote(s.Old) + " TO " + quote(s.New)
	case "rename":
		return head + "RENAME TO " + quote(s.New)
	case "alter type":
		return head + "ALTER COLUMN " + quote(s.Column.Name) + " TYPE " + duck(s.Column.Type)
	}
	return p.fail("ALTER TABLE %s cannot be printed", strings.ToUpper(s.Action))
}

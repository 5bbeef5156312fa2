// Package jdbc logs in to the databases that JDBC URLs name, PostgreSQL and MySQL (MariaDB too), and lists their tables with the types that
// Spark reads their columns as. It is a client of its own in Go: it runs no driver of Java, reads no rows, and changes nothing.
package jdbc

import (
	"context"
	"strings"
	"time"
)

// An Engine is a kind of database, as crawlers classify its tables.
type Engine string

// The engines.
const (
	PostgreSQL Engine = "postgresql"
	MySQL      Engine = "mysql"
)

// HasSchemas reports whether a database of the engine is divided into schemas.
func (e Engine) HasSchemas() bool { return e == PostgreSQL }

func (e Engine) title() string {
	if e == PostgreSQL {
		return "PostgreSQL"
	}
	return "MySQL"
}

// A Login is a database and who logs in.
type Login struct {
	URL      string // "jdbc:postgresql://host:5432/db"
	User     string
	Password string
	// TLS asks that nothing is sent but over TLS, to a server whose certificate the system trusts and that is the host's.
	TLS bool
}

// A Table is a table or a view of a database.
type Table struct {
	Schema  string // "" where there are none
	Name    string
	View    bool
	Comment string
	Columns []Column
}

// A Column is a column of a Table.
type Column struct {
	Name    string
	Type    string // the catalog's
	Native  string // the database's: "character varying(20)"
	Comment string
	Key     int // its place in the primary key, from 1; 0: none
}

// A Pattern says which tables are wanted; % stands for any text, and nothing else for more than itself.
type Pattern struct {
	Schema string // of engines that have schemas
	Table  string
}

// Matches reports whether the pattern selects a table.
func (p Pattern) Matches(schema, table string) bool {
	return matches(p.Schema, schema) && matches(p.Table, table)
}

func matches(pattern, text string) bool {
	parts := strings.Split(pattern, "%")
	first, last := parts[0], parts[len(parts)-1]
	if len(parts) == 1 {
		return pattern == text
	}
	if len(text) < len(first)+len(last) || !strings.HasPrefix(text, first) || !strings.HasSuffix(text, last) {
		return false
	}
	text = text[len(first) : len(text)-len(last)]
	for _, part := range parts[1 : len(parts)-1] {
		i := strings.Index(text, part)
		if i < 0 {
			return false
		}
		text = text[i+len(part):]
	}
	return true
}

// like is a pattern as SQL's LIKE understands it with | as the escape.
func like(pattern string) string { return strings.NewReplacer("|", "||", "_", "|_").Replace(pattern) }

// connectTime is how long a login may take, listTime how long a list of tables.
const (
	connectTime = 15 * time.Second
	listTime    = 5 * time.Minute
)

// A Conn is a session of a database.
type Conn struct {
	at      address
	session session
}

type session interface {
	// tables hands on the tables of a pattern, each whole, ordered by schema and name.
	tables(ctx context.Context, p Pattern, each func(Table) error) error
	close(ctx context.Context) error
}

// Open logs in. database "" is the one that the URL names. Every error but that of ctx is an *Error.
func Open(ctx context.Context, l Login, database string) (*Conn, error) {
	at, err := l.address()
	if err != nil {
		return nil, err
	}
	if database != "" {
		at.database = database
	}
	limited, stop := context.WithTimeout(ctx, connectTime)
	defer stop()
	c := &Conn{at: at}
	if at.engine == PostgreSQL {
		c.session, err = openPostgres(limited, at)
	} else {
		c.session, err = openMySQL(limited, at)
	}
	if err != nil {
		return nil, at.explain(ctx, err, connectTime)
	}
	return c, nil
}

// Engine is what the database is.
func (c *Conn) Engine() Engine { return c.at.engine }

// Tables hands on the tables and views that the pattern selects and the user may read, each whole, ordered by schema and name. Partitions
// of partitioned tables are left out.
func (c *Conn) Tables(ctx context.Context, p Pattern, each func(Table) error) error {
	limited, stop := context.WithTimeout(ctx, listTime)
	defer stop()
	var refused error
	err := c.session.tables(limited, p, func(t Table) error {
		refused = each(t)
		return refused
	})
	if err == nil || refused != nil {
		return refused
	}
	return c.at.explain(ctx, err, listTime)
}

// Close ends the session.
func (c *Conn) Close(ctx context.Context) error {
	limited, stop := context.WithTimeout(context.WithoutCancel(ctx), connectTime)
	defer stop()
	return c.session.close(limited)
}

// assembler makes tables of rows that come column by column.
type assembler struct {
	table Table
	begun bool
	each  func(Table) error
}

func (a *assembler) add(t Table, c Column) error {
	if a.begun && (t.Schema != a.table.Schema || t.Name != a.table.Name) {
		if err := a.end(); err != nil {
			return err
		}
	}
	if !a.begun {
		a.table, a.begun = t, true
	}
	a.table.Columns = append(a.table.Columns, c)
	return nil
}

func (a *assembler) end() error {
	if !a.begun {
		return nil
	}
	a.begun = false
	return a.each(a.table)
}

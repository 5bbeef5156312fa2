package jdbc

import (
	"context"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

type postgres struct{ conn *pgconn.PgConn }

// openPostgres logs in to PostgreSQL. What the environment of this process says about PostgreSQL does not count.
func openPostgres(ctx context.Context, a address) (session, error) {
	c, err := pgconn.ParseConfig("host=localhost port=5432 database=x user=x password=x sslmode=disable sslnegotiation=postgres " +
		"target_session_attrs=any connect_timeout=15 channel_binding=prefer sslrootcert='' sslcert='' sslkey='' passfile=''")
	if err != nil {
		return nil, err
	}
	c.Host, c.Port, c.Database, c.User, c.Password = a.host, uint16(a.port), a.database, a.user, a.password
	c.RuntimeParams, c.Fallbacks, c.ConnectTimeout = map[string]string{"application_name": "penstock"}, nil, connectTime
	c.ValidateConnect, c.AfterConnect, c.RequireAuth, c.SSLCertMode = nil, nil, "", ""
	c.MaxProtocolMessageBodyLen = 16 << 20
	if c.TLSConfig, err = a.config(); err != nil {
		return nil, err
	}
	if a.tls == tlsPrefer {
		c.Fallbacks = []*pgconn.FallbackConfig{{Host: a.host, Port: uint16(a.port)}}
	}
	if a.database == "" {
		c.Database = a.user
	}
	conn, err := pgconn.ConnectConfig(ctx, c)
	if err != nil && c.TLSConfig != nil && a.tls != tlsPrefer && strings.Contains(err.Error(), "refused TLS") {
		err = errNoTLS
	}
	if err != nil {
		return nil, err
	}
	return postgres{conn}, nil
}

// listPostgres lists the columns of all wanted tables. The type of a column is that below its domains.
const listPostgres = `
SELECT n.nspname, c.relname, c.relkind IN ('v', 'm'), coalesce(obj_description(c.oid, 'pg_class'), ''),
	a.attname, format_type(base.type, base.mod), format_type(a.atttypid, a.atttypmod), coalesce(col_description(c.oid, a.attnum), ''),
	coalesce(array_position(k.conkey, a.attnum), 0)
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_catalog.pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p'
CROSS JOIN LATERAL (
	WITH RECURSIVE d(type, mod, level) AS (
		SELECT a.atttypid, a.atttypmod, 0
		UNION ALL SELECT t.typbasetype, t.typtypmod, level + 1 FROM d JOIN pg_catalog.pg_type t ON t.oid = d.type AND t.typtype = 'd')
	SELECT type, mod FROM d ORDER BY level DESC LIMIT 1) base
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
	AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
	AND n.nspname LIKE $1 ESCAPE '|' AND c.relname LIKE $2 ESCAPE '|'
	AND has_schema_privilege(n.oid, 'USAGE') AND (has_table_privilege(c.oid, 'SELECT') OR has_any_column_privilege(c.oid, 'SELECT'))
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C", a.attnum`

func (p postgres) tables(ctx context.Context, want Pattern, each func(Table) error) error {
	rows := p.conn.ExecParams(ctx, listPostgres, [][]byte{[]byte(like(want.Schema)), []byte(like(want.Table))}, nil, nil, nil)
	a := &assembler{each: each}
	var refused error
	for refused == nil && rows.NextRow() {
		v := rows.Values()
		text := func(i int) string { return string(v[i]) }
		key, err := strconv.Atoi(text(8))
		if err != nil {
			refused = err
			break
		}
		refused = a.add(Table{Schema: text(0), Name: text(1), View: text(2) == "t", Comment: text(3)},
			Column{Name: text(4), Type: postgresType(text(5)), Native: text(6), Comment: text(7), Key: key})
	}
	_, err := rows.Close()
	if refused != nil {
		return refused
	}
	if err != nil {
		return err
	}
	return a.end()
}

func (p postgres) close(ctx context.Context) error { return p.conn.Close(ctx) }

// postgresType is the catalog's type for one of PostgreSQL's, as format_type writes it: the one that Spark reads it as.
func postgresType(native string) string {
	if element, ok := strings.CutSuffix(native, "[]"); ok {
		return "array<" + postgresType(element) + ">"
	}
	name, arguments, _ := strings.Cut(native, "(")
	arguments, tail, _ := strings.Cut(arguments, ")")
	switch name + tail {
	case "smallint", "bigint", "boolean", "date":
		return name
	case "integer":
		return "int"
	case "oid":
		return "bigint"
	case "real":
		return "float"
	case "double precision":
		return "double"
	case "bytea":
		return "binary"
	case "numeric":
		return decimal(arguments)
	case "bit":
		if arguments == "1" || arguments == "" {
			return "boolean"
		}
	case "timestamp without time zone", "timestamp with time zone", "time without time zone", "time with time zone":

		return "timestamp"
	}
	return "string"
}

// decimal is the catalog's type for a number of so many digits, "10,2"; one without bounds has 38, 18 of them after the point.
func decimal(arguments string) string {
	precision, scale, _ := strings.Cut(arguments, ",")
	p, err := strconv.Atoi(strings.TrimSpace(precision))
	if err != nil || p < 1 {
		return "decimal(38,18)"
	}
	s, err := strconv.Atoi(strings.TrimSpace(scale))
	if err != nil {
		s = 0
	}
	if s < 0 {
		p, s = p-s, 0
	}
	p = min(max(p, s), 38)
	return "decimal(" + strconv.Itoa(p) + "," + strconv.Itoa(min(s, p)) + ")"
}

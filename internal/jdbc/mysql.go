package jdbc

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
)

type mysqlSession struct {
	db       *sql.DB
	database string
}

// openMySQL logs in to MySQL or MariaDB.
func openMySQL(ctx context.Context, a address) (session, error) {
	c := mysql.NewConfig()
	c.Net, c.Addr, c.User, c.Passwd, c.DBName = "tcp", a.place(), a.user, a.password, a.database
	c.Timeout, c.Logger = connectTime, &mysql.NopLogger{}
	c.ReadTimeout, c.WriteTimeout = listTime, connectTime
	c.ConnectionAttributes = "program_name:penstock"
	t, err := a.config()
	if err != nil {
		return nil, err
	}
	c.TLS, c.AllowFallbackToPlaintext = t, a.tls == tlsPrefer
	connector, err := mysql.NewConnector(c)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(1)
	db.SetConnMaxIdleTime(time.Minute)
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return mysqlSession{db, a.database}, nil
}

// listMySQL lists the columns of all wanted tables of a database.
const listMySQL = `
SELECT t.TABLE_NAME, t.TABLE_TYPE, t.TABLE_COMMENT, c.COLUMN_NAME, c.DATA_TYPE, c.COLUMN_TYPE, c.COLUMN_COMMENT,
	coalesce((SELECT k.ORDINAL_POSITION FROM information_schema.KEY_COLUMN_USAGE k WHERE k.TABLE_SCHEMA = t.TABLE_SCHEMA
		AND k.TABLE_NAME = t.TABLE_NAME AND k.COLUMN_NAME = c.COLUMN_NAME AND k.CONSTRAINT_NAME = 'PRIMARY'), 0)
FROM information_schema.TABLES t
JOIN information_schema.COLUMNS c ON c.TABLE_SCHEMA = t.TABLE_SCHEMA AND c.TABLE_NAME = t.TABLE_NAME
WHERE t.TABLE_SCHEMA = ? AND t.TABLE_NAME LIKE ? ESCAPE '|' AND t.TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED', 'VIEW')
ORDER BY BINARY t.TABLE_NAME, c.ORDINAL_POSITION`

func (m mysqlSession) tables(ctx context.Context, want Pattern, each func(Table) error) (err error) {
	rows, err := m.db.QueryContext(ctx, listMySQL, m.database, like(want.Table))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	a := &assembler{each: each}
	for rows.Next() {
		var t Table
		var c Column
		var kind, data string
		if err := rows.Scan(&t.Name, &kind, &t.Comment, &c.Name, &data, &c.Native, &c.Comment, &c.Key); err != nil {
			return err
		}
		if t.View = kind == "VIEW"; t.View {
			t.Comment = "" // it is "VIEW"
		}
		c.Type = mysqlType(strings.ToLower(data), strings.ToLower(c.Native))
		if err := a.add(t, c); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return a.end()
}

func (m mysqlSession) close(context.Context) error { return m.db.Close() }

// mysqlType is the catalog's type for one of MySQL's, of which DATA_TYPE has the name and COLUMN_TYPE all: the one that Spark reads it as.
func mysqlType(name, native string) string {
	unsigned := strings.Contains(native, "unsigned")
	_, arguments, _ := strings.Cut(native, "(")
	arguments, _, _ = strings.Cut(arguments, ")")
	switch name {
	case "tinyint":
		if arguments == "1" {
			return "boolean"
		}
		return wider(unsigned, "tinyint", "smallint")
	case "smallint":
		return wider(unsigned, "smallint", "int")
	case "mediumint":
		return "int"
	case "int":
		return wider(unsigned, "int", "bigint")
	case "bigint":
		return wider(unsigned, "bigint", "decimal(20,0)")
	case "decimal":
		return decimal(arguments)
	case "float", "double", "date":
		return name
	case "datetime", "timestamp", "time":
		return "timestamp"
	case "year":
		return "date"
	case "bit":
		return wider(arguments != "1" && arguments != "", "boolean", "binary")
	case "binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "geometry", "point", "linestring", "polygon", "multipoint",
		"multilinestring", "multipolygon", "geometrycollection":
		return "binary"
	}
	return "string"
}

func wider(so bool, narrow, wide string) string {
	if so {
		return wide
	}
	return narrow
}

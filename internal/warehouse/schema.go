package warehouse

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"penstock/internal/meta"
)

// Schema is this package's tables.
var Schema = meta.Schema{Name: "warehouse", Migrations: []string{`
CREATE TABLE warehouse_namespace(name TEXT PRIMARY KEY, doc TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE warehouse_workgroup(name TEXT PRIMARY KEY, namespace TEXT NOT NULL, doc TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE warehouse_user(namespace TEXT NOT NULL, name TEXT NOT NULL, secret TEXT NOT NULL, super INTEGER NOT NULL,
	expires INTEGER NOT NULL DEFAULT 0, PRIMARY KEY(namespace, name)) WITHOUT ROWID;
CREATE TABLE warehouse_statement(seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, token TEXT UNIQUE, status TEXT NOT NULL,
	workgroup TEXT NOT NULL, created INTEGER NOT NULL, doc TEXT NOT NULL);
CREATE INDEX warehouse_statement_status ON warehouse_statement(status, seq);
CREATE TABLE warehouse_page(id TEXT NOT NULL, page INTEGER NOT NULL, rows BLOB NOT NULL, PRIMARY KEY(id, page)) WITHOUT ROWID;
`, `
ALTER TABLE warehouse_user ADD COLUMN number INTEGER NOT NULL DEFAULT 0;
UPDATE warehouse_user SET number =
	99 + (SELECT count(*) FROM warehouse_user u WHERE u.namespace = warehouse_user.namespace AND u.name <= warehouse_user.name);
`, `
INSERT INTO call_answer (token, service, op, request, answer, at)
	SELECT token, 'redshift-data', iif(json_extract(doc, '$.Batch'), 'BatchExecuteStatement', 'ExecuteStatement'), x'', json_object('Id', id,
		'CreatedAt', json_extract(doc, '$.CreatedAt'), 'Database', json_extract(doc, '$.Database'), 'DbUser', json_extract(doc, '$.User'),
		'WorkgroupName', workgroup, 'DbGroups', json_array()), created
	FROM warehouse_statement WHERE token LIKE 'arn:%#%';
UPDATE warehouse_statement SET token = NULL WHERE token LIKE 'arn:%#%'; -- package meta keeps the tokens of calls since then
`, `
CREATE TABLE warehouse_first(made INTEGER NOT NULL); -- a row once it is decided whether there is a default workgroup
`, `
CREATE TABLE warehouse_namespace_2(region TEXT NOT NULL, name TEXT NOT NULL, doc TEXT NOT NULL, PRIMARY KEY(region, name)) WITHOUT ROWID;
INSERT INTO warehouse_namespace_2 SELECT 'us-east-1', name, doc FROM warehouse_namespace;
DROP TABLE warehouse_namespace;
ALTER TABLE warehouse_namespace_2 RENAME TO warehouse_namespace;
CREATE TABLE warehouse_workgroup_2(region TEXT NOT NULL, name TEXT NOT NULL, namespace TEXT NOT NULL, doc TEXT NOT NULL,
	PRIMARY KEY(region, name)) WITHOUT ROWID;
INSERT INTO warehouse_workgroup_2 SELECT 'us-east-1', name, namespace, doc FROM warehouse_workgroup;
DROP TABLE warehouse_workgroup;
ALTER TABLE warehouse_workgroup_2 RENAME TO warehouse_workgroup;
CREATE TABLE warehouse_user_2(region TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL, number INTEGER NOT NULL,
	secret TEXT NOT NULL, super INTEGER NOT NULL, expires INTEGER NOT NULL DEFAULT 0, PRIMARY KEY(region, namespace, name)) WITHOUT ROWID;
INSERT INTO warehouse_user_2 SELECT 'us-east-1', namespace, name, number, secret, super, expires FROM warehouse_user;
DROP TABLE warehouse_user;
ALTER TABLE warehouse_user_2 RENAME TO warehouse_user;
CREATE TABLE warehouse_statement_2(seq INTEGER PRIMARY KEY AUTOINCREMENT, region TEXT NOT NULL, id TEXT NOT NULL UNIQUE, token TEXT,
	status TEXT NOT NULL, workgroup TEXT NOT NULL, created INTEGER NOT NULL, doc TEXT NOT NULL, UNIQUE(region, token));
INSERT INTO warehouse_statement_2 SELECT seq, 'us-east-1', id, token, status, workgroup, created, doc FROM warehouse_statement;
DROP TABLE warehouse_statement;
ALTER TABLE warehouse_statement_2 RENAME TO warehouse_statement;
CREATE INDEX warehouse_statement_status ON warehouse_statement(status, seq);
CREATE INDEX warehouse_statement_region ON warehouse_statement(region, seq);
ALTER TABLE warehouse_first ADD COLUMN region TEXT NOT NULL DEFAULT 'us-east-1';
INSERT INTO tag_row (arn, key, value) SELECT json_extract(doc, '$.ARN'), t.key, t.value
	FROM warehouse_namespace, json_each(doc, '$.Tags') t WHERE t.type = 'text';
INSERT INTO tag_row (arn, key, value) SELECT json_extract(doc, '$.ARN'), t.key, t.value
	FROM warehouse_workgroup, json_each(doc, '$.Tags') t WHERE t.type = 'text';
UPDATE warehouse_namespace SET doc = json_remove(doc, '$.Tags');
UPDATE warehouse_workgroup SET doc = json_remove(doc, '$.Tags');
`}}

func getDoc[T any](tx *meta.Tx, notFound error, query string, args ...any) (*T, error) {
	var doc string
	err := tx.QueryRow(query, args...).Scan(&doc)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, notFound
	}
	if err != nil {
		return nil, err
	}
	v := new(T)
	if err := json.Unmarshal([]byte(doc), v); err != nil {
		return nil, fmt.Errorf("read a stored %T: %w", *v, err)
	}
	return v, nil
}

func listDocs[T any](tx *meta.Tx, query string, args ...any) ([]T, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		var doc string
		if err := rows.Scan(&doc); err != nil {
			return nil, err
		}
		var v T
		if err := json.Unmarshal([]byte(doc), &v); err != nil {
			return nil, fmt.Errorf("read a stored %T: %w", v, err)
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

func docOf(v any) (string, error) {
	b, err := json.Marshal(v)
	return string(b), err
}

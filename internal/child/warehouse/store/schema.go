package store

// format is the version of the tables below; a file with a higher one is refused.
const format = 3

// upgrades bring a file of format i+1 to i+2.
var upgrades = [][]string{
	{`ALTER TABLE penstock._columns ADD COLUMN trimmed BOOLEAN DEFAULT false`, `UPDATE penstock._format SET version = 2`},
	{`ALTER TABLE penstock._columns ADD COLUMN shown VARCHAR DEFAULT ''`, // from the engine's words, where they are simple ones
		`UPDATE penstock._columns SET shown = CASE WHEN starts_with(default_text, '''') AND starts_with(type, 'varchar')
			THEN default_text || '::character varying' WHEN starts_with(default_text, '''') AND starts_with(type, 'char')
			THEN default_text || '::bpchar' ELSE regexp_replace(default_text, '^CAST\(''([-+.0-9]+)'' AS [A-Z"]+(\([0-9, ]+\))?\)$', '\1') END`,
		`UPDATE penstock._format SET version = 3`},
}

// create makes Penstock's own tables in a new file.
var create = []string{
	`CREATE SCHEMA IF NOT EXISTS penstock`,
	`CREATE SCHEMA IF NOT EXISTS public`,
	`CREATE TABLE penstock._format(version INTEGER NOT NULL, prelude VARCHAR NOT NULL)`,
	`CREATE TABLE penstock._schemas(oid BIGINT NOT NULL, name VARCHAR NOT NULL, owner VARCHAR NOT NULL)`,
	`CREATE TABLE penstock._tables(oid BIGINT NOT NULL, schema_name VARCHAR NOT NULL, name VARCHAR NOT NULL, kind VARCHAR NOT NULL,
		diststyle VARCHAR NOT NULL, sortstyle VARCHAR NOT NULL, primary_key VARCHAR NOT NULL, text VARCHAR NOT NULL,
		late BOOLEAN NOT NULL, owner VARCHAR NOT NULL, comment VARCHAR NOT NULL, depends VARCHAR NOT NULL)`,
	`CREATE TABLE penstock._columns(oid BIGINT NOT NULL, ordinal INTEGER NOT NULL, name VARCHAR NOT NULL, type VARCHAR NOT NULL,
		not_null BOOLEAN NOT NULL, default_text VARCHAR NOT NULL, identity VARCHAR NOT NULL, encode VARCHAR NOT NULL,
		distkey BOOLEAN NOT NULL, sortkey INTEGER NOT NULL, comment VARCHAR NOT NULL, trimmed BOOLEAN, shown VARCHAR)`,
	`CREATE TABLE penstock._statements(id VARCHAR NOT NULL, committed_at TIMESTAMP NOT NULL)`,
	`CREATE TABLE penstock._load_errors(userid INTEGER, slice INTEGER, tbl BIGINT, starttime TIMESTAMP, session INTEGER, query BIGINT,
		filename VARCHAR, line_number BIGINT, colname VARCHAR, type VARCHAR, col_length VARCHAR, position INTEGER, raw_line VARCHAR,
		raw_field_value VARCHAR, err_code INTEGER, err_reason VARCHAR, is_partial INTEGER, start_offset BIGINT, table_name VARCHAR)`,
	`CREATE TABLE penstock._loads(query BIGINT, session INTEGER, username VARCHAR, table_name VARCHAR, source VARCHAR, filename VARCHAR,
		lines BIGINT, bytes BIGINT,
		starttime TIMESTAMP, endtime TIMESTAMP, status VARCHAR)`,
	`INSERT INTO penstock._schemas VALUES (11, 'pg_catalog', 'rdsdb'), (2200, 'public', 'rdsdb'), (2201, 'penstock', 'rdsdb')`,
	`INSERT INTO penstock._format VALUES (3, '')`,
}

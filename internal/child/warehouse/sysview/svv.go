package sysview

// svvViews are the views of tables and columns.
func svvViews() []View {
	return []View{
		view("svv_table_info", "database varchar(128); schema varchar(128); table_id bigint; table varchar(128); encoded varchar(32); "+
			"diststyle varchar(128); sortkey1 varchar(128); max_varchar integer; sortkey1_enc varchar(32); sortkey_num integer; "+
			"size bigint; pct_used decimal(10,4); empty bigint; unsorted decimal(5,2); stats_off decimal(5,2); tbl_rows decimal(38,0); "+
			"skew_sortkey1 decimal(19,2); skew_rows decimal(19,2); estimated_visible_rows decimal(38,0); risk_event varchar(128); "+
			"vacuum_sort_benefit decimal(12,2); create_time timestamp",
			`SELECT :database AS "database", t.schema_name AS "schema", t.oid AS table_id, t.name AS "table", 'Y, AUTO(ENCODE)' AS encoded,
			CASE t.diststyle WHEN 'key' THEN 'KEY(' || (SELECT max(c.name) FROM :columns c WHERE c.oid = t.oid AND c.distkey) || ')'
			WHEN 'auto' THEN 'AUTO(ALL)' ELSE upper(t.diststyle) END AS diststyle,
			COALESCE((SELECT max(c.name) FROM :columns c WHERE c.oid = t.oid AND c.sortkey = 1), CASE WHEN t.sortstyle = 'auto' THEN 'AUTO(SORTKEY)'
			ELSE '' END) AS sortkey1,
			COALESCE((SELECT max(`+length+`) FROM :columns c WHERE c.oid = t.oid AND `+kind+` = 'varchar'), 0)::INTEGER AS max_varchar,
			(SELECT max(c.encode) FROM :columns c WHERE c.oid = t.oid AND c.sortkey = 1) AS sortkey1_enc,
			(SELECT count(*)::INTEGER FROM :columns c WHERE c.oid = t.oid AND c.sortkey <> 0) AS sortkey_num,
			NULL::BIGINT AS size, NULL::DECIMAL(10,4) AS pct_used, NULL::BIGINT AS empty, NULL::DECIMAL(5,2) AS unsorted,
			NULL::DECIMAL(5,2) AS stats_off, d.estimated_size::DECIMAL(38,0) AS tbl_rows,
			NULL::DECIMAL(19,2) AS skew_sortkey1, NULL::DECIMAL(19,2) AS skew_rows, d.estimated_size::DECIMAL(38,0) AS estimated_visible_rows,
			NULL::VARCHAR AS risk_event,
			NULL::DECIMAL(12,2) AS vacuum_sort_benefit, NULL::TIMESTAMP AS create_time
			FROM :tables t JOIN duckdb_tables() d ON d.schema_name = t.schema_name AND d.table_name = t.name
			AND NOT d.temporary WHERE t.kind = 'r'`),
		view("svv_tables",
			"table_catalog varchar(128); table_schema varchar(128); table_name varchar(128); table_type varchar(128); remarks varchar(256)",
			`SELECT :database AS table_catalog, t.schema_name AS table_schema, t.name AS table_name, CASE WHEN t.kind = 'v' THEN 'VIEW' WHEN `+
				`t.schema_name LIKE 'pg_temp_%' THEN 'LOCAL TEMPORARY' ELSE 'BASE TABLE' END AS table_type, t.comment AS remarks FROM :tables t`),
		view("svv_all_tables", "database_name varchar(128); schema_name varchar(128); table_name varchar(128); table_type varchar(128); "+
			"table_acl varchar(128); remarks varchar(256)",
			`SELECT :database AS database_name, t.schema_name AS schema_name, t.name AS table_name, `+
				`CASE t.kind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END AS table_type, NULL::VARCHAR AS table_acl, t.comment AS remarks FROM :tables t`),
		view("svv_redshift_tables", "database_name varchar(128); schema_name varchar(128); table_name varchar(128); table_type varchar(128); "+
			"table_acl varchar(128); remarks varchar(256)",
			`SELECT :database AS database_name, t.schema_name AS schema_name, t.name AS table_name, `+
				`CASE t.kind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END AS table_type, NULL::VARCHAR AS table_acl, t.comment AS remarks FROM :tables t`),
		view("svv_columns", columnColumns, columnRows("table_catalog", "table_schema", "table_name")),
		view("svv_all_columns", "database_name varchar(128); schema_name varchar(128); table_name varchar(128); "+
			"column_name varchar(128); ordinal_position integer; column_default varchar(4000); is_nullable varchar(3); data_type varchar(128); "+
			"character_maximum_length integer; numeric_precision integer; numeric_scale integer; remarks varchar(256)",
			columnRows("database_name", "schema_name", "table_name")),
		view("svv_redshift_columns", "database_name varchar(128); schema_name varchar(128); table_name varchar(128); column_name varchar(128); "+
			"ordinal_position integer; data_type varchar(32); column_default varchar(4000); is_nullable varchar(3); encoding varchar(128); "+
			"distkey boolean; sortkey integer; column_acl varchar(128); remarks varchar(256)",
			`SELECT :database AS database_name, t.schema_name AS schema_name, t.name AS table_name, c.name AS column_name, `+
				`c.ordinal AS ordinal_position, `+spelled+` AS data_type, `+shownDefault+` AS column_default,
			CASE WHEN c.not_null THEN 'NO' ELSE 'YES' END AS is_nullable, c.encode AS encoding, c.distkey AS distkey, c.sortkey AS sortkey,
			NULL::VARCHAR AS column_acl, c.comment AS remarks`+
				tables),
	}
}

// schemaViews are the views of schemas and databases, and of external tables, of which there are none.
func schemaViews() []View {
	return []View{
		view("svv_all_schemas", "database_name varchar(128); schema_name varchar(128); schema_owner integer; schema_type varchar(128); "+
			"schema_acl varchar(128); source_database varchar(128); schema_option varchar(128)",
			`SELECT :database AS database_name, t.name AS schema_name, `+ownerID+`::INTEGER AS schema_owner, 'local' AS schema_type, `+
				`NULL::VARCHAR AS schema_acl, NULL::VARCHAR AS source_database, NULL::VARCHAR AS schema_option FROM :schemas t`),
		view("svv_external_schemas",
			"esoid bigint; eskind smallint; schemaname varchar(128); esowner integer; databasename varchar(128); esoptions varchar(4000)",
			`SELECT 0::BIGINT AS esoid, 0::SMALLINT AS eskind, ''::VARCHAR AS schemaname, 0 AS esowner, ''::VARCHAR AS databasename, `+
				`''::VARCHAR AS esoptions WHERE false`),
		view("svv_external_tables", "redshift_database_name varchar(128); schemaname varchar(128); "+
			"tablename varchar(128); tabletype varchar(128); location varchar(1024); input_format varchar(128); output_format varchar(128); "+
			"serialization_lib varchar(128); serde_parameters varchar(4000); compressed integer; parameters varchar(4000)",
			`SELECT ''::VARCHAR AS redshift_database_name, ''::VARCHAR AS schemaname, ''::VARCHAR AS tablename, ''::VARCHAR AS tabletype, `+
				`''::VARCHAR AS location, ''::VARCHAR AS input_format, ''::VARCHAR AS output_format, ''::VARCHAR AS serialization_lib, `+
				`''::VARCHAR AS serde_parameters, 0 AS compressed, ''::VARCHAR AS parameters WHERE false`),
		view("svv_external_columns", "redshift_database_name varchar(128); schemaname varchar(128); tablename varchar(128); "+
			"columnname varchar(128); external_type varchar(128); columnnum integer; part_key integer; is_nullable varchar(5)",
			`SELECT ''::VARCHAR AS redshift_database_name, ''::VARCHAR AS schemaname, ''::VARCHAR AS tablename, ''::VARCHAR AS columnname, `+
				`''::VARCHAR AS external_type, 0 AS columnnum, 0 AS part_key, ''::VARCHAR AS is_nullable WHERE false`),
		view("svv_redshift_schemas", "database_name varchar(128); schema_name varchar(128); schema_owner integer; schema_type varchar(128); "+
			"schema_acl varchar(128); schema_option varchar(128)",
			`SELECT :database AS database_name, t.name AS schema_name, `+ownerID+
				`::INTEGER AS schema_owner, 'local' AS schema_type, NULL::VARCHAR AS schema_acl, NULL::VARCHAR AS schema_option FROM :schemas t`),
		view("svv_redshift_databases", "database_name varchar(128); database_owner integer; database_type varchar(32); "+
			"database_acl varchar(128); database_options varchar(128); database_isolation_level varchar(128)",
			`SELECT unnest(:databases) AS database_name, 100 AS database_owner, 'local' AS database_type, NULL::VARCHAR AS database_acl, `+
				`NULL::VARCHAR AS database_options, 'Snapshot Isolation' AS database_isolation_level`),
	}
}

const columnColumns = "table_catalog varchar(128); table_schema varchar(128); table_name varchar(128); " +
	"column_name varchar(128); ordinal_position integer; column_default varchar(4000); is_nullable varchar(3); data_type varchar(128); " +
	"character_maximum_length integer; numeric_precision integer; numeric_precision_radix integer; numeric_scale integer; " +
	"datetime_precision integer; interval_type varchar(128); interval_precision varchar(128); character_set_catalog varchar(128); " +
	"character_set_schema varchar(128); character_set_name varchar(128); collation_catalog varchar(128); collation_schema varchar(128); " +
	"collation_name varchar(128); domain_name varchar(128); remarks varchar(256)"

// shownDefault is a column's default as Redshift shows it: that of an identity column is a call with the table's number, the column's place
// from 0, and the numbers that it begins with and goes on by. NULL is none.
const shownDefault = `CASE WHEN c.identity <> '' THEN CASE split_part(c.identity, ':', 1) WHEN 'default' THEN '"default_identity"' ` +
	`ELSE '"identity"' END || '(' || c.oid || ', ' || (c.ordinal - 1) || ', ''' || split_part(c.identity, ':', 2) || '''::text)' ` +
	`ELSE NULLIF(c.shown, '') END`

// columnRows lists columns; the first three names differ from view to view.
func columnRows(catalog, schema, table string) string {
	return `SELECT :database AS ` + catalog + `, t.schema_name AS ` + schema + `, t.name AS ` + table +
		`, c.name AS column_name, c.ordinal AS ordinal_position,
		` + shownDefault + ` AS column_default, CASE WHEN c.not_null THEN 'NO' ELSE 'YES' END AS is_nullable,
		regexp_replace(` + spelled + `, '\(.*', '') AS data_type, CASE WHEN ` + kind + ` IN ('varchar', 'char') THEN ` + length +
		` END AS character_maximum_length,
		CASE ` + kind + ` WHEN 'decimal' THEN 10 WHEN 'smallint' ` +
		`THEN 2 WHEN 'integer' THEN 2 WHEN 'bigint' THEN 2 END AS numeric_precision_radix, CASE WHEN ` + kind +
		` IN ('time', 'timetz', 'timestamp', 'timestamptz') THEN 6 END AS datetime_precision, NULL::VARCHAR AS interval_type,
			NULL::VARCHAR AS interval_precision, NULL::VARCHAR AS character_set_catalog, NULL::VARCHAR AS character_set_schema,
		NULL::VARCHAR AS character_set_name, NULL::VARCHAR AS collation_catalog, NULL::VARCHAR AS collation_schema,
		NULL::VARCHAR AS collation_name, NULL::VARCHAR AS domain_name,
		CASE ` + kind + ` WHEN 'decimal' THEN ` + length + ` WHEN 'smallint' THEN 16 WHEN 'integer' THEN 32
			WHEN 'bigint' THEN 64 END AS numeric_precision,
		CASE ` + kind + ` WHEN 'decimal' THEN COALESCE(` + scale +
		`, 0) WHEN 'smallint' THEN 0 WHEN 'integer' THEN 0 WHEN 'bigint' THEN 0 END AS numeric_scale, c.comment AS remarks` + tables
}

func loadViews() []View {
	return []View{
		view("stl_load_errors", "userid integer; slice integer; tbl bigint; starttime timestamp; session integer; query bigint; "+
			"filename char(256); line_number bigint; colname char(127); type char(10); col_length char(10); position integer; raw_line char(1024); "+
			"raw_field_value char(1024); err_code integer; err_reason char(100); is_partial integer; start_offset bigint",
			`SELECT userid, slice, tbl, starttime, session, query, filename, line_number, colname, type, col_length, position, raw_line, `+
				`raw_field_value, err_code, left(err_reason, 100) AS err_reason, is_partial, start_offset FROM penstock._load_errors`),
		view("sys_load_error_detail", "user_id integer; query_id bigint; session_id integer; database_name varchar(64); "+
			"table_id bigint; table_name varchar(128); start_time timestamp; file_name varchar(256); line_number bigint; column_name varchar(127); "+
			"column_type varchar(10); column_length varchar(10); position integer; error_code integer; error_message varchar(512)",
			`SELECT userid AS user_id, query AS query_id, session AS session_id, :database AS database_name, tbl AS table_id, `+
				`table_name, starttime AS start_time, filename AS file_name, line_number, colname AS column_name, type AS column_type, `+
				`col_length AS column_length, position, err_code AS error_code, err_reason AS error_message FROM penstock._load_errors`),
		view("stl_load_commits", "userid integer; query bigint; slice integer; name varchar(128); filename char(256); byte_offset integer; "+
			"lines_scanned bigint; errors integer; curtime timestamp; status integer",
			`SELECT 100 AS userid, query, 0 AS slice, table_name AS name, filename, 0 AS byte_offset, lines AS lines_scanned, 0 AS errors, `+
				`endtime AS curtime, 1 AS status FROM penstock._loads`),
		view("sys_load_history", "user_id integer; query_id bigint; session_id integer; database_name varchar(64); "+
			"status varchar(10); table_name varchar(128); start_time timestamp; end_time timestamp; data_source varchar(4000); loaded_rows bigint; "+
			"loaded_bytes bigint; source_file_count integer; error_count bigint",
			`SELECT 100 AS user_id, query AS query_id, max(session) AS session_id, :database AS database_name, 'completed' AS status,
				max(table_name) AS table_name, min(starttime) AS start_time, max(endtime) AS end_time, max(source) AS data_source,
			sum(lines)::BIGINT AS loaded_rows, sum(bytes)::BIGINT AS loaded_bytes, count(*)::INTEGER AS source_file_count, 0::BIGINT AS error_count
			FROM penstock._loads GROUP BY query`),
	}
}

func informationViews() []View {
	return []View{
		view("information_schema.tables",
			"table_catalog varchar(128); table_schema varchar(128); table_name varchar(128); table_type varchar(128)",
			`SELECT :database AS table_catalog, t.schema_name AS table_schema, t.name AS table_name, CASE WHEN t.kind = 'v' THEN 'VIEW' WHEN `+
				`t.schema_name LIKE 'pg_temp_%' THEN 'LOCAL TEMPORARY' ELSE 'BASE TABLE' END AS table_type FROM :tables t`),
		view("information_schema.columns", columnColumns, columnRows("table_catalog", "table_schema", "table_name")),
		view("information_schema.views",
			"table_catalog varchar(128); table_schema varchar(128); table_name varchar(128); view_definition varchar(65535)",
			`SELECT :database AS table_catalog, t.schema_name AS table_schema, t.name AS table_name, `+
				`t.text AS view_definition FROM :tables t WHERE t.kind = 'v'`),
		view("information_schema.schemata", "catalog_name varchar(128); schema_name varchar(128); schema_owner varchar(128)",
			`SELECT :database AS catalog_name, name AS schema_name, owner AS schema_owner FROM :schemas`),
		view("information_schema.table_constraints", "constraint_catalog varchar(128); constraint_schema varchar(128); constraint_name "+
			"varchar(128); table_catalog varchar(128); table_schema varchar(128); table_name varchar(128); constraint_type varchar(16)",
			`SELECT :database AS constraint_catalog, t.schema_name AS constraint_schema, t.name || '_pkey' AS constraint_name,
				:database AS table_catalog, t.schema_name AS table_schema, t.name AS table_name, 'PRIMARY KEY' AS constraint_type
			FROM :tables t WHERE t.primary_key NOT IN ('null', '[]')`),
		view("information_schema.key_column_usage",
			"constraint_catalog varchar(128); constraint_schema varchar(128); constraint_name varchar(128); table_catalog varchar(128); "+
				"table_schema varchar(128); table_name varchar(128); column_name varchar(128); ordinal_position integer",
			`SELECT :database AS constraint_catalog, t.schema_name AS constraint_schema, t.name || '_pkey' AS constraint_name,
				:database AS table_catalog, t.schema_name AS table_schema, t.name AS table_name, k.value ->> '$' AS column_name,
				(k.key::INTEGER + 1) AS ordinal_position
			FROM :tables t, json_each(t.primary_key) k WHERE t.primary_key NOT IN ('null', '[]')`),
	}
}

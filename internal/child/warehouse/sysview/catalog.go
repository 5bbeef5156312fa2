package sysview

// pgType is pg_type's rows: the types that columns may have, under PostgreSQL's numbers.
const pgType = `SELECT * FROM (VALUES
	(16::BIGINT,'bool',1,'B','boolean'),(17,'bytea',-1,'U','bytea'),(18,'char',1,'S','"char"'),(19,'name',64,'S','name'),
	(20,'int8',8,'N','bigint'),(21,'int2',2,'N','smallint'),(23,'int4',4,'N','integer'),(25,'text',-1,'S','text'),(26,'oid',4,'N','oid'),
	(700,'float4',4,'N','real'),(701,'float8',8,'N','double precision'),(705,'unknown',-2,'X','unknown'),(1042,'bpchar',-1,'S','character'),
	(1043,'varchar',-1,'S','character varying'),(1082,'date',4,'D','date'),(1083,'time',8,'D','time without time zone'),
	(1114,'timestamp',8,'D','timestamp without time zone'),(1184,'timestamptz',8,'D','timestamp with time zone'),
	(1186,'interval',16,'T','interval'),(1266,'timetz',12,'D','time with time zone'),(1700,'numeric',-1,'N','numeric'),
	(4000,'super',-1,'U','super'),(6551,'varbyte',-1,'U','varbyte'))
	t(oid, typname, typlen, typcategory, spelled)`

// kind is the type's word without its length: "varchar", "decimal".
const kind = `regexp_extract(c.type, '^[a-z ]+')`

// typeOID is the number of a column's type.
const typeOID = `CASE ` + kind + ` WHEN 'boolean' THEN 16 WHEN 'bigint' THEN 20 WHEN 'smallint' THEN 21
	WHEN 'tinyint' THEN 21 WHEN 'integer' THEN 23
	WHEN 'real' THEN 700 WHEN 'double precision' THEN 701 WHEN 'char' THEN 1042 WHEN 'varchar' THEN 1043
	WHEN 'string' THEN 1043 WHEN 'date' THEN 1082
	WHEN 'time' THEN 1083 WHEN 'timestamp' THEN 1114 WHEN 'timestamptz' THEN 1184 WHEN 'interval' THEN 1186 WHEN 'timetz' THEN 1266
	WHEN 'decimal' THEN 1700 WHEN 'super' THEN 4000 WHEN 'varbyte' THEN 6551 ELSE 705 END`

// length and scale are a type's numbers, NULL when it has none. Text of which no length is known may be as long as any.
const (
	length = `COALESCE(TRY_CAST(regexp_extract(c.type, '\((\d+)', 1) AS INTEGER), CASE WHEN ` + kind +
		` IN ('varchar', 'string') THEN 65535 END)`
	scale = `TRY_CAST(regexp_extract(c.type, ',(\d+)\)', 1) AS INTEGER)`
)

// modifier is pg_attribute.atttypmod.
const modifier = `CASE WHEN ` + length + ` IS NULL THEN -1 WHEN ` + kind + ` = 'decimal' THEN ` + length + ` * 65536 + COALESCE(` + scale +
	`, 0) + 4 ELSE ` + length + ` + 4 END`

// spelled is a type as Redshift's catalog writes it.
const spelled = `CASE ` + kind + ` WHEN 'varchar' THEN 'character varying(' || ` + length + ` || ')'
	WHEN 'string' THEN 'character varying(65535)'
	WHEN 'char' THEN replace(c.type, 'char', 'character') WHEN 'decimal' THEN replace(c.type, 'decimal', 'numeric')
	WHEN 'timestamp' THEN 'timestamp without time zone' WHEN 'timestamptz' THEN 'timestamp with time zone'
	WHEN 'time' THEN 'time without time zone' ELSE c.type END`

// tables joins tables with their columns.
const tables = ` FROM :tables t JOIN :columns c ON c.oid = t.oid`

// schemaOID is the number of a table's schema.
const schemaOID = `(SELECT max(s.oid) FROM :schemas s WHERE s.name = t.schema_name)`

// ownerID is the number of a table's owner; 1 is rdsdb, whose are the schemas that come with a database.
const ownerID = `COALESCE((SELECT max(u.usesysid) FROM :users u WHERE u.usename = t.owner), 1)`

// Numbers made from a table's: of the index of its primary key, of its constraint, of a view's rule.
const (
	indexOID = `(t.oid + 1000000000)`
	ruleOID  = `(t.oid + 1500000000)`
)

// keyed is a condition on the tables that have a primary key.
const keyed = `t.primary_key NOT IN ('null', '[]')`

// keyColumns are the columns of the primary keys: t, its column c, and place, from 1.
const keyColumns = `(SELECT t.oid, c.ordinal, k.key::INTEGER + 1 AS place FROM :tables t, json_each(t.primary_key) k, :columns c
	WHERE ` + keyed + ` AND c.oid = t.oid AND c.name = (k.value ->> '$'))`

// relation is a row of pg_class; natts, kind and the like differ between tables and their indexes.
func relation(oid, name, kind, natts string) string {
	return `SELECT ` + oid + ` AS oid, ` + name + ` AS relname, ` + schemaOID + ` AS relnamespace, 0::BIGINT AS reltype, ` + ownerID +
		`::INTEGER AS relowner, 0::BIGINT AS relam,
		t.oid AS relfilenode, 0::BIGINT AS reltablespace, 0 AS relpages, 0.001::REAL AS reltuples, (` + keyed + ` AND ` + kind +
		` = 'r') AS relhasindex, false AS relisshared, ` + kind + ` AS relkind,
		(` + natts + `)::SMALLINT AS relnatts, 0::SMALLINT AS relchecks, false AS relhasoids, ` + keyed + ` AS relhaspkey,
			(t.kind = 'v') AS relhasrules, false AS relhassubclass, false AS relhastriggers,
		CASE t.diststyle WHEN 'even' THEN 0 WHEN 'key' THEN 1 WHEN 'all' THEN 8 ELSE 9 END::SMALLINT AS reldiststyle,
		NULL::VARCHAR AS relacl, NULL::VARCHAR AS reloptions, 0::BIGINT AS reltoastrelid, 0::BIGINT AS reltoastidxid, 'p' AS relpersistence,
		0::BIGINT AS reloftype FROM :tables t`
}

func catalogViews() []View {
	return append(relationViews(), []View{
		view("pg_namespace", "oid bigint; nspname varchar(128); nspowner integer; nspacl varchar(256)",
			`SELECT t.oid, t.name AS nspname, `+ownerID+`::INTEGER AS nspowner, NULL::VARCHAR AS nspacl FROM :schemas t`),
		view("pg_type", "oid bigint; typname varchar(128); typlen smallint; typtype varchar(1); typcategory varchar(1); "+
			"typnamespace bigint; typowner integer; typbyval boolean; typisdefined boolean; typdelim varchar(1); typrelid bigint; typelem bigint; "+
			"typinput varchar(64); typbasetype bigint; typtypmod integer; typnotnull boolean; typndims integer; typcollation bigint; "+
			"typdefault varchar(64); spelled varchar(64)",
			`SELECT oid, typname, typlen::SMALLINT AS typlen, 'b' AS typtype, typcategory, 11::BIGINT AS typnamespace, 1 AS typowner,
				false AS typbyval, true AS typisdefined, ',' AS typdelim, 0::BIGINT AS typrelid, 0::BIGINT AS typelem,
			typname || 'in' AS typinput, 0::BIGINT AS typbasetype, -1 AS typtypmod, false AS typnotnull, 0 AS typndims, 0::BIGINT AS typcollation,
			NULL::VARCHAR AS typdefault, spelled FROM (`+pgType+`)`),
		view("pg_database", "oid bigint; datname varchar(128); datdba integer; encoding integer; datistemplate boolean; datallowconn boolean; "+
			"datconnlimit integer; datacl varchar(256)",
			`SELECT (100 + generate_subscripts(:databases, 1))::BIGINT AS oid, unnest(:databases) AS datname, 100 AS datdba, 6 AS encoding, `+
				`false AS datistemplate, true AS datallowconn, -1 AS datconnlimit, NULL::VARCHAR AS datacl`),
		view("pg_user", "usename varchar(128); usesysid integer; usecreatedb boolean; usesuper boolean; usecatupd boolean; passwd varchar(32); "+
			"valuntil timestamp; useconfig varchar(256)",
			`SELECT usename, usesysid, usecreatedb, usesuper, usesuper AS usecatupd, '********' AS passwd, NULL::TIMESTAMP AS valuntil, `+
				`NULL::VARCHAR AS useconfig FROM :users`),
		view("svl_user_info", "usename varchar(128); usesysid integer; usecreatedb boolean; usesuper boolean; usecatupd boolean; "+
			"useconnlimit varchar(16); syslogaccess varchar(16); last_ddl_ts timestamp; sessiontimeout integer; external_user_id varchar(128)",
			`SELECT usename, usesysid, usecreatedb, usesuper, usesuper AS usecatupd, 'UNLIMITED' AS useconnlimit, `+
				`CASE WHEN usesuper THEN 'UNRESTRICTED' ELSE 'RESTRICTED' END AS syslogaccess, NULL::TIMESTAMP AS last_ddl_ts, 0 AS sessiontimeout, `+
				`NULL::VARCHAR AS external_user_id FROM :users`),
		view("pg_tables", "schemaname varchar(128); tablename varchar(128); tableowner varchar(128); tablespace varchar(128); "+
			"hasindexes boolean; hasrules boolean; hastriggers boolean",
			`SELECT schema_name AS schemaname, name AS tablename, owner AS tableowner, NULL::VARCHAR AS tablespace, `+keyed+
				` AS hasindexes, false AS hasrules, false AS hastriggers FROM :tables t WHERE kind = 'r'`),
		view("pg_views", "schemaname varchar(128); viewname varchar(128); viewowner varchar(128); definition varchar(65535)",
			`SELECT schema_name AS schemaname, name AS viewname, owner AS viewowner, text AS definition FROM :tables WHERE kind = 'v'`),
		view("pg_table_def", "schemaname varchar(128); tablename varchar(128); column varchar(128); type varchar(128); encoding varchar(32); "+
			"distkey boolean; sortkey integer; notnull boolean",
			`SELECT t.schema_name AS schemaname, t.name AS tablename, c.name AS "column", `+spelled+
				` AS type, c.encode AS encoding, c.distkey AS distkey, c.sortkey AS sortkey, c.not_null AS "notnull"`+
				tables+` WHERE t.kind = 'r' AND t.schema_name IN (SELECT unnest(:path)) ORDER BY t.schema_name, t.name, c.ordinal`),
		view("pg_description", "objoid bigint; classoid bigint; objsubid integer; description varchar(65535)",
			`SELECT oid AS objoid, 1259::BIGINT AS classoid, 0 AS objsubid, comment AS description FROM :tables WHERE comment <> ''
			UNION ALL SELECT oid, 1259, ordinal, comment FROM :columns WHERE comment <> ''`),
		view("pg_collation", "oid bigint; collname varchar(128); collnamespace bigint; collowner integer",
			`SELECT 0::BIGINT AS oid, ''::VARCHAR AS collname, 0::BIGINT AS collnamespace, 0 AS collowner WHERE false`),
		view("pg_inherits", "inhrelid bigint; inhparent bigint; inhseqno integer",
			`SELECT 0::BIGINT AS inhrelid, 0::BIGINT AS inhparent, 0 AS inhseqno WHERE false`),
		view("pg_trigger", "oid bigint; tgrelid bigint; tgname varchar(128); tgenabled varchar(1)",
			`SELECT 0::BIGINT AS oid, 0::BIGINT AS tgrelid, ''::VARCHAR AS tgname, ''::VARCHAR AS tgenabled WHERE false`),
		view("pg_group", "groname varchar(128); grosysid integer; grolist varchar(256)",
			`SELECT ''::VARCHAR AS groname, 0 AS grosysid, NULL::VARCHAR AS grolist WHERE false`),
		view("pg_proc", "oid bigint; proname varchar(128); pronamespace bigint; proowner integer; prolang bigint; proisagg boolean; "+
			"prosecdef boolean; proretset boolean; pronargs smallint; prorettype bigint; prosrc varchar(65535)",
			`SELECT 0::BIGINT AS oid, ''::VARCHAR AS proname, 0::BIGINT AS pronamespace, 0 AS proowner, 0::BIGINT AS prolang, false AS proisagg, `+
				`false AS prosecdef, false AS proretset, 0::SMALLINT AS pronargs, 0::BIGINT AS prorettype, ''::VARCHAR AS prosrc WHERE false`),
	}...)
}

// relationViews are the catalog of tables, views, their columns and keys.
func relationViews() []View {
	return []View{
		view("pg_class", "oid bigint; relname varchar(128); relnamespace bigint; reltype bigint; relowner integer; "+
			"relam bigint; relfilenode bigint; reltablespace bigint; relpages integer; reltuples real; relhasindex boolean; relisshared boolean; "+
			"relkind varchar(1); relnatts smallint; relchecks smallint; relhasoids boolean; relhaspkey boolean; relhasrules boolean; "+
			"relhassubclass boolean; relhastriggers boolean; reldiststyle smallint; relacl varchar(256); reloptions varchar(256); "+
			"reltoastrelid bigint; reltoastidxid bigint; relpersistence varchar(1); reloftype bigint",
			relation("t.oid", "t.name", "t.kind", "SELECT count(*) FROM :columns c WHERE c.oid = t.oid")+
				` UNION ALL `+relation(indexOID, "t.name || '_pkey'", "'i'", "SELECT count(*) FROM json_each(t.primary_key)")+` WHERE `+keyed),
		view("pg_attribute", "attrelid bigint; attname varchar(128); atttypid bigint; attstattarget integer; attlen smallint; attnum smallint; "+
			"attndims integer; attcacheoff integer; atttypmod integer; attbyval boolean; attstorage varchar(1); attalign varchar(1); "+
			"attnotnull boolean; atthasdef boolean; attisdropped boolean; attislocal boolean; attinhcount integer; attcollation bigint; "+
			"attisdistkey boolean; attsortkeyord integer; attencodingtype smallint",
			attribute("c.oid", "c.ordinal", ":columns c")+` UNION ALL `+
				attribute("k.oid + 1000000000", "k.place", keyColumns+` k JOIN :columns c ON c.oid = k.oid AND c.ordinal = k.ordinal`)),
		view("pg_attrdef", "adrelid bigint; adnum smallint; adbin varchar(4000); adsrc varchar(4000)",
			`SELECT c.oid AS adrelid, c.ordinal::SMALLINT AS adnum, `+shownDefault+` AS adbin, `+
				shownDefault+` AS adsrc FROM :columns c WHERE `+shownDefault+` IS NOT NULL`),
		view("pg_index", "indexrelid bigint; indrelid bigint; indkey varchar(256); indnatts smallint; indisunique boolean; "+
			"indisprimary boolean; indisclustered boolean; indisvalid boolean; indexprs varchar(256); indpred varchar(256)",
			`SELECT `+indexOID+` AS indexrelid, t.oid AS indrelid, (SELECT string_agg(k.ordinal::VARCHAR, ' ' ORDER BY k.place) FROM `+keyColumns+
				` k WHERE k.oid = t.oid) AS indkey,
			json_array_length(t.primary_key)::SMALLINT AS indnatts, true AS indisunique, true AS indisprimary, false AS indisclustered,
			true AS indisvalid, NULL::VARCHAR AS indexprs, NULL::VARCHAR AS indpred FROM :tables t WHERE `+keyed),
		view("pg_indexes",
			"schemaname varchar(128); tablename varchar(128); indexname varchar(128); tablespace varchar(128); indexdef varchar(4000)",
			`SELECT t.schema_name AS schemaname, t.name AS tablename, t.name || '_pkey' AS indexname, NULL::VARCHAR AS tablespace,
				'CREATE UNIQUE INDEX ' || t.name || '_pkey ON ' || t.schema_name || '.' || t.name || ' USING btree (' ||
			(SELECT string_agg((k.value ->> '$'), ', ' ORDER BY k.key::INTEGER) FROM json_each(t.primary_key) k) || ')' AS indexdef
			FROM :tables t WHERE `+keyed),
		view("pg_constraint", "oid bigint; conname varchar(128); connamespace bigint; contype varchar(1); condeferrable boolean; "+
			"condeferred boolean; conrelid bigint; contypid bigint; conindid bigint; confrelid bigint; confupdtype varchar(1); "+
			"confdeltype varchar(1); confmatchtype varchar(1); conkey varchar(256); confkey varchar(256); conbin varchar(256); consrc varchar(256)",
			`SELECT `+indexOID+` AS oid, t.name || '_pkey' AS conname, `+schemaOID+` AS connamespace, 'p' AS contype, false AS condeferrable, `+
				`false AS condeferred, t.oid AS conrelid, 0::BIGINT AS contypid, `+indexOID+` AS conindid, 0::BIGINT AS confrelid,
			' ' AS confupdtype, ' ' AS confdeltype, ' ' AS confmatchtype,
			'{' || (SELECT string_agg(k.ordinal::VARCHAR, ',' ORDER BY k.place) FROM `+keyColumns+` k WHERE k.oid = t.oid) || '}' AS conkey,
			NULL::VARCHAR AS confkey, NULL::VARCHAR AS conbin, NULL::VARCHAR AS consrc FROM :tables t WHERE `+keyed),
		view("pg_rewrite", "oid bigint; rulename varchar(128); ev_class bigint; ev_attr smallint; ev_type varchar(1); is_instead boolean",
			`SELECT `+ruleOID+` AS oid, '_RETURN' AS rulename, t.oid AS ev_class, -1::SMALLINT AS ev_attr, '1' AS ev_type, `+
				`true AS is_instead FROM :tables t WHERE t.kind = 'v'`),
		view("pg_depend",
			"classid bigint; objid bigint; objsubid integer; refclassid bigint; refobjid bigint; refobjsubid integer; deptype varchar(1)",
			`SELECT 2618::BIGINT AS classid, `+ruleOID+` AS objid, 0 AS objsubid, 1259::BIGINT AS refclassid, (d.value ->> '$')::BIGINT AS refobjid,
				0 AS refobjsubid, 'n' AS deptype
			FROM :tables t, json_each(t.depends) d WHERE t.kind = 'v' AND t.depends NOT IN ('null', '[]')
			UNION ALL SELECT 2618, `+ruleOID+`, 0, 1259, t.oid, 0, 'i' FROM :tables t WHERE t.kind = 'v'`),
	}
}

// attribute is a row of pg_attribute.
func attribute(relation, place, from string) string {
	return `SELECT ` + relation + ` AS attrelid, c.name AS attname, (` + typeOID + `)::BIGINT AS atttypid, -1 AS attstattarget, ` +
		`(SELECT max(y.typlen) FROM (` + pgType + `) y WHERE y.oid = ` + typeOID + `)::SMALLINT AS attlen,
		(` + place + `)::SMALLINT AS attnum, 0 AS attndims, -1 AS attcacheoff, ` + modifier + ` AS atttypmod, false AS attbyval,
			'p' AS attstorage, 'i' AS attalign, c.not_null AS attnotnull, ` + shownDefault + ` IS NOT NULL AS atthasdef,
		false AS attisdropped, true AS attislocal, 0 AS attinhcount, 0::BIGINT AS attcollation, c.distkey AS attisdistkey,
		c.sortkey AS attsortkeyord,
		CASE c.encode WHEN 'none' THEN 0 WHEN 'raw' THEN 0 WHEN 'bytedict' THEN 2 WHEN 'delta' THEN 3 WHEN 'delta32k' THEN 4 WHEN 'mostly8' THEN 5
		WHEN 'mostly16' THEN 6 WHEN 'mostly32' THEN 7 WHEN 'runlength' THEN 8
			WHEN 'text255' THEN 9 WHEN 'text32k' THEN 10 WHEN 'lzo' THEN 11 WHEN 'az64' THEN 128 WHEN 'zstd' THEN 129
			ELSE 0 END::SMALLINT AS attencodingtype FROM ` + from
}

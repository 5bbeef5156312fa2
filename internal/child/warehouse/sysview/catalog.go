package sysview

// pgType is pg_type's rows: the types that columns may have, under PostgreSQL's numbers.
const pgType = `SELECT * FROM (VALUES
	(16::BIGINT,'bool',1,'B','boolean'),(17,'bytea',-1,'U','bytea'),(18,'char',1,'S','"char"'),(19,'name',64,'S','name'),(20,'int8',8,'N','bigint'),
	(21,'int2',2,'N','smallint'),(23,'int4',4,'N','integer'),(25,'text',-1,'S','text'),(26,'oid',4,'N','oid'),(700,'float4',4,'N','real'),
	(701,'float8',8,'N','double precision'),(705,'unknown',-2,'X','unknown'),(1042,'bpchar',-1,'S','character'),(1043,'varchar',-1,'S','character varying'),
	(1082,'date',4,'D','date'),(1083,'time',8,'D','time without time zone'),(1114,'timestamp',8,'D','timestamp without time zone'),
	(1184,'timestamptz',8,'D','timestamp with time zone'),(1186,'interval',16,'T','interval'),(1266,'timetz',12,'D','time with time zone'),
	(1700,'numeric',-1,'N','numeric'),(4000,'super',-1,'U','super'),(6551,'varbyte',-1,'U','varbyte'))
	t(oid, typname, typlen, typcategory, spelled)`

// kind is the type's word without its length: "varchar", "decimal".
const kind = `regexp_extract(c.type, '^[a-z ]+')`

// typeOID is the number of a column's type.
const typeOID = `CASE ` + kind + ` WHEN 'boolean' THEN 16 WHEN 'bigint' THEN 20 WHEN 'smallint' THEN 21 WHEN 'tinyint' THEN 21 WHEN 'integer' THEN 23
	WHEN 'real' THEN 700 WHEN 'double precision' THEN 701 WHEN 'char' THEN 1042 WHEN 'varchar' THEN 1043 WHEN 'string' THEN 1043 WHEN 'date' THEN 1082
	WHEN 'time' THEN 1083 WHEN 'timestamp' THEN 1114 WHEN 'timestamptz' THEN 1184 WHEN 'interval' THEN 1186 WHEN 'timetz' THEN 1266
	WHEN 'decimal' THEN 1700 WHEN 'super' THEN 4000 WHEN 'varbyte' THEN 6551 ELSE 705 END`

// length and scale are a type's numbers, NULL when it has none.
const (
	length = `TRY_CAST(regexp_extract(c.type, '\((\d+)', 1) AS INTEGER)`
	scale  = `TRY_CAST(regexp_extract(c.type, ',(\d+)\)', 1) AS INTEGER)`
)

// modifier is pg_attribute.atttypmod.
const modifier = `CASE WHEN ` + length + ` IS NULL THEN -1 WHEN ` + kind + ` = 'decimal' THEN ` + length + ` * 65536 + COALESCE(` + scale + `, 0) + 4 ELSE ` + length + ` + 4 END`

// spelled is a type as Redshift's catalog writes it.
const spelled = `CASE ` + kind + ` WHEN 'varchar' THEN replace(c.type, 'varchar', 'character varying') WHEN 'string' THEN 'character varying(65535)'
	WHEN 'char' THEN replace(c.type, 'char', 'character') WHEN 'decimal' THEN replace(c.type, 'decimal', 'numeric')
	WHEN 'timestamp' THEN 'timestamp without time zone' WHEN 'timestamptz' THEN 'timestamp with time zone' WHEN 'time' THEN 'time without time zone' ELSE c.type END`

// tables joins tables with their columns.
const tables = ` FROM penstock._tables t JOIN penstock._columns c ON c.oid = t.oid`

// schemaOID is the number of a table's schema.
const schemaOID = `(SELECT max(s.oid) FROM penstock._schemas s WHERE s.name = t.schema_name)`

func catalogViews() []View {
	return []View{
		view("pg_namespace", "oid bigint; nspname varchar(128); nspowner integer", `SELECT oid, name AS nspname, 100 AS nspowner FROM penstock._schemas`),
		view("pg_class", "oid bigint; relname varchar(128); relnamespace bigint; relowner integer; relkind varchar(1); reltuples double; relnatts integer; reldiststyle integer; relhasindex boolean; reltype bigint; relam bigint; relpages integer",
			`SELECT t.oid, t.name AS relname, `+schemaOID+` AS relnamespace, 100 AS relowner, t.kind AS relkind, 0.001::DOUBLE AS reltuples,
			(SELECT count(*)::INTEGER FROM penstock._columns c WHERE c.oid = t.oid) AS relnatts,
			CASE t.diststyle WHEN 'even' THEN 0 WHEN 'key' THEN 1 WHEN 'all' THEN 8 ELSE 10 END AS reldiststyle, false AS relhasindex, 0::BIGINT AS reltype, 0::BIGINT AS relam, 0 AS relpages
			FROM penstock._tables t`),
		view("pg_attribute", "attrelid bigint; attname varchar(128); atttypid bigint; attlen integer; attnum integer; atttypmod integer; attnotnull boolean; atthasdef boolean; attisdropped boolean; attisdistkey boolean; attsortkeyord integer; attencodingtype integer",
			`SELECT c.oid AS attrelid, c.name AS attname, (`+typeOID+`)::BIGINT AS atttypid, -1 AS attlen, c.ordinal AS attnum, `+modifier+` AS atttypmod,
			c.not_null AS attnotnull, c.default_text <> '' AS atthasdef, false AS attisdropped, c.distkey AS attisdistkey, c.sortkey AS attsortkeyord, 0 AS attencodingtype
			FROM penstock._columns c`),
		view("pg_type", "oid bigint; typname varchar(128); typlen integer; typtype varchar(1); typcategory varchar(1); typnamespace bigint; typrelid bigint; typelem bigint; typbasetype bigint; typtypmod integer; typnotnull boolean",
			`SELECT oid, typname, typlen, 'b' AS typtype, typcategory, 11::BIGINT AS typnamespace, 0::BIGINT AS typrelid, 0::BIGINT AS typelem, 0::BIGINT AS typbasetype, -1 AS typtypmod, false AS typnotnull FROM (`+pgType+`)`),
		view("pg_database", "oid bigint; datname varchar(128); datdba integer; encoding integer; datistemplate boolean; datallowconn boolean",
			`SELECT (100 + generate_subscripts(:databases, 1))::BIGINT AS oid, unnest(:databases) AS datname, 100 AS datdba, 6 AS encoding, false AS datistemplate, true AS datallowconn`),
		view("pg_user", "usename varchar(128); usesysid integer; usecreatedb boolean; usesuper boolean", `SELECT :user AS usename, 100 AS usesysid, true AS usecreatedb, true AS usesuper`),
		view("pg_tables", "schemaname varchar(128); tablename varchar(128); tableowner varchar(128); hasindexes boolean",
			`SELECT schema_name AS schemaname, name AS tablename, owner AS tableowner, false AS hasindexes FROM penstock._tables WHERE kind = 'r'`),
		view("pg_views", "schemaname varchar(128); viewname varchar(128); viewowner varchar(128); definition varchar(65535)",
			`SELECT schema_name AS schemaname, name AS viewname, owner AS viewowner, text AS definition FROM penstock._tables WHERE kind = 'v'`),
		view("pg_table_def", "schemaname varchar(128); tablename varchar(128); column varchar(128); type varchar(128); encoding varchar(32); distkey boolean; sortkey integer; notnull boolean",
			`SELECT t.schema_name AS schemaname, t.name AS tablename, c.name AS "column", `+spelled+` AS type, c.encode AS encoding, c.distkey AS distkey, c.sortkey AS sortkey, c.not_null AS "notnull"`+
				tables+` WHERE t.kind = 'r' AND t.schema_name = 'public' ORDER BY t.name, c.ordinal`),
		view("pg_description", "objoid bigint; classoid bigint; objsubid integer; description varchar(65535)",
			`SELECT oid AS objoid, 1259::BIGINT AS classoid, 0 AS objsubid, comment AS description FROM penstock._tables WHERE comment <> ''
			UNION ALL SELECT oid, 1259, ordinal, comment FROM penstock._columns WHERE comment <> ''`),
	}
}

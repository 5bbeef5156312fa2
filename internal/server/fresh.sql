-- due 1 doc 1 tag 1 object 5 object/events 1 iam 2 sts 2 catalog 2 logs 2 metric 3 job 3 crawl 3 warehouse 5 glue 3 states 5 log-tags 1 sns 3 cloudformation 2
CREATE TABLE due_item (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  queue   TEXT NOT NULL,
  due     INTEGER NOT NULL, -- milliseconds since 1970
  attempt INTEGER NOT NULL DEFAULT 0,
  body    TEXT NOT NULL
);
CREATE INDEX due_item_due ON due_item (queue, due, id);
CREATE TABLE doc_row (
  kind   TEXT NOT NULL, -- of what: "ssm.parameter"
  region TEXT NOT NULL, -- "" for what is the account's
  key    TEXT NOT NULL,
  doc    TEXT NOT NULL, -- JSON
  PRIMARY KEY (kind, region, key)
) WITHOUT ROWID;
CREATE TABLE tag_row (arn TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (arn, key)) WITHOUT ROWID;
CREATE INDEX tag_row_value ON tag_row (key, value);
CREATE TABLE object_current (
	bucket INTEGER NOT NULL, key TEXT NOT NULL, seq INTEGER NOT NULL, version TEXT NOT NULL, marker INTEGER NOT NULL,
	size INTEGER NOT NULL, etag TEXT NOT NULL, modified INTEGER NOT NULL, blob TEXT NOT NULL, attrs TEXT NOT NULL,
	PRIMARY KEY (bucket, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE object_old (
	bucket INTEGER NOT NULL, key TEXT NOT NULL, seq INTEGER NOT NULL, version TEXT NOT NULL, marker INTEGER NOT NULL,
	size INTEGER NOT NULL, etag TEXT NOT NULL, modified INTEGER NOT NULL, blob TEXT NOT NULL, attrs TEXT NOT NULL,
	PRIMARY KEY (bucket, key, seq DESC)
) STRICT, WITHOUT ROWID;
CREATE TABLE object_upload (
	bucket INTEGER NOT NULL, key TEXT NOT NULL, id TEXT NOT NULL, created INTEGER NOT NULL, attrs TEXT NOT NULL, completed TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (bucket, key, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE object_part (
	upload TEXT NOT NULL, number INTEGER NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL, modified INTEGER NOT NULL,
	blob TEXT NOT NULL, sums TEXT NOT NULL,
	PRIMARY KEY (upload, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX object_part_blob ON object_part (blob);
CREATE TABLE object_garbage (blob TEXT PRIMARY KEY, since INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE object_setting (
	bucket INTEGER NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,
	PRIMARY KEY (bucket, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE object_body (id INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;
CREATE INDEX object_current_blob ON object_current (blob) WHERE blob >= '0';
CREATE INDEX object_old_blob ON object_old (blob) WHERE blob >= '0';
CREATE TABLE "object_bucket" (
	id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, region TEXT NOT NULL, created INTEGER NOT NULL,
	versioning TEXT NOT NULL DEFAULT '', tags TEXT NOT NULL DEFAULT ''
, lock TEXT NOT NULL DEFAULT '') STRICT;
CREATE TABLE object_listener (bucket TEXT NOT NULL, listener TEXT NOT NULL, PRIMARY KEY (bucket, listener)) WITHOUT ROWID;
CREATE TABLE object_event (id INTEGER PRIMARY KEY AUTOINCREMENT, listener TEXT NOT NULL, body TEXT NOT NULL);
CREATE INDEX object_event_listener ON object_event (listener, id);
CREATE TABLE sts_sessions (
  access_key TEXT PRIMARY KEY,
  secret     TEXT NOT NULL,
  arn        TEXT NOT NULL,
  user_id    TEXT NOT NULL,
  expires    INTEGER NOT NULL
, lent INTEGER NOT NULL DEFAULT 0);
CREATE TABLE catalog_version (table_id INTEGER NOT NULL, version INTEGER NOT NULL, updated INTEGER NOT NULL, doc TEXT NOT NULL,
	PRIMARY KEY (table_id, version)) WITHOUT ROWID;
CREATE TABLE catalog_form (id INTEGER PRIMARY KEY, table_id INTEGER NOT NULL, hash BLOB NOT NULL, doc TEXT NOT NULL,
	UNIQUE (table_id, hash));
CREATE TABLE catalog_partition (id INTEGER PRIMARY KEY, table_id INTEGER NOT NULL, key BLOB NOT NULL, created INTEGER NOT NULL,
	form INTEGER NOT NULL, location TEXT NOT NULL, doc TEXT NOT NULL, UNIQUE (table_id, key));
CREATE TABLE "catalog_database" (region TEXT NOT NULL, name TEXT NOT NULL, created INTEGER NOT NULL, doc TEXT NOT NULL,
	PRIMARY KEY (region, name)) WITHOUT ROWID;
CREATE TABLE "catalog_table" (id INTEGER PRIMARY KEY AUTOINCREMENT, region TEXT NOT NULL, database TEXT NOT NULL, name TEXT NOT NULL,
	version INTEGER NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL, doc TEXT NOT NULL, UNIQUE (region, database, name));
CREATE TABLE log_streams (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  grp         INTEGER NOT NULL REFERENCES log_groups(id),
  name        TEXT NOT NULL,
  created     INTEGER NOT NULL,
  first_event INTEGER NOT NULL DEFAULT 0,
  last_event  INTEGER NOT NULL DEFAULT 0,
  last_ingest INTEGER NOT NULL DEFAULT 0,
  UNIQUE (grp, name)
);
CREATE TABLE log_events (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  grp     INTEGER NOT NULL,
  stream  INTEGER NOT NULL,
  ts      INTEGER NOT NULL,
  ingest  INTEGER NOT NULL,
  message TEXT NOT NULL
);
CREATE INDEX log_events_stream ON log_events (stream, ts, id);
CREATE INDEX log_events_group ON log_events (grp, ts, id);
CREATE TABLE "log_groups" (
  id        INTEGER PRIMARY KEY AUTOINCREMENT,
  region    TEXT NOT NULL,
  name      TEXT NOT NULL,
  created   INTEGER NOT NULL,
  retention INTEGER NOT NULL DEFAULT 0,
  bytes     INTEGER NOT NULL DEFAULT 0,
  UNIQUE (region, name)
);
CREATE TABLE metric_samples (
  series INTEGER NOT NULL,
  ts     INTEGER NOT NULL,
  lo     REAL NOT NULL,
  hi     REAL NOT NULL,
  sum    REAL NOT NULL,
  n      REAL NOT NULL,
  PRIMARY KEY (series, ts, lo, hi)
) WITHOUT ROWID;
CREATE INDEX metric_samples_ts ON metric_samples (ts);
CREATE TABLE metric_alarm_history (
  id    INTEGER PRIMARY KEY AUTOINCREMENT,
  alarm TEXT NOT NULL,
  ts    INTEGER NOT NULL,
  kind  TEXT NOT NULL,
  text  TEXT NOT NULL,
  data  TEXT NOT NULL
, region TEXT NOT NULL DEFAULT 'us-east-1');
CREATE TABLE "metric_series" (
  id        INTEGER PRIMARY KEY AUTOINCREMENT,
  region    TEXT NOT NULL,
  namespace TEXT NOT NULL,
  name      TEXT NOT NULL,
  dims      TEXT NOT NULL,
  unit      TEXT NOT NULL,
  last      INTEGER NOT NULL DEFAULT 0,
  UNIQUE (region, namespace, name, dims, unit)
);
CREATE TABLE "metric_alarms" (
  region    TEXT NOT NULL,
  name      TEXT NOT NULL,
  namespace TEXT NOT NULL,
  metric    TEXT NOT NULL,
  dims      TEXT NOT NULL,
  state     TEXT NOT NULL,
  doc       TEXT NOT NULL,
  PRIMARY KEY (region, name)
);
CREATE INDEX metric_alarms_series ON metric_alarms (region, namespace, metric, dims);
CREATE INDEX metric_alarm_history_region ON metric_alarm_history (region, id);
CREATE INDEX metric_alarm_history_ts ON metric_alarm_history (region, ts);
CREATE TABLE job_runs (
	seq   INTEGER PRIMARY KEY AUTOINCREMENT,
	id    TEXT NOT NULL UNIQUE,
	job   TEXT NOT NULL,
	token TEXT UNIQUE,
	over  INTEGER NOT NULL,
	body  TEXT NOT NULL
, region TEXT NOT NULL DEFAULT 'us-east-1');
CREATE TABLE job_outputs (location TEXT NOT NULL, run TEXT NOT NULL, key TEXT NOT NULL, PRIMARY KEY (location, run, key)) WITHOUT ROWID;
CREATE TABLE "jobs" (region TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (region, name)) WITHOUT ROWID;
CREATE INDEX job_runs_of_job ON job_runs (region, job, seq);
CREATE INDEX job_runs_ongoing ON job_runs (region, seq) WHERE over = 0;
CREATE TABLE crawl_crawl (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, crawler TEXT NOT NULL, state TEXT NOT NULL,
	started INTEGER NOT NULL, ended INTEGER NOT NULL, attempts INTEGER NOT NULL, error TEXT NOT NULL, summary TEXT NOT NULL, region TEXT NOT NULL DEFAULT 'us-east-1');
CREATE TABLE "crawl_crawler" (region TEXT NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL, version INTEGER NOT NULL,
	created INTEGER NOT NULL, updated INTEGER NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (region, name)) WITHOUT ROWID;
CREATE INDEX crawl_by_crawler ON crawl_crawl (region, crawler, seq);
CREATE INDEX crawl_open ON crawl_crawl (region, seq) WHERE state = 'RUNNING';
CREATE TABLE warehouse_page(id TEXT NOT NULL, page INTEGER NOT NULL, rows BLOB NOT NULL, PRIMARY KEY(id, page)) WITHOUT ROWID;
CREATE TABLE warehouse_first(made INTEGER NOT NULL, region TEXT NOT NULL DEFAULT 'us-east-1');
CREATE TABLE "warehouse_namespace"(region TEXT NOT NULL, name TEXT NOT NULL, doc TEXT NOT NULL, PRIMARY KEY(region, name)) WITHOUT ROWID;
CREATE TABLE "warehouse_workgroup"(region TEXT NOT NULL, name TEXT NOT NULL, namespace TEXT NOT NULL, doc TEXT NOT NULL,
	PRIMARY KEY(region, name)) WITHOUT ROWID;
CREATE TABLE "warehouse_user"(region TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL, number INTEGER NOT NULL,
	secret TEXT NOT NULL, super INTEGER NOT NULL, expires INTEGER NOT NULL DEFAULT 0, PRIMARY KEY(region, namespace, name)) WITHOUT ROWID;
CREATE TABLE "warehouse_statement"(seq INTEGER PRIMARY KEY AUTOINCREMENT, region TEXT NOT NULL, id TEXT NOT NULL UNIQUE, token TEXT,
	status TEXT NOT NULL, workgroup TEXT NOT NULL, created INTEGER NOT NULL, doc TEXT NOT NULL, UNIQUE(region, token));
CREATE INDEX warehouse_statement_status ON warehouse_statement(status, seq);
CREATE INDEX warehouse_statement_region ON warehouse_statement(region, seq);
CREATE TABLE "glue_ruleset" (region TEXT NOT NULL, name TEXT NOT NULL, created INTEGER NOT NULL, modified INTEGER NOT NULL,
	rules INTEGER NOT NULL, token TEXT NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (region, name)) WITHOUT ROWID;
CREATE TABLE states_machine (arn TEXT PRIMARY KEY, name TEXT NOT NULL, revision TEXT NOT NULL, created INTEGER NOT NULL,
	deleting INTEGER NOT NULL, include_data INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE states_revision (id TEXT PRIMARY KEY, machine TEXT NOT NULL, definition TEXT NOT NULL, role TEXT NOT NULL, updated INTEGER NOT NULL, initial INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE states_event (execution INTEGER NOT NULL, id INTEGER NOT NULL, time INTEGER NOT NULL, type TEXT NOT NULL, body TEXT NOT NULL,
	PRIMARY KEY (execution, id)) WITHOUT ROWID;
CREATE TABLE "states_execution" (
	seq      INTEGER PRIMARY KEY,
	arn      TEXT NOT NULL UNIQUE,
	name     TEXT NOT NULL,
	machine  TEXT NOT NULL,
	revision TEXT NOT NULL,
	input    TEXT NOT NULL,
	trace    TEXT NOT NULL,
	status   TEXT NOT NULL,
	started  INTEGER NOT NULL,
	stopped  INTEGER NOT NULL DEFAULT 0,
	output   TEXT NOT NULL DEFAULT '',
	error    TEXT NOT NULL DEFAULT '',
	cause    TEXT NOT NULL DEFAULT ''
);
CREATE INDEX states_execution_of_machine ON states_execution (machine, seq);
CREATE INDEX states_execution_running ON states_execution (seq) WHERE status = 'RUNNING';
CREATE TABLE sns_topics (
  arn     TEXT PRIMARY KEY,
  attrs   TEXT NOT NULL,
  deleted INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE sns_subscriptions (
  arn       TEXT PRIMARY KEY,
  topic     TEXT NOT NULL,
  protocol  TEXT NOT NULL,
  endpoint  TEXT NOT NULL,
  attrs     TEXT NOT NULL,
  token     TEXT NOT NULL,
  confirmed INTEGER NOT NULL DEFAULT 0,
  lock      INTEGER NOT NULL DEFAULT 0,
  created   INTEGER NOT NULL,
  UNIQUE (topic, protocol, endpoint)
);
CREATE INDEX sns_subscriptions_token ON sns_subscriptions (token);
CREATE TABLE cfn_stacks (
  seq    INTEGER PRIMARY KEY AUTOINCREMENT,
  id     TEXT NOT NULL UNIQUE,
  name   TEXT NOT NULL,
  live   INTEGER NOT NULL DEFAULT 1,
  busy   INTEGER NOT NULL DEFAULT 0,
  doc    TEXT NOT NULL
, region TEXT NOT NULL DEFAULT 'us-east-1');
CREATE TABLE cfn_resources (
  stack   TEXT NOT NULL,
  logical TEXT NOT NULL,
  doc     TEXT NOT NULL,
  PRIMARY KEY (stack, logical)
) WITHOUT ROWID;
CREATE TABLE cfn_events (
  seq   INTEGER PRIMARY KEY AUTOINCREMENT,
  stack TEXT NOT NULL,
  doc   TEXT NOT NULL
);
CREATE INDEX cfn_events_stack ON cfn_events (stack, seq);
CREATE TABLE cfn_changesets (
  seq   INTEGER PRIMARY KEY AUTOINCREMENT,
  id    TEXT NOT NULL UNIQUE,
  stack TEXT NOT NULL,
  name  TEXT NOT NULL,
  doc   TEXT NOT NULL,
  UNIQUE (stack, name)
);
CREATE UNIQUE INDEX cfn_stacks_name ON cfn_stacks (region, name) WHERE live = 1;
CREATE INDEX cfn_stacks_region ON cfn_stacks (region, seq);
CREATE INDEX cfn_stacks_busy ON cfn_stacks (region, seq) WHERE busy = 1;
CREATE TABLE "cfn_exports" (
  region TEXT NOT NULL,
  name   TEXT NOT NULL,
  stack  TEXT NOT NULL,
  value  TEXT NOT NULL,
  PRIMARY KEY (region, name)
) WITHOUT ROWID;
CREATE TABLE "cfn_imports" (
  region TEXT NOT NULL,
  name   TEXT NOT NULL,
  stack  TEXT NOT NULL,
  PRIMARY KEY (region, name, stack)
) WITHOUT ROWID;

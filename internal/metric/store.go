// Package metric keeps time series and the alarms over them: what the services and pipelines measure, what the CloudWatch service
// answers. A series is a namespace, a name, an exact set of dimensions and a unit; nothing is ever summed over dimensions. Data and the
// alarm states that follow from them commit together. It is not a metrics endpoint of the program itself, and it knows no wire format,
// no AWS error code and no other service: what an alarm asks to be published waits in a table for service/cloudwatch.
//
// Model: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html.
package metric

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"penstock/internal/clock"
	"penstock/internal/meta"
)

// Schema is the store's part of the metadata database. Series, alarms and their history are of a region, samples are of their series'.
//
// A sample is one value (lo = hi) or one statistic set (lo < hi) seen n times at a second; equal ones at the same second are one row, so
// that sums, extremes and percentiles can all be read back from the same rows.
var Schema = meta.Schema{Name: "metric", Migrations: []string{`
CREATE TABLE metric_series (
  id        INTEGER PRIMARY KEY AUTOINCREMENT,
  namespace TEXT NOT NULL,
  name      TEXT NOT NULL,
  dims      TEXT NOT NULL,
  unit      TEXT NOT NULL,
  last      INTEGER NOT NULL DEFAULT 0,
  UNIQUE (namespace, name, dims, unit)
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
CREATE TABLE metric_alarms (
  name      TEXT PRIMARY KEY,
  namespace TEXT NOT NULL,
  metric    TEXT NOT NULL,
  dims      TEXT NOT NULL,
  state     TEXT NOT NULL,
  doc       TEXT NOT NULL
);
CREATE INDEX metric_alarms_series ON metric_alarms (namespace, metric, dims);
CREATE TABLE metric_alarm_history (
  id    INTEGER PRIMARY KEY AUTOINCREMENT,
  alarm TEXT NOT NULL,
  ts    INTEGER NOT NULL,
  kind  TEXT NOT NULL,
  text  TEXT NOT NULL,
  data  TEXT NOT NULL
);
CREATE INDEX metric_alarm_history_alarm ON metric_alarm_history (alarm, id);
CREATE INDEX metric_alarm_history_ts ON metric_alarm_history (ts);
CREATE TABLE metric_actions (
  id    INTEGER PRIMARY KEY AUTOINCREMENT,
  alarm TEXT NOT NULL,
  arn   TEXT NOT NULL,
  doc   TEXT NOT NULL
);
`, `
INSERT INTO due_item (queue, due, body)
	SELECT 'alarms', 0, json_set(doc, '$.ARN', arn, '$.Token', 'alarm-action#' || id) FROM metric_actions ORDER BY id;
DROP TABLE metric_actions; -- package meta/due keeps actions since then
`, `
CREATE TABLE metric_series_2 (
  id        INTEGER PRIMARY KEY AUTOINCREMENT,
  region    TEXT NOT NULL,
  namespace TEXT NOT NULL,
  name      TEXT NOT NULL,
  dims      TEXT NOT NULL,
  unit      TEXT NOT NULL,
  last      INTEGER NOT NULL DEFAULT 0,
  UNIQUE (region, namespace, name, dims, unit)
);
INSERT INTO sqlite_sequence (name, seq) -- no id is used twice
  SELECT 'metric_series_2', seq FROM sqlite_sequence WHERE name = 'metric_series';
INSERT INTO metric_series_2 (id, region, namespace, name, dims, unit, last)
  SELECT id, 'us-east-1', namespace, name, dims, unit, last FROM metric_series;
DROP TABLE metric_series;
ALTER TABLE metric_series_2 RENAME TO metric_series;
CREATE TABLE metric_alarms_2 (
  region    TEXT NOT NULL,
  name      TEXT NOT NULL,
  namespace TEXT NOT NULL,
  metric    TEXT NOT NULL,
  dims      TEXT NOT NULL,
  state     TEXT NOT NULL,
  doc       TEXT NOT NULL,
  PRIMARY KEY (region, name)
);
INSERT INTO metric_alarms_2 (region, name, namespace, metric, dims, state, doc)
  SELECT 'us-east-1', name, namespace, metric, dims, state, json_remove(doc, '$.Tags') FROM metric_alarms;
INSERT INTO tag_row (arn, key, value) -- package meta/tag keeps tags since then
  SELECT json_extract(a.doc, '$.ARN'), t.key, t.value FROM metric_alarms a, json_each(a.doc, '$.Tags') t
  WHERE json_type(a.doc, '$.Tags') = 'object'; -- null is one row without a key
DROP TABLE metric_alarms;
ALTER TABLE metric_alarms_2 RENAME TO metric_alarms;
CREATE INDEX metric_alarms_series ON metric_alarms (region, namespace, metric, dims);
ALTER TABLE metric_alarm_history ADD COLUMN region TEXT NOT NULL DEFAULT 'us-east-1';
DROP INDEX metric_alarm_history_alarm;
DROP INDEX metric_alarm_history_ts;
CREATE INDEX metric_alarm_history_region ON metric_alarm_history (region, id);
CREATE INDEX metric_alarm_history_ts ON metric_alarm_history (region, ts);
UPDATE due_item SET queue = 'alarms/us-east-1' WHERE queue = 'alarms';
`}}

// A Store holds all series and alarms of the account in one region.
type Store struct {
	meta   *meta.Store
	region string
	clock  clock.Clock
}

// Open returns the store of a region over m, whose schemas must include Schema.
func Open(m *meta.Store, region string, c clock.Clock) *Store {
	return &Store{meta: m, region: region, clock: c}
}

// A Dimension is a name and a value that are part of a series' identity.
type Dimension struct{ Name, Value string }

// A Datum is what happened at an instant: a single value Count times, or a statistic set.
type Datum struct {
	Name       string
	Dimensions []Dimension
	Unit       string    // "" is "None"
	Time       time.Time // zero is now
	HighRes    bool      // kept by the second, else by the minute
	// Value seen Count times (0 means once) unless Set is given.
	Value float64
	Count float64
	Set   *Set
}

// A Set is a statistic set: what is left of Count values whose single values are not known.
type Set struct{ Count, Sum, Min, Max float64 }

// canonical is the text form of a dimension set: sorted by name, as JSON, so that equal sets are equal texts.
func canonical(dims []Dimension) string {
	d := slices.Clone(dims)
	slices.SortFunc(d, func(a, b Dimension) int { return strings.Compare(a.Name, b.Name) })
	pairs := make([][2]string, len(d))
	for i, x := range d {
		pairs[i] = [2]string{x.Name, x.Value}
	}
	text, _ := json.Marshal(pairs) // strings always encode
	return string(text)
}

func parseDims(text string) ([]Dimension, error) {
	var pairs [][2]string
	if err := json.Unmarshal([]byte(text), &pairs); err != nil {
		return nil, fmt.Errorf("stored dimensions %q: %w", text, err)
	}
	dims := make([]Dimension, len(pairs))
	for i, p := range pairs {
		dims[i] = Dimension{p[0], p[1]}
	}
	return dims, nil
}

func unitOf(u string) string {
	if u == "" {
		return "None"
	}
	return u
}

package server

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"penstock/internal/api"
	"penstock/internal/clock"
	"penstock/internal/meta"
)

// schemas are those of all modules; they come with a server.
func schemas(t *testing.T) []meta.Schema {
	s := open(t, t.TempDir())
	defer s.Close()
	return s.schemas()
}

// TestTokensOfAnEarlierProgram: a data directory whose services kept tokens for themselves, left by a kill with calls under way.
func TestTokensOfAnEarlierProgram(t *testing.T) {
	data := t.TempDir()
	dir := filepath.Join(data, "meta")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	var old []meta.Schema
	for _, s := range schemas(t) {
		switch s.Name {
		case "job", "crawl", "states", "warehouse":
			s.Migrations = s.Migrations[:1]
		}
		old = append(old, s)
	}
	if err := os.WriteFile(filepath.Join(data, formatName), []byte("penstock 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	store, err := meta.Open(t.Context(), dir, old, meta.Options{Clock: clock.Real{}})
	if err != nil {
		t.Fatal(err)
	}
	err = store.Update(t.Context(), func(tx *meta.Tx) error {
		for _, q := range []string{
			`INSERT INTO job_runs (id, job, token, over, body) VALUES ('jr_1', 'j', 'arn:x#1', 0, '{}')`,
			`INSERT INTO crawl_token (token, crawl) VALUES ('arn:x#2', 'c')`,
			`INSERT INTO states_execution (arn, name, machine, revision, token, input, trace, status, started)
				VALUES ('arn:y', 'y', 'm', 'r', 'arn:x#3', '{}', '', 'RUNNING', 1764438245120)`,
			`INSERT INTO warehouse_statement (id, token, status, workgroup, created, doc) VALUES ('s1', 'arn:x#4', 'STARTED', 'wg', 1,
				'{"Database":"dev","User":"u","CreatedAt":"2025-11-29T17:44:05.5Z","Batch":false}')`,
			`INSERT INTO warehouse_statement (id, token, status, workgroup, created, doc) VALUES ` +
				`('s2', '000000000000/mine', 'STARTED', 'wg', 2, '{}')`,
		} {
			if _, err := tx.Exec(q); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	s := open(t, data)
	defer s.Close()
	for _, c := range []struct{ token, service, op, in, want string }{
		{"arn:x#1", "glue", "StartJobRun", `{"JobName":"j"}`, `{"JobRunId":"jr_1"}`},
		{"arn:x#2", "glue", "StartCrawler", `{"Name":"c"}`, `{}`},
		{"arn:x#3", "states", "StartExecution", `{"StateMachineArn":"m"}`, `{"ExecutionArn":"arn:y","StartDate":"2025-11-29T17:44:05.12Z"}`},
		{"arn:x#4", "redshift-data", "ExecuteStatement", `{"WorkgroupName":"wgr","Database":"dev","Sql":"x"}`,
			`{"CreatedAt":"2025-11-29T17:44:05.5Z","Database":"dev","DbGroups":[],"DbUser":"u","Id":"s1","WorkgroupName":"wg"}`},
	} {
		ctx := api.WithToken(api.WithPrincipal(context.WithoutCancel(t.Context()), s.root()), c.token)
		got, err := s.table.Invoke(ctx, c.service, c.op, json.RawMessage(c.in))
		if raw, _ := got.(json.RawMessage); err != nil || string(raw) != c.want {
			t.Errorf("%s: %s, %v; want %s", c.op, raw, err, c.want)
		}
	}
	var left string
	w := &walk{Server: s, t: t, ctx: t.Context()}
	w.row("SELECT group_concat(token) FROM warehouse_statement WHERE token IS NOT NULL", &left)
	if left != "000000000000/mine" {
		t.Errorf("client tokens left: %s", left)
	}
}

// TestQueuesOfAnEarlierProgram: a data directory with deliveries and alarm actions that wait, kept by the services themselves.
func TestQueuesOfAnEarlierProgram(t *testing.T) {
	data := t.TempDir()
	dir := filepath.Join(data, "meta")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	var old []meta.Schema
	for _, s := range schemas(t) {
		if s.Name == "sns" || s.Name == "metric" {
			s.Migrations = s.Migrations[:1]
		}
		if s.Name != "due" {
			old = append(old, s)
		}
	}
	store, err := meta.Open(t.Context(), dir, old, meta.Options{Clock: clock.Real{}})
	if err != nil {
		t.Fatal(err)
	}
	err = store.Update(t.Context(), func(tx *meta.Tx) error {
		for _, q := range []string{
			`INSERT INTO sns_queue (id, due, attempt, doc) VALUES (7, 1000, 2, '{"ID":"m"}'), (8, 2000, 0, '{"ID":"n"}')`,
			`INSERT INTO metric_actions (id, alarm, arn, doc) VALUES (3, 'a', 'arn:t', ` +
				`'{"Alarm":{"Name":"a","Reason":"1 \u003e 0","Threshold":0.5},"Old":"OK","Time":"2026-11-24T12:00:30Z"}')`,
		} {
			if _, err := tx.Exec(q); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	store, err = meta.Open(t.Context(), dir, schemas(t), meta.Options{Clock: clock.Real{}})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	var got strings.Builder
	if err := store.View(t.Context(), func(tx *meta.Tx) error {
		return dumpRows(tx, &got, "due", "SELECT queue, due, attempt, body FROM due_item ORDER BY queue DESC, due")
	}); err != nil {
		t.Fatal(err)
	}
	const want = `due "sns/us-east-11000 2{\"ID\":\"m\"}"
due "sns/us-east-12000 0{\"ID\":\"n\"}"
due "alarms/us-east-10 0{\"Alarm\":{\"Name\":\"a\",\"Reason\":\"1 \\u003e 0\",\"Threshold\":0.5},\"Old\":\"OK\",\"Time\":\"2026-11-24T12:00:30Z\",\"ARN\":\"arn:t\",\"Token\":\"alarm-action#3\"}"
`
	if got.String() != want {
		t.Errorf("got\n%s\nwant\n%s", got.String(), want)
	}
}

// TestTagsOfAnEarlierProgram: a data directory whose tags lie in tables of the services' own.
func TestTagsOfAnEarlierProgram(t *testing.T) {
	data := t.TempDir()
	dir := filepath.Join(data, "meta")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	var old []meta.Schema
	for _, s := range schemas(t) {
		switch s.Name {
		case "glue", "iam", "logs":
			s.Migrations = s.Migrations[:1]
		case "warehouse":
			s.Migrations = s.Migrations[:4]
		case "metric":
			s.Migrations = s.Migrations[:2]
		case "log-tags":
			continue
		}
		old = append(old, s)
	}
	if err := os.WriteFile(filepath.Join(data, formatName), []byte("penstock 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	store, err := meta.Open(t.Context(), dir, old, meta.Options{Clock: clock.Real{}})
	if err != nil {
		t.Fatal(err)
	}
	err = store.Update(t.Context(), func(tx *meta.Tx) error {
		for _, q := range []string{
			`INSERT INTO glue_tag (arn, key, value) VALUES ('arn:aws:glue:us-east-1:000000000000:database/d', 'k', 'v')`,
			`INSERT INTO log_groups (name, created, tags) VALUES ('g', 1, '{"k":"v"}')`,
			`INSERT INTO log_groups (name, created, tags) VALUES ('without', 1, 'null')`,
			`INSERT INTO metric_alarms VALUES ('without', 'N', 'M', '[]', 'OK',
				'{"Name":"without","ARN":"arn:aws:cloudwatch:us-east-1:000000000000:alarm:without","Tags":null}')`,
			`INSERT INTO metric_alarms VALUES ('before', 'N', 'M', '[]', 'OK',
				'{"Name":"before","ARN":"arn:aws:cloudwatch:us-east-1:000000000000:alarm:before"}')`,
			`INSERT INTO metric_alarms VALUES ('a', 'N', 'M', '[]', 'OK',
				'{"Name":"a","ARN":"arn:aws:cloudwatch:us-east-1:000000000000:alarm:a","Tags":{"k":"v"}}')`,
		} {
			if _, err := tx.Exec(q); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	s := open(t, data)
	defer s.Close()
	ctx := api.WithPrincipal(t.Context(), s.root())
	if _, err := s.table.Invoke(ctx, "glue", "CreateDatabase", json.RawMessage(`{"DatabaseInput":{"Name":"d"}}`)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ service, op, in, want string }{
		{"glue", "GetTags", `{"ResourceArn":"arn:aws:glue:us-east-1:000000000000:database/d"}`, `{"Tags":{"k":"v"}}`},
		{"logs", "ListTagsForResource", `{"ResourceArn":"arn:aws:logs:us-east-1:000000000000:log-group:g"}`, `{"Tags":{"k":"v"}}`},
		{"monitoring", "ListTagsForResource", `{"ResourceARN":"arn:aws:cloudwatch:us-east-1:000000000000:alarm:a"}`,
			`{"Tags":[{"Key":"k","Value":"v"}]}`},
		{"logs", "ListTagsForResource", `{"ResourceArn":"arn:aws:logs:us-east-1:000000000000:log-group:without"}`, `{"Tags":{}}`},
		{"monitoring", "ListTagsForResource", `{"ResourceARN":"arn:aws:cloudwatch:us-east-1:000000000000:alarm:without"}`, `{"Tags":[]}`},
		{"monitoring", "ListTagsForResource", `{"ResourceARN":"arn:aws:cloudwatch:us-east-1:000000000000:alarm:before"}`, `{"Tags":[]}`},
	} {
		got, err := s.table.Invoke(ctx, c.service, c.op, json.RawMessage(c.in))
		if raw, _ := got.(json.RawMessage); err != nil || string(raw) != c.want {
			t.Errorf("%s: %s, %v", c.service, raw, err)
		}
	}
}

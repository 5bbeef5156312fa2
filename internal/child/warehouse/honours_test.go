package warehouse_test

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"penstock/internal/api"
	"penstock/internal/api/apitest"
	"penstock/internal/clock"
	"penstock/internal/meta"
	"penstock/internal/module"
	"penstock/internal/service/redshiftdata"
	"penstock/internal/service/redshiftserverless"
)

// steady hides what differs from run to run: times, durations, numbers of processes and queries, ports, passwords. In SQL it writes
// out the words SLOW, a query of some seconds, and FOREVER.
type steady struct {
	api.Invoker
	tokens map[string]string // real page tokens by the name they are shown under
}

var changing = regexp.MustCompile(
	`"(CreatedAt|UpdatedAt|CreationDate|Duration|RedshiftPid|RedshiftQueryId|DbPassword)":("[^"]*"|[0-9.e+]+)|"(Port)":[3-6][0-9]{4}`)

var nextToken = regexp.MustCompile(`"NextToken":"([^"]*)"`)

const digits = "(SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL " +
	"SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9)"

// cross is a query over 10^n rows.
func cross(n int) string {
	var from []string
	for i := range n {
		from = append(from, digits+" "+string(rune('a'+i)))
	}
	var all []string
	for i := range n {
		all = append(all, string(rune('a'+i))+".d")
	}
	return "SELECT count(*) FROM " + strings.Join(from, ", ") + " WHERE a.d < 4 AND md5(" + strings.Join(all, " || ',' || ") + ") > 'f'"
}

func (s steady) Invoke(ctx context.Context, service, op string, in any) (any, error) {
	raw := strings.NewReplacer("SLOW", cross(7), "FOREVER", cross(12)).Replace(string(in.(json.RawMessage)))
	for shown, real := range s.tokens {
		raw = strings.ReplaceAll(raw, shown, real)
	}
	out, err := s.Invoker.Invoke(ctx, service, op, json.RawMessage(raw))
	if err != nil {
		return nil, err
	}
	text := changing.ReplaceAllString(string(out.(json.RawMessage)), `"$1$3":0`)
	if m := nextToken.FindStringSubmatch(text); m != nil {
		shown := fmt.Sprintf("token-%d-", len(s.tokens))
		s.tokens[shown] = m[1]
		text = strings.Replace(text, m[1], shown, 1)
	}
	var doc map[string]any
	if json.Unmarshal([]byte(text), &doc) == nil && doc["Expiration"] != nil { // as the time that is left
		at, err := time.Parse(time.RFC3339Nano, doc["Expiration"].(string))
		if err == nil {
			doc["Expiration"], doc["NextRefreshTime"] = time.Until(at).Round(time.Minute).String(), ""
		}
		b, err := json.Marshal(doc)
		return json.RawMessage(b), err
	}
	return json.RawMessage(text), nil
}

func TestHonoursData(t *testing.T) {
	r := newRig(t, t.TempDir())
	r.create()
	r.run("CREATE DATABASE other")
	svc := redshiftdata.New(module.Env{Clock: clock.Real{}}, r.w).API()
	apitest.Check(t, svc)
	apitest.Vary(t, "testdata/honours/data.txt", svc, func(t *testing.T) (api.Invoker, context.Context) {
		r.t = t
		r.settle()
		r.run("DROP SCHEMA IF EXISTS more CASCADE")
		r.run("DROP SCHEMA public CASCADE")
		r.run("CREATE SCHEMA public")
		err := r.meta.Update(r.ctx, func(tx *meta.Tx) error {
			if _, err := tx.Exec("DELETE FROM warehouse_page"); err != nil {
				return err
			}
			_, err := tx.Exec("DELETE FROM warehouse_statement")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return steady{r.table, map[string]string{}}, r.ctx
	})
}

// settle stops what still runs.
func (r *rig) settle() {
	r.t.Helper()
	for {
		open := r.must("redshift-data", "ListStatements", `{"Status":"STARTED"}`)["Statements"].([]any)
		if len(open) == 0 {
			return
		}
		for _, s := range open {
			r.call("redshift-data", "CancelStatement", `{"Id":"`+s.(map[string]any)["Id"].(string)+`"}`) // it may have ended by now
		}
	}
}

func TestHonoursServerless(t *testing.T) {
	r := newRig(t, t.TempDir())
	svc := redshiftserverless.New(module.Env{Clock: clock.Real{}}, r.w).API()
	apitest.Check(t, svc)
	apitest.Vary(t, "testdata/honours/serverless.txt", svc, func(t *testing.T) (api.Invoker, context.Context) {
		r.t = t
		for _, g := range r.must("redshift-serverless", "ListWorkgroups", `{}`)["Workgroups"].([]any) {
			r.must("redshift-serverless", "DeleteWorkgroup", `{"WorkgroupName":"`+g.(map[string]any)["WorkgroupName"].(string)+`"}`)
		}
		for _, n := range r.must("redshift-serverless", "ListNamespaces", `{}`)["Namespaces"].([]any) {
			r.must("redshift-serverless", "DeleteNamespace", `{"NamespaceName":"`+n.(map[string]any)["NamespaceName"].(string)+`"}`)
		}
		return steady{r.table, map[string]string{}}, r.ctx
	})
}

package glue

import (
	"log/slog"
	"strings"
	"testing"

	"penstock/internal/api"
	"penstock/internal/catalog"
	"penstock/internal/crawl"
	"penstock/internal/flow"
	"penstock/internal/job"
	"penstock/internal/logstore"
	"penstock/internal/meta"
	"penstock/internal/meta/doc"
	"penstock/internal/meta/due"
	"penstock/internal/meta/metatest"
	"penstock/internal/meta/tag"
	"penstock/internal/metric"
	"penstock/internal/object"
)

// in is the service of another region over the same stores.
func (w *world) in(region string) *world {
	env := w.Env
	env.Region = region
	cat, logs := catalog.Open(env.Meta, region, env.Clock), logstore.Open(env.Meta, region, env.Clock)
	flows := flow.New(flow.Options{Meta: env.Meta, Region: region, Clock: env.Clock, Log: env.Log})
	crawls := crawl.Open(crawl.Deps{Meta: env.Meta, Region: region, Catalog: cat, Objects: w.objects, Logs: logs, Clock: env.Clock,
		Log: env.Log})
	jobs := job.New(job.Options{Meta: env.Meta, Region: region, Objects: w.objects, Catalog: cat, Logs: logs,
		Metrics: metric.Open(env.Meta, region, env.Clock), Clock: env.Clock, Log: env.Log})
	out := &world{Service: New(env, cat, crawls, jobs, flows), objects: w.objects, clock: w.clock}
	out.table = api.NewTable([]api.Service{out.API()}, slog.New(slog.DiscardHandler))
	return out
}

// TestRegionsAreApart makes, shows, lists and deletes resources of the same names in two regions.
func TestRegionsAreApart(t *testing.T) {
	east := open(t, t.TempDir())
	west := east.in("eu-west-1")
	const none = "EntityNotFoundException: "
	for _, c := range []struct{ make, get, list, empty, remove string }{
		{`CreateDatabase {"DatabaseInput":{"Name":"x","Description":"@"},"Tags":{"at":"@"}}`, `GetDatabase {"Name":"x"}`, `GetDatabases {}`,
			`{"DatabaseList":[]}`,
			`DeleteDatabase {"Name":"x"}`},
		{`CreateCrawler {"Name":"x","Role":"r","DatabaseName":"d","Description":"@","Targets":{"S3Targets":[{"Path":"s3://b/"}]},
			"Tags":{"at":"@"}}`,
			`GetCrawler {"Name":"x"}`, `ListCrawlers {}`, `{"CrawlerNames":[]}`, `DeleteCrawler {"Name":"x"}`},
		{`CreateJob {"Name":"x","Role":"r","Command":{"Name":"glueetl"},"Description":"@","Tags":{"at":"@"}}`, `GetJob {"JobName":"x"}`,
			`ListJobs {}`, `{"JobNames":[]}`,
			`DeleteJob {"JobName":"x"}`},
		{`CreateDataQualityRuleset {"Name":"x","Ruleset":"Rules = [ RowCount > 0 ]","Description":"@","Tags":{"at":"@"}}`,
			`GetDataQualityRuleset {"Name":"x"}`,
			`ListDataQualityRulesets {}`, `{"Rulesets":[]}`, `DeleteDataQualityRuleset {"Name":"x"}`},
		{`CreateConnection {"ConnectionInput":{"Name":"x","ConnectionType":"JDBC","Description":"@",
			"ConnectionProperties":{"JDBC_CONNECTION_URL":"jdbc:postgresql://h/d"}},"Tags":{"at":"@"}}`,
			`GetConnection {"Name":"x"}`, `GetConnections {}`, `{"ConnectionList":[]}`, `DeleteConnection {"ConnectionName":"x"}`},
		{`CreateWorkflow {"Name":"x","Description":"@","Tags":{"at":"@"}}`, `GetWorkflow {"Name":"x"}`, `ListWorkflows {}`,
			`{"Workflows":[]}`, `DeleteWorkflow {"Name":"x"}`},
	} {
		ask := func(w *world, line, at string) string {
			op, in, _ := strings.Cut(strings.ReplaceAll(line, "@", at), " ")
			return w.call(t, op, in)
		}
		has := func(got, want string) {
			t.Helper()
			if !strings.Contains(got, want) {
				t.Errorf("%s: %s, want %s", c.make, got, want)
			}
		}
		ask(east, c.make, "east")
		has(ask(west, c.get, ""), none)
		has(ask(west, c.list, ""), c.empty)
		ask(west, c.remove, "")
		has(ask(east, c.get, ""), `"east"`)
		ask(west, c.make, "west")
		has(ask(west, c.get, ""), `"west"`)
		has(ask(east, c.get, ""), `"east"`)
		kind := map[string]string{"CreateDatabase": "database", "CreateCrawler": "crawler", "CreateJob": "job",
			"CreateDataQualityRuleset": "dataQualityRuleset",
			"CreateConnection":         "connection", "CreateWorkflow": "workflow"}
		op, _, _ := strings.Cut(c.make, " ")
		tags := `GetTags {"ResourceArn":"arn:aws:glue:@:000000000000:` + kind[op] + `/x"}`
		has(ask(east, tags, "us-east-1"), `{"Tags":{"at":"east"}}`)
		has(ask(west, tags, "eu-west-1"), `{"Tags":{"at":"west"}}`)
		has(ask(west, tags, "us-east-1"), "is not one of this account and region")
		ask(west, c.remove, "")
		has(ask(west, c.list, ""), c.empty)
		has(ask(east, c.get, ""), `"east"`)
		has(ask(east, tags, "us-east-1"), `{"Tags":{"at":"east"}}`)
	}
}

// TestRulesetChangesKeepToTheirRegion is what the table above does not do to rulesets, whose rows are the service's own.
func TestRulesetChangesKeepToTheirRegion(t *testing.T) {
	east := open(t, t.TempDir())
	west := east.in("eu-west-1")
	east.call(t, "CreateDataQualityRuleset", `{"Name":"x","Ruleset":"Rules = [ RowCount > 0 ]","Description":"east","Tags":{"at":"east"}}`)
	if got := west.call(t, "UpdateDataQualityRuleset", `{"Name":"x","Description":"w"}`); !strings.HasPrefix(got, "EntityNotFoundException") {
		t.Error(got)
	}
	west.call(t, "CreateDataQualityRuleset", `{"Name":"x","Ruleset":"Rules = [ RowCount > 1 ]","Tags":{"at":"west"}}`)
	west.call(t, "UpdateDataQualityRuleset", `{"Name":"x","Description":"w"}`)
	got := east.call(t, "GetDataQualityRuleset", `{"Name":"x"}`)
	if !strings.Contains(got, `"east"`) || !strings.Contains(got, "RowCount > 0") {
		t.Error(got)
	}
	for w, n := range map[*world]int{east: 1, west: 0} {
		if got := w.call(t, "ListDataQualityRulesets", `{"Tags":{"at":"east"}}`); strings.Count(got, `"Name":"x"`) != n {
			t.Errorf("%s: %s", w.Region, got)
		}
	}
}

// TestRowsBeforeRegions opens what a program without regions has left: rulesets are us-east-1's.
func TestRowsBeforeRegions(t *testing.T) {
	dir := t.TempDir()
	metatest.Left(t, dir, []meta.Schema{due.Schema, doc.Schema, tag.Schema, object.Schema,
		metatest.At(catalog.Schema, 1), metatest.At(logstore.Schema, 1), metatest.At(metric.Schema, 2), metatest.At(crawl.Schema, 2),
		metatest.At(job.Schema, 2), metatest.At(Schema, 2)},
		`INSERT INTO glue_ruleset VALUES ('x', 1, 2, 3, '', '{"text":"Rules = [ RowCount > 0 ]"}')`)
	w := open(t, dir)
	if got := w.call(t, "GetDataQualityRuleset", `{"Name":"x"}`); !strings.Contains(got, "RowCount") {
		t.Error(got)
	}
	if got := w.in("eu-west-1").call(t, "ListDataQualityRulesets", `{}`); got != `{"Rulesets":[]}` {
		t.Error(got)
	}
}

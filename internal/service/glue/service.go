package glue

import (
	"slices"

	"penstock/internal/api"
	"penstock/internal/arn"
	"penstock/internal/catalog"
	"penstock/internal/crawl"
	"penstock/internal/flow"
	"penstock/internal/job"
	"penstock/internal/meta"
	"penstock/internal/module"
	"penstock/internal/service/glue/answer"
	"penstock/internal/service/glue/classifier"
	"penstock/internal/service/glue/crawler"
	glueflow "penstock/internal/service/glue/flow"
	"penstock/internal/service/glue/function"
	"penstock/internal/service/glue/search"
	"penstock/internal/service/glue/settings"
	"penstock/internal/service/glue/stats"
)

// A Service is the Glue API.
type Service struct {
	module.Env
	Catalog *catalog.Catalog
	Crawls  *crawl.Crawlers
	Jobs    *job.Jobs

	crawlers    crawler.Service
	classifiers classifier.Service
	flows       glueflow.Service
	stats       stats.Service
	functions   function.Service
	search      search.Service
	settings    settings.Service
}

// New makes the service. The flows are told by jobs and crawls of their ends, and start them from now on.
func New(env module.Env, cat *catalog.Catalog, crawls *crawl.Crawlers, jobs *job.Jobs, flows *flow.Flows) *Service {
	s := &Service{Env: env, Catalog: cat, Crawls: crawls, Jobs: jobs, crawlers: crawler.Service{Env: env, Crawls: crawls},
		classifiers: classifier.Service{Env: env},
		stats:       stats.Service{Env: env, Catalog: cat}, functions: function.Service{Env: env, Catalog: cat},
		settings: settings.Service{Env: env}}
	s.search = search.Service{Env: env, Catalog: cat, Show: s.tableType}
	s.flows = glueflow.Service{Env: env, Flows: flows, Jobs: jobs, Crawls: crawls, JobRun: s.jobRunType}
	s.flows.Bind()
	return s
}

// Module is what the server runs.
func (s *Service) Module() module.Module { return module.Module{API: s.API(), Schema: Schema} }

// Schema is the service's own tables in the metadata store.
//
//nolint:gochecknoglobals // a constant in all but Go's syntax
var Schema = meta.Schema{Name: "glue", Migrations: []string{`
CREATE TABLE glue_ruleset (name TEXT PRIMARY KEY, created INTEGER NOT NULL, modified INTEGER NOT NULL, rules INTEGER NOT NULL,
	token TEXT NOT NULL, doc TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE glue_tag (arn TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (arn, key)) WITHOUT ROWID;
`, `
INSERT INTO tag_row (arn, key, value) SELECT arn, key, value FROM glue_tag;
DROP TABLE glue_tag; -- package meta/tag keeps tags since then
`, `
CREATE TABLE glue_ruleset_2 (region TEXT NOT NULL, name TEXT NOT NULL, created INTEGER NOT NULL, modified INTEGER NOT NULL,
	rules INTEGER NOT NULL, token TEXT NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (region, name)) WITHOUT ROWID;
INSERT INTO glue_ruleset_2 (region, name, created, modified, rules, token, doc)
	SELECT 'us-east-1', name, created, modified, rules, token, doc FROM glue_ruleset;
DROP TABLE glue_ruleset;
ALTER TABLE glue_ruleset_2 RENAME TO glue_ruleset;
`}}

// API is the table of the operations.
func (s *Service) API() api.Service {
	return api.Service{Name: "glue", Access: access(), SDK: "Glue", Dialect: dialect(), Ops: slices.Concat(
		s.databaseOps(), s.tableOps(), s.versionOps(), s.partitionOps(), s.partitionBatchOps(), s.indexOps(),
		s.crawlers.Ops(), s.classifiers.Ops(), s.connectionOps(), s.rulesetOps(), s.tagOps(),
		s.jobOps(), s.bookmarkOps(), s.flows.Ops(),
		s.stats.Ops(), s.functions.Ops(), s.search.Ops(), s.settings.Ops(),
	)}
}

// arn names one of the service's resources: "crawler/NAME".
func (s *Service) arn(resource string) string {
	return arn.New("glue", s.Region, s.Account, resource).String()
}

// ownCatalog accepts the account's own catalog: there is no other.
func (s *Service) ownCatalog(id *string) error {
	return answer.OwnCatalog(s.Account, id)
}

// dialect is how Glue answer.Words faults of the request itself.
func dialect() *api.Dialect {
	d := api.JSONDialect()
	d.Unsupported = answer.Invalid
	return &d
}

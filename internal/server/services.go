package server

import (
	"context"
	"errors"
	"net/http"

	"penstock/internal/api"
	"penstock/internal/catalog"
	"penstock/internal/child"
	"penstock/internal/crawl"
	"penstock/internal/job"
	"penstock/internal/killpoint"
	"penstock/internal/logstore"
	"penstock/internal/meta"
	"penstock/internal/metric"
	"penstock/internal/object"
	"penstock/internal/service/cloudwatch"
	"penstock/internal/service/glue"
	"penstock/internal/service/logs"
	"penstock/internal/service/s3"
	"penstock/internal/service/sns"
	"penstock/internal/service/states"
)

// schemas are the tables of every noun and service, each under its own name.
func schemas() []meta.Schema {
	return []meta.Schema{object.Schema, catalog.Schema, logstore.Schema, metric.Schema, job.Schema, states.Schema, sns.Schema, crawl.Schema, glue.Schema}
}

// services is everything that answers operations, on the stores.
type services struct {
	stores     *stores
	invoker    api.Invoker // the table of all of them; set by connect
	jobs       *job.Jobs
	crawls     *crawl.Crawlers
	glue       *glue.Service
	s3         *s3.Service
	states     *states.Service
	cloudwatch *cloudwatch.Service
	logs       *logs.Service
	sns        *sns.Service
}

func (s *Server) buildServices(ctx context.Context, kill killpoint.Hook) (*services, error) {
	o, st := s.opts, s.stores
	v := &services{stores: st}
	v.jobs = job.New(job.Options{
		Meta: st.meta, Objects: st.objects, Catalog: st.catalog, Logs: st.logs, Metrics: st.metrics, Children: st.children,
		Needs: child.Budget{Memory: 1 << 30, Threads: 2}, Clock: o.Clock, Log: o.Log, Kill: kill,
	})
	v.crawls = crawl.Open(crawl.Deps{Meta: st.meta, Catalog: st.catalog, Objects: st.objects, Logs: st.logs, Clock: o.Clock, Log: o.Log})
	v.glue = glue.New(glue.Deps{
		Meta: st.meta, Catalog: st.catalog, Crawls: v.crawls, Jobs: v.jobs, Clock: o.Clock, Log: o.Log, Account: Account, Region: o.Region,
	})
	v.s3 = s3.New(s3.Deps{Objects: st.objects, Account: Account, Region: o.Region})
	v.states = states.New(states.Deps{
		Meta: st.meta, Clock: o.Clock, Log: o.Log, Invoker: func() api.Invoker { return v.invoker }, JobTopic: job.Topic, Kill: kill,
		Account: Account, Region: o.Region,
	})
	v.logs = logs.New(logs.Deps{Store: st.logs, Clock: o.Clock, Region: o.Region, Account: Account, Log: o.Log})
	v.cloudwatch = cloudwatch.New(cloudwatch.Deps{Metrics: st.metrics, Meta: st.meta, Clock: o.Clock, Region: o.Region, Account: Account, Log: o.Log})
	v.sns = sns.New(sns.Deps{Meta: st.meta, Clock: o.Clock, Region: o.Region, Account: Account, Log: o.Log, BaseURL: s.Endpoint})
	return v, nil
}

func (v *services) all() []api.Service {
	return []api.Service{v.s3.API(), v.glue.API(), v.states.API(), v.logs.API(), v.cloudwatch.API(), v.sns.API()}
}

// connect hands the table of all services to those that call others by name.
func (v *services) connect(table api.Invoker) {
	v.invoker = table
	v.jobs.Invoker = table
}

// mount puts the paths that need no signature beside the door.
func (v *services) mount(door http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle(sns.PublicPath, v.sns.ConfirmHandler())
	mux.Handle("/", door)
	return mux
}

// A loop is work that a service does by itself.
type loop struct {
	name string
	run  func(context.Context) error
}

func (v *services) loops() []loop {
	return []loop{
		{"garbage collection", v.stores.objects.Run},
		{"jobs", v.jobs.Run},
		{"crawlers", v.crawls.Run},
		{"executions", v.states.Run},
		{"alarms", func(ctx context.Context) error { return v.cloudwatch.Run(ctx, v.invoker) }},
		{"log retention", v.logs.Run},
		{"notifications", v.sns.Run},
	}
}

// drain carries out what alarms ask for and delivers what was published, until nothing is left or ctx ends.
func (v *services) drain(ctx context.Context) error {
	return errors.Join(v.cloudwatch.Drain(ctx, v.invoker), v.sns.Drain(ctx))
}

func (v *services) close() error { return nil }

func (v *services) warehouseAddr() string { return "" }

func (v *services) temporaryKey(string) (string, api.Principal, bool) {
	return "", api.Principal{}, false
}

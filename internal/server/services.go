package server

import (
	"context"
	"errors"
	"net"
	"net/http"
	"path/filepath"

	"penstock/internal/api"
	"penstock/internal/catalog"
	"penstock/internal/child"
	"penstock/internal/crawl"
	"penstock/internal/job"
	"penstock/internal/killpoint"
	"penstock/internal/logstore"
	"penstock/internal/meta"
	"penstock/internal/meta/due"
	"penstock/internal/metric"
	"penstock/internal/object"
	"penstock/internal/service/cloudformation"
	"penstock/internal/service/cloudwatch"
	"penstock/internal/service/glue"
	"penstock/internal/service/iam"
	"penstock/internal/service/logs"
	"penstock/internal/service/redshiftdata"
	"penstock/internal/service/redshiftserverless"
	"penstock/internal/service/s3"
	"penstock/internal/service/sns"
	"penstock/internal/service/states"
	"penstock/internal/service/sts"
	"penstock/internal/warehouse"
)

// schemas are the tables of every noun and service, each under its own name.
func schemas() []meta.Schema {
	return []meta.Schema{due.Schema, object.Schema, catalog.Schema, logstore.Schema, metric.Schema, job.Schema, states.Schema, sns.Schema, crawl.Schema, glue.Schema,
		warehouse.Schema, iam.Schema, sts.Schema, cloudformation.Schema}
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
	iam        *iam.Service
	sts        *sts.Service
	warehouses *warehouse.Warehouses
	data       *redshiftdata.Service
	stacks     *cloudformation.Service
	serverless *redshiftserverless.Service
}

func (s *Server) buildServices(ctx context.Context, kill killpoint.Hook) (*services, error) {
	o, st := s.opts, s.stores
	v := &services{stores: st}
	v.jobs = job.New(job.Options{
		Meta: st.meta, Objects: st.objects, Catalog: st.catalog, Logs: st.logs, Metrics: st.metrics, Children: st.children,
		Needs: child.Budget{Memory: 1 << 30, Threads: 2}, Clock: o.Clock, Log: o.Log, Kill: kill,
	})
	v.crawls = crawl.Open(crawl.Deps{Meta: st.meta, Catalog: st.catalog, Objects: st.objects, Logs: st.logs, Clock: o.Clock, Log: o.Log, Kill: kill})
	v.glue = glue.New(glue.Deps{
		Meta: st.meta, Catalog: st.catalog, Crawls: v.crawls, Jobs: v.jobs, Clock: o.Clock, Log: o.Log, Account: Account, Region: o.Region,
	})
	v.s3 = s3.New(s3.Deps{Objects: st.objects, Account: Account, Region: o.Region})
	v.states = states.New(states.Deps{
		Meta: st.meta, Clock: o.Clock, Log: o.Log, Invoker: func() api.Invoker { return v.invoker }, JobTopic: job.Topic, Kill: kill,
		Account: Account, Region: o.Region,
	})
	v.logs = logs.New(logs.Deps{Store: st.logs, Clock: o.Clock, Region: o.Region, Account: Account, Log: o.Log})
	v.cloudwatch = cloudwatch.New(cloudwatch.Deps{Metrics: st.metrics, Meta: st.meta, Clock: o.Clock, Region: o.Region, Account: Account, Log: o.Log,
		Invoker: func() api.Invoker { return v.invoker }})
	v.sns = sns.New(sns.Deps{Meta: st.meta, Clock: o.Clock, Region: o.Region, Account: Account, Log: o.Log, BaseURL: s.Endpoint})
	v.iam = iam.New(iam.Deps{Meta: st.meta, Clock: o.Clock, Account: Account})
	v.sts = sts.New(sts.Deps{Meta: st.meta, Clock: o.Clock, Account: Account, Role: v.iam.Lookup})
	if err := v.sts.Load(ctx); err != nil {
		return nil, err
	}
	s.buildWarehouse(v, kill)
	v.stacks = cloudformation.New(cloudformation.Deps{
		Meta: st.meta, Clock: o.Clock, Region: o.Region, Account: Account, Log: o.Log, Invoker: func() api.Invoker { return v.invoker }, Kill: kill,
	})
	return v, nil
}

// buildWarehouse builds Redshift: its endpoints and the two services that speak of them.
func (s *Server) buildWarehouse(v *services, kill killpoint.Hook) {
	o, st := s.opts, s.stores
	v.warehouses = warehouse.New(warehouse.Options{
		Meta: st.meta, Objects: st.objects, Metrics: st.metrics, Children: st.children, Clock: o.Clock, Log: o.Log,
		Dir: filepath.Join(o.Data, "warehouse"), Blobs: filepath.Join(o.Data, "blobs"), Host: s.warehouse.Addr().(*net.TCPAddr).IP.String(),
		First: s.warehouse, AdminPassword: s.creds.Password, Needs: child.Budget{Memory: 1 << 30, Threads: 2}, Region: o.Region, Account: Account,
		Kill: kill,
	})
	v.data = redshiftdata.New(redshiftdata.Deps{Warehouses: v.warehouses, Clock: o.Clock})
	v.serverless = redshiftserverless.New(redshiftserverless.Deps{Warehouses: v.warehouses, Clock: o.Clock})
}

func (v *services) all() []api.Service {
	return []api.Service{v.s3.API(), v.glue.API(), v.states.API(), v.logs.API(), v.cloudwatch.API(), v.sns.API(),
		v.iam.API(), v.sts.API(), v.data.API(), v.serverless.API(), v.stacks.API()}
}

// connect hands the table of all services to those that call others by name.
func (v *services) connect(table api.Invoker) {
	v.invoker = table
	v.jobs.Invoker = table
}

// mount puts the paths that need no signature beside the door. No ServeMux: it redirects "x//y", which is a good S3 key.
func (v *services) mount(door http.Handler) http.Handler {
	confirm := v.sns.ConfirmHandler()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == sns.PublicPath {
			confirm.ServeHTTP(w, r)
			return
		}
		door.ServeHTTP(w, r)
	})
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
		{"warehouses", v.runWarehouses},
		{"stacks", v.stacks.Run},
		{"executions", v.states.Run},
		{"alarms", v.cloudwatch.Run},
		{"log retention", v.logs.Run},
		{"notifications", v.sns.Run},
	}
}

// drain carries out what alarms ask for and delivers what was published, until nothing is left or ctx ends.
func (v *services) drain(ctx context.Context) error {
	return errors.Join(v.cloudwatch.Drain(ctx), v.sns.Drain(ctx))
}

// runWarehouses starts the warehouses and waits until the last one has ended.
func (v *services) runWarehouses(ctx context.Context) error {
	if err := v.warehouses.Start(ctx); err != nil {
		return err
	}
	<-ctx.Done()
	v.warehouses.Stop()
	return nil
}

package server

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"runtime"
	"time"

	"penstock/internal/api/door"
	"penstock/internal/catalog"
	"penstock/internal/child"
	"penstock/internal/crawl"
	"penstock/internal/event"
	"penstock/internal/flow"
	"penstock/internal/job"
	"penstock/internal/job/bookmark"
	"penstock/internal/job/script"
	"penstock/internal/logstore"
	"penstock/internal/meta"
	"penstock/internal/metric"
	"penstock/internal/module"
	"penstock/internal/object/events"
	"penstock/internal/service/cloudformation"
	"penstock/internal/service/cloudwatch"
	"penstock/internal/service/glue"
	glueflow "penstock/internal/service/glue/flow"
	"penstock/internal/service/iam"
	"penstock/internal/service/logs"
	"penstock/internal/service/redshiftdata"
	"penstock/internal/service/redshiftserverless"
	"penstock/internal/service/s3"
	"penstock/internal/service/sns"
	"penstock/internal/service/ssm"
	"penstock/internal/service/states"
	"penstock/internal/warehouse"
)

// global makes the modules of what has no region.
func (s *Server) global(env module.Env, roles *iam.Service) []module.Module {
	changes := events.Open(env.Meta, env.Clock, env.Log)
	s.stores.objects.OnEvent, s.stores.objects.OnDelete = changes.Write, changes.Forget
	return []module.Module{
		{Name: "object events", Schema: events.Schema, Load: changes.Load},
		{Name: "garbage collection", Run: s.stores.objects.Run},
		{Name: "scrub", Run: s.runScrub},
		roles.Module(),
		s.sessions.Module(),
	}
}

// regional makes the modules of a region: everything of it that has tables, answers operations or works by itself. What an alarm asks for
// is a message, so cloudwatch is drained before sns. Buckets are the account's: s3 is here to know for which region it is asked.
func (s *Server) regional(env module.Env) []module.Module {
	st := s.stores
	tables, groups := catalog.Open(env.Meta, env.Region, env.Clock), logstore.Open(env.Meta, env.Region, env.Clock)
	metrics := metric.Open(env.Meta, env.Region, env.Clock)
	flows := flow.New(flow.Options{Meta: env.Meta, Region: env.Region, Clock: env.Clock, Log: env.Log, Kill: env.Kill})
	told := event.Open(env.Meta, env.Clock, env.Account, env.Region)
	jobs := job.New(job.Options{
		Events: told, Ended: glueflow.JobEnded(flows),
		Meta: env.Meta, Objects: st.objects, Catalog: tables, Logs: groups, Metrics: metrics, Children: st.children, Needs: childNeeds(),
		Most: runMost(), Clock: env.Clock, Log: env.Log, Account: env.Account, Invoker: env.Invoker, Kill: env.Kill,
		Region: env.Region, Endpoint: s.Endpoint, Trust: s.programTrust(), JavaTrust: s.javaTrust(),
		Return: s.sessions.Return, Host: s.scriptHost(),
		Lend: func(ctx context.Context, role, name string, life time.Duration) (job.Keys, error) {
			k, err := s.sessions.Lend(ctx, role, name, life)
			return job.Keys(k), err
		},
	})
	crawls := crawl.Open(crawl.Deps{Meta: env.Meta, Region: env.Region, Catalog: tables, Objects: st.objects, Logs: groups,
		Clock: env.Clock, Log: env.Log, Kill: env.Kill, Account: env.Account, Invoker: env.Invoker, Events: told,
		Ended: glueflow.CrawlEnded(flows)})
	warehouses := s.openWarehouses(env, metrics)
	if env.Region == s.opts.Regions[0] {
		s.warehouses = warehouses
	}
	return []module.Module{
		{Name: "catalog", Schema: catalog.Schema, Run: func(ctx context.Context) error { return tables.Run(ctx, env.Log) }},
		{Name: "log groups", Schema: logstore.Schema},
		{Name: "metrics", Schema: metric.Schema},
		{Name: "events", Schema: event.Schema},
		{Name: "jobs", Schema: job.Schema, Run: jobs.Run},
		{Name: "bookmarks", Schema: bookmark.Schema},
		{Name: "crawlers", Schema: crawl.Schema, Run: crawls.Run},
		{Name: "triggers", Schema: flow.Schema, Run: flows.Run, Drain: flows.Drain},
		{Name: "warehouses", Schema: warehouse.Schema, Run: runWarehouses(warehouses)},
		s3.New(env, st.objects).Module(),
		glue.New(env, tables, crawls, jobs, flows).Module(),
		states.New(env, map[string]func(string) string{"glue.StartJobRun": job.Topic}).Module(),
		logs.New(env, groups).Module(),
		cloudwatch.New(env, metrics).Module(),
		sns.New(env, s.Endpoint).Module(),
		ssm.New(env).Module(),
		redshiftdata.New(env, warehouses).Module(),
		redshiftserverless.New(env, warehouses).Module(),
		cloudformation.New(env).Module(),
	}
}

// scriptHost is what scripts are run with; the modules that they ask for are kept in the data directory.
func (s *Server) scriptHost() script.Host {
	h := s.opts.Scripts
	h.Cache = filepath.Join(s.opts.Data, "python")
	return h
}

// childNeeds is what one worker or warehouse is given.
func childNeeds() child.Budget { return child.Budget{Memory: 1 << 30, Threads: 2} }

// runMost is what one job run is given at most, whatever size of AWS's it asks for: a thread a processor, and no more memory than leaves
// room for a few warehouses, which stay; where there are more of them it gets what they leave.
func runMost() child.Budget {
	usual := childNeeds()
	return child.Budget{Memory: 3 * usual.Memory, Threads: max(usual.Threads, runtime.NumCPU())}
}

// openWarehouses makes the warehouses of a region. Those of the first region have the first workgroup and its port.
func (s *Server) openWarehouses(env module.Env, metrics *metric.Store) *warehouse.Warehouses {
	o, st := s.opts, s.stores
	first, usual := s.warehouse, o.DefaultWorkgroup
	if env.Region != o.Regions[0] {
		first, usual = nil, false
	}
	return warehouse.New(warehouse.Options{
		Meta: env.Meta, Objects: st.objects, Metrics: metrics, Children: st.children, Clock: env.Clock, Log: env.Log,
		Dir: filepath.Join(o.Data, "warehouse"), Blobs: filepath.Join(o.Data, "blobs"), Host: s.warehouse.Addr().(*net.TCPAddr).IP.String(),
		First: first, Default: usual, AdminPassword: s.creds.Password, Certificate: s.certs.Certificate, Needs: childNeeds(),
		Region: env.Region, Served: o.Regions, Account: env.Account, Kill: env.Kill, Invoker: env.Invoker, Keys: s.keys,
	})
}

// runWarehouses starts the warehouses and waits until the last one has ended.
func runWarehouses(w *warehouse.Warehouses) func(context.Context) error {
	return func(ctx context.Context) error {
		if err := w.Start(ctx); err != nil && ctx.Err() == nil {
			return err
		}
		<-ctx.Done() // it may have ended while they started, which is no failure
		w.Stop()
		return nil
	}
}

// fresh is the database of a new data directory, with the tables of all modules: 75 statements take longer than the rest of a start.
// TestFreshTables writes it.
//
//go:embed fresh.db
var fresh []byte

// load gives the modules their tables and then lets them read what they keep in memory.
func (s *Server) load(ctx context.Context) error {
	if err := s.stores.meta.Migrate(ctx, s.schemas()...); err != nil {
		return fmt.Errorf("open metadata store: %w", err)
	}
	for _, m := range s.modules {
		if m.Load == nil {
			continue
		}
		if err := m.Load(ctx); err != nil {
			return fmt.Errorf("%s: %w", m.Label(), err)
		}
	}
	return nil
}

// schemas are the tables of all modules; those that are made once a region have the same.
func (s *Server) schemas() []meta.Schema {
	all, has := nouns(), map[string]bool{}
	for _, m := range s.modules {
		if m.Schema.Name != "" && !has[m.Schema.Name] {
			has[m.Schema.Name] = true
			all = append(all, m.Schema)
		}
	}
	return all
}

// mount puts the paths that need no signature beside the door, and makes the lean way into it.
func (s *Server) mount() (http.Handler, *door.Lean) {
	all := door.New(s.tables, s.keys, s.opts.Clock, s.opts.Log)
	public, plain := s.public(), door.Plain(all)
	// No ServeMux: it redirects "x//y", which is a good S3 key.
	mounted := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if h := public[r.URL.Path]; h != nil {
			h.ServeHTTP(w, r)
			return
		}
		all.ServeHTTP(w, r)
	})
	return mounted, &door.Lean{Idle: idleTime, Plain: func(w http.ResponseWriter, r *http.Request) bool {
		return public[r.URL.Path] == nil && plain(w, r)
	}}
}

// public are the paths that need no signature.
func (s *Server) public() map[string]http.Handler {
	public := map[string]http.Handler{}
	for _, m := range s.modules {
		for path, h := range m.Public {
			if public[path] == nil {
				public[path] = h
			}
		}
	}
	return public
}

// Drain carries out what alarms ask for and delivers what was published, until nothing is left or ctx ends, which leaves the rest to the
// next start.
func (s *Server) Drain(ctx context.Context) error {
	var errs []error
	for _, m := range s.modules {
		if m.Drain != nil {
			errs = append(errs, m.Drain(ctx))
		}
	}
	return errors.Join(errs...)
}

package door

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"penstock/internal/api"
	"penstock/internal/api/rest"
	"penstock/internal/api/sigv4"
	"penstock/internal/clock"
	"penstock/internal/id"
)

type door struct {
	tables    api.Regions // that calls go to, by the region of their signature
	table     *api.Table  // of the first region: what the services are is the same in each
	verifier  *sigv4.Verifier
	log       *slog.Logger
	plains    map[place]*api.Plain
	protocols []*protocol
	unsigned  string // the service of requests that name none
	mu        sync.Mutex
	routers   map[string]*rest.Router
	buffers   sync.Pool // of *[]byte, for answers
}

// New makes the handler over the tables of all regions that are served, which have the same services. keys knows the access keys; clk is
// what requests' dates are held against; log takes a debug line a request.
func New(tables api.Regions, keys sigv4.Keys, clk clock.Clock, log *slog.Logger) http.Handler {
	d := &door{tables: tables, table: tables[0], log: log, plains: plains(tables), protocols: protocols(), routers: map[string]*rest.Router{}}
	for _, s := range d.table.Services() {
		if s.Unsigned {
			d.unsigned = s.Name
		}
	}
	d.verifier = sigv4.New(sigv4.Config{Keys: keys, Clock: clk, Regions: d.regions(), Wanted: d.wanted,
		Bucket: func(host string) string { return d.hostLabel(host, d.unsigned) }})
	return d
}

// A call is one request on its way: what is known of it so far, and how its answer is written.
type call struct {
	w       http.ResponseWriter
	r       *http.Request
	service string
	op      string
	proto   *protocol
	id      string
	bound   *api.Bound
	// secondID says that the service's answers carry two request ids.
	secondID bool
	guard    api.Guard // of a stranger's call
}

// ServeHTTP implements http.Handler.
func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !triedLean(r) && d.plain(w, r) {
		return
	}
	claim := sigv4.Read(r)
	c := &call{w: w, r: r, service: claim.Service, id: id.UUID()}
	c.proto = d.protocolOf(r, c.service)
	if c.service == "" && c.proto.looks == nil {
		c.service = d.unsigned
	}
	svc, served := d.table.Service(c.service)
	c.secondID = svc.SecondID
	closeAfterEmpty(w, r)
	if svc.Cross != nil && d.cross(c, svc.Cross) {
		return
	}
	if svc.Misroute != nil {
		if e := d.misroute(c, svc.Misroute); e != nil {
			d.fail(c, e)
			return
		}
	}
	if svc.Form != "" && d.postsForm(c) {
		if err := d.form(c, svc.Form); err != nil {
			d.fail(c, err)
		}
		return
	}
	res, err := d.verify(c, &svc, claim)
	if err != nil {
		d.refuse(c, err)
		return
	}
	if !served {
		d.fail(c, unknownService(c, res.Service))
		return
	}
	ctx := api.WithPrincipal(r.Context(), res.Principal)
	if svc.Guard != nil {
		ctx = api.WithWire(ctx, res.Wire(r))
	}
	err = d.serve(ctx, c, res)
	if err != nil {
		d.fail(c, err)
	}
	if d.log != nil && d.log.Enabled(ctx, slog.LevelDebug) {
		d.log.DebugContext(ctx, "request", "service", c.service, "op", c.op, "code", api.Code(err), "id", c.id)
	}
}

// verify verifies a request's signature, or lets a stranger in whom the service's guard will ask.
func (d *door) verify(c *call, svc *api.Service, claim *sigv4.Claim) (*sigv4.Result, error) {
	if svc.Guard != nil {
		if res, ok, err := d.verifier.Stranger(c.r, claim); ok {
			c.guard = svc.Guard
			return res, err
		}
	}
	return d.verifier.Verify(c.r, claim, d.table.MaxBody(c.service))
}

// stranger asks the guard about a stranger's call before its input is read.
func (d *door) stranger(c *call, served bool) error {
	if c.guard == nil {
		return nil
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(d.escapedPath(c), "/"), "/")
	first, err := url.PathUnescape(first)
	if err != nil {
		return &api.Error{Code: "InvalidURI", Status: 400, Message: "Couldn't parse the specified URI."}
	}
	ctx := c.r.Context()
	_, err = c.guard(ctx, api.Call{Principal: api.Principal{Anonymous: true}, Op: c.op, First: first, Served: served})
	if err != nil {
		return d.table.Failure(ctx, c.service, c.op, err)
	}
	return nil
}

func unknownService(c *call, name string) *api.Error {
	e := &api.Error{Code: "UnknownService", Status: 400, Message: "Penstock does not serve the service " + name + " yet"}
	if c.proto.words == api.ObjectWords {
		e.Code = "NotImplemented"
	}
	return e
}

// serve reads the call, runs its operation and sends the answer.
func (d *door) serve(ctx context.Context, c *call, res *sigv4.Result) error {
	in, err := c.proto.decode(d, c, res)
	if err != nil {
		return d.table.Dialect(c.service).Undecodable(c.op, err)
	}
	// What was posted may be told where it is; CloudFormation is told where a template is.
	if c.r.Method == http.MethodPost && (c.proto.looks == nil || c.proto.words == api.QueryWords) {
		ctx = api.WithURL(ctx, c.service, address(c.r))
	}
	ctx, end := waiting(ctx, c.bound.Op)
	defer end()
	ctx, table := d.at(ctx, c.service, res.Region)
	out, err := table.Answer(ctx, c.service, c.bound.Op.Name, in)
	if err != nil {
		return res.Word(cutShort(ctx, err))
	}
	if k, ok := out.(*api.Kept); ok {
		return d.kept(ctx, c, k)
	}
	s, streams := out.(*api.Stream)
	switch {
	case !streams:
		return c.proto.encode(ctx, d, c, out)
	case c.proto.stream == nil:
		return fmt.Errorf("%s has no streams of events", c.proto.name)
	}
	return c.proto.stream(ctx, d, c, s)
}

// refuse answers a request whose signature does not hold.
func (d *door) refuse(c *call, err error) {
	var f *sigv4.Fault
	var told *api.Error // of the connection, beneath a body that ends early
	if errors.As(err, &told) || !errors.As(err, &f) {
		d.fail(c, err)
		return
	}
	d.fail(c, f.For(c.proto.words))
}

// closeAfterEmpty ends the connection after the answer to an empty body with "Expect: 100-continue": net/http sends no 100 for it, and
// botocore would take this answer's status for the next answer on the connection too, and hang.
func closeAfterEmpty(w http.ResponseWriter, r *http.Request) {
	if r.ContentLength == 0 && strings.EqualFold(r.Header.Get("Expect"), "100-continue") {
		w.Header().Set("Connection", "close")
	}
}

// bind looks up the operation that the call names.
func (d *door) bind(c *call, op string) error {
	c.op = op
	b, err := d.table.Bound(c.service, op)
	if err != nil {
		return err
	}
	if b.Op.Name != op {
		return d.unknownOp(c, op)
	}
	c.bound = b
	return nil
}

func (d *door) unknownOp(c *call, op string) error {
	return d.table.Dialect(c.service).UnsupportedOp(c.service, op)
}

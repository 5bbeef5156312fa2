package door

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"

	"penstock/internal/api"
	"penstock/internal/api/restxml"
	"penstock/internal/api/sigv4"
	"penstock/internal/clock"
	"penstock/internal/id"
)

// Limits of request bodies, in bytes.
const (
	maxBody   = 16 << 20 // of JSON, CBOR, query and XML requests
	maxObject = 5 << 30  // of an object or a part
)

type door struct {
	table    *api.Table
	verifier *sigv4.Verifier
	log      *slog.Logger
	plains   map[string]*api.Plain
	mu       sync.Mutex
	routers  map[string]*restxml.Router
}

// New makes the handler. keys knows the access keys; regions are those that a service's signatures may name; clk is what requests' dates
// are held against; log takes a debug line a request.
func New(table *api.Table, keys sigv4.Keys, regions func(service string) []string, clk clock.Clock, log *slog.Logger) http.Handler {
	v := sigv4.New(sigv4.Config{Keys: keys, Clock: clk, Regions: regions, Bucket: hostBucket})
	return &door{table: table, verifier: v, log: log, routers: map[string]*restxml.Router{}, plains: plains(table)}
}

// Regions returns the same regions for every service, for New.
func Regions(names ...string) func(service string) []string {
	return func(string) []string { return names }
}

// A call is one request on its way: what is known of it so far, and how its answer is written.
type call struct {
	w       http.ResponseWriter
	r       *http.Request
	service string
	op      string
	proto   protocol
	id      string
	bound   *api.Bound
}

// ServeHTTP implements http.Handler.
func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if d.plain(w, r) {
		return
	}
	claim := sigv4.Read(r)
	c := &call{w: w, r: r, service: claim.Service, id: id.UUID()}
	c.proto = d.protocolOf(r, c.service)
	if c.service == "" && c.proto == restXML {
		c.service = "s3" // what is not signed, or with a signature that cannot be read, and looks like no other protocol came for an object
	}
	closeAfterEmpty(w, r)
	if c.postsForm() {
		if err := d.form(c); err != nil {
			d.fail(c, err)
		}
		return
	}
	limit := int64(maxBody)
	if c.service == "s3" {
		limit = maxObject
	}
	res, err := d.verifier.Verify(r, claim, limit)
	if err != nil {
		d.refuse(c, err)
		return
	}
	if _, ok := d.table.Service(res.Service); !ok {
		d.fail(c, &api.Error{Code: unknownService(c), Status: 400, Message: "Penstock does not serve the service " + res.Service + " yet"})
		return
	}
	ctx := api.WithPrincipal(r.Context(), res.Principal)
	switch c.proto {
	case restXML:
		err = d.rest(ctx, c, res)
	case awsQuery:
		err = d.query(ctx, c)
	case rpcCBOR:
		err = d.cbor(ctx, c)
	default:
		err = d.json(ctx, c)
	}
	if err != nil {
		d.fail(c, err)
	}
	if d.log != nil {
		d.log.DebugContext(ctx, "request", "service", c.service, "op", c.op, "code", api.Code(err), "id", c.id)
	}
}

func unknownService(c *call) string {
	if c.proto == restXML {
		return "NotImplemented"
	}
	return "UnknownService"
}

// refuse answers a request whose signature does not hold.
func (d *door) refuse(c *call, err error) {
	var f *sigv4.Fault
	var told *api.Error // of the connection, beneath a body that ends early
	if errors.As(err, &told) || !errors.As(err, &f) {
		d.fail(c, err)
		return
	}
	d.fail(c, f.For(c.service, c.proto == awsQuery))
}

// closeAfterEmpty ends the connection after the answer to an empty body with "Expect: 100-continue": net/http sends no 100 for it, and
// botocore would take this answer's status for the next answer on the connection too, and hang.
func closeAfterEmpty(w http.ResponseWriter, r *http.Request) {
	if r.ContentLength == 0 && strings.EqualFold(r.Header.Get("Expect"), "100-continue") {
		w.Header().Set("Connection", "close")
	}
}

type protocol int

const (
	awsJSON protocol = iota
	awsQuery
	restXML
	rpcCBOR
)

// protocolOf finds the protocol: the service's only one, or, where a service speaks several, what the request looks like.
func (d *door) protocolOf(r *http.Request, service string) protocol {
	if svc, err := d.table.Shapes(service); err == nil && svc.Protocol == "rest-xml" {
		return restXML
	}
	switch {
	case r.Header.Get("Smithy-Protocol") == "rpc-v2-cbor" || strings.HasPrefix(r.URL.Path, "/service/") && strings.Contains(r.Header.Get("Content-Type"), "cbor"):
		return rpcCBOR
	case r.Header.Get("X-Amz-Target") != "":
		return awsJSON
	case strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded"), r.URL.Query().Has("Action"):
		return awsQuery
	case service == "":
		return restXML
	}
	return awsJSON
}

// invoke runs the operation that the call has been bound to.
func (d *door) invoke(ctx context.Context, c *call, in any) (any, error) {
	return d.table.Invoke(ctx, c.service, c.bound.Op.Name, in)
}

// bind looks up the operation that the call names.
func (d *door) bind(c *call, op string) error {
	c.op = op
	b, err := d.table.Bound(c.service, op)
	if err != nil {
		return err
	}
	if b.Op.Name != op {
		return api.UnknownOp(c.service, op)
	}
	c.bound = b
	return nil
}

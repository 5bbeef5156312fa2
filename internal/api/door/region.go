package door

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"penstock/internal/api"
)

// globalRegion is the region that clients sign for where a service has no regions.
const globalRegion = "us-east-1"

// regions returns the regions that the signatures of a service may name.
func (d *door) regions() func(service string) []string {
	served := d.tables.Names()
	global := served
	if !slices.Contains(served, globalRegion) {
		global = append(slices.Clone(served), globalRegion)
	}
	return func(service string) []string {
		if s, _ := d.table.Service(service); s.Global {
			return global
		}
		return served
	}
}

// at is the table of a region that the verifier has let pass, which the context tells the service. A service without regions is the same
// in each; a signature without one means any.
func (d *door) at(ctx context.Context, service, region string) (context.Context, *api.Table) {
	ctx = api.WithScope(ctx, api.Scope{Service: service, Region: region})
	if t, err := d.tables.In(region); err == nil {
		return ctx, t
	}
	return ctx, d.table
}

// wanted is the service that a request's target names if that is another than its signature's, "" when it is the same, or names none that
// is served. A signature for S3 says by itself what the request is: all of S3's requests look alike.
func (d *door) wanted(r *http.Request, signed string) string {
	prefix := targetPrefix(r)
	if prefix == "" {
		return ""
	}
	svc, err := d.table.Shapes(signed)
	if err == nil && (svc.TargetPrefix == prefix || d.named(svc.Protocol).looks == nil) {
		return ""
	}
	for _, s := range d.table.Services() {
		if svc, err := d.table.Shapes(s.Name); err == nil && svc.TargetPrefix == prefix {
			return s.Name
		}
	}
	return ""
}

// targetPrefix is what a request calls its service: X-Amz-Target is PREFIX.OPERATION, the path of the CBOR protocol
// /service/PREFIX/operation/OPERATION.
func targetPrefix(r *http.Request) string {
	target := r.Header.Get("X-Amz-Target")
	if i := strings.LastIndexByte(target, '.'); i > 0 {
		return target[:i]
	}
	if parts := strings.Split(r.URL.Path, "/"); looksCBOR(r) && len(parts) >= 5 && parts[len(parts)-4] == "service" {
		return parts[len(parts)-3]
	}
	return ""
}

package door

import (
	"log/slog"
	"net/http"
	"strings"

	"penstock/internal/api"
	"penstock/internal/api/sigv4"
	"penstock/internal/id"
)

// keptCall is the short way of operations whose answers are kept. They change nothing: what it does not answer, every refusal included, is
// asked again the general way.
func (d *door) keptCall(w http.ResponseWriter, r *http.Request) bool {
	target := first(r.Header["X-Amz-Target"])
	claim := sigv4.Read(r)
	svc, served := d.table.Service(claim.Service)
	if !served || svc.Cross != nil || svc.Misroute != nil || svc.Form != "" {
		return false
	}
	if !d.table.Keeps(svc.Name, target[strings.LastIndexByte(target, '.')+1:]) {
		return false
	}
	c := &call{w: w, r: r, service: svc.Name, id: id.UUID(), secondID: svc.SecondID}
	if c.proto = d.protocolOf(r, c.service); c.proto.name != "json" {
		return false
	}
	res, err := d.verifier.Verify(r, claim, d.table.MaxBody(c.service))
	if err != nil || res.Presigned {
		return false
	}
	ctx := api.WithPrincipal(r.Context(), res.Principal)
	if d.serve(ctx, c, res) != nil {
		return false
	}
	if d.log != nil && d.log.Enabled(ctx, slog.LevelDebug) {
		d.log.DebugContext(ctx, "request", "service", c.service, "op", c.op, "code", "", "id", c.id)
	}
	return true
}

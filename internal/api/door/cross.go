package door

import (
	"maps"
	"net/http"
	"strings"

	"penstock/internal/api"
)

// cross deals with browsers of other origins, where the service knows them: a preflight is answered here, before any signature; other
// requests get the headers of the answer, be it an error.
func (d *door) cross(c *call, ask api.Cross) (done bool) {
	preflight := c.r.Method == http.MethodOptions
	if !preflight && c.r.Header.Get("Origin") == "" {
		return false
	}
	bucket, _, _ := strings.Cut(strings.TrimPrefix(d.escapedPath(c), "/"), "/")
	h, err := ask(c.r.Context(), c.r, bucket)
	if err != nil {
		d.fail(c, err)
		return true
	}
	maps.Copy(c.w.Header(), h)
	if preflight {
		c.ids()
		c.w.WriteHeader(http.StatusOK)
	}
	return preflight
}

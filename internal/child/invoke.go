package child

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"penstock/internal/api"
)

// Invoke implements api.Invoker over the connection, for json.RawMessage input only. The caller's identity is the child's own,
// which the parent decided when it started the child.
func (c *Client) Invoke(ctx context.Context, service, op string, in any) (any, error) {
	raw, ok := in.(json.RawMessage)
	if !ok {
		return nil, fmt.Errorf("invoke %s %s: a child passes json.RawMessage, not %T", service, op, in)
	}
	var out json.RawMessage
	if err := c.Call(ctx, "/invoke/"+service+"/"+op, raw, &out); err != nil {
		return nil, err
	}
	return out, nil
}

// InvokeHandler serves Client.Invoke at /invoke/{service}/{op}: every call is made as the principal.
func InvokeHandler(inv api.Invoker, p api.Principal) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			WriteError(w, fmt.Errorf("read a child's call: %w", err))
			return
		}
		ctx := api.WithPrincipal(callContext(r), p)
		out, err := inv.Invoke(ctx, r.PathValue("service"), r.PathValue("op"), json.RawMessage(body))
		if err != nil {
			WriteError(w, err)
			return
		}
		raw, ok := out.(json.RawMessage)
		if !ok {
			WriteError(w, fmt.Errorf("invoke %s: answered with %T", r.URL.Path, out))
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Write(raw)
	})
}

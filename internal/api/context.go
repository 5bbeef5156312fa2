package api

import (
	"context"
	"net/http"
	"time"
)

// A Principal is who calls: the identity that a signature proved, or that a service assumed.
type Principal struct {
	ARN         string // arn:aws:iam::000000000000:root, arn:aws:sts::000000000000:assumed-role/NAME/SESSION
	Account     string
	AccessKeyID string
	UserID      string // as STS tells it: of a session the unique id of its role and its name; "" where that is not known
	// SessionToken is what a request signed with a temporary key must carry; the door takes it off once it has compared it.
	SessionToken string
	// Anonymous is a stranger, who signed nothing. All else is empty then.
	Anonymous bool
}

type contextKey int

const (
	principalKey contextKey = iota
	tokenKey
	scopeKey
	urlKey
	wireKey
)

// WithPrincipal returns a context that carries the caller.
func WithPrincipal(ctx context.Context, p Principal) context.Context {
	return context.WithValue(ctx, principalKey, p)
}

// PrincipalOf returns the caller; ok is false when the context carries none, and then no operation may run.
func PrincipalOf(ctx context.Context) (Principal, bool) {
	p, ok := ctx.Value(principalKey).(Principal)
	return p, ok
}

// address is where a request to a service was sent.
type address struct{ service, url string }

// WithURL returns a context that carries the address of a request to a service, without its query: an answer may name it.
func WithURL(ctx context.Context, service, url string) context.Context {
	return context.WithValue(ctx, urlKey, address{service, url})
}

// URLOf returns the address of the request to the service, or "" for a call that did not come by HTTP, such as one that another service
// makes while it answers a request of its own.
func URLOf(ctx context.Context, service string) string {
	if a, ok := ctx.Value(urlKey).(address); ok && a.service == service {
		return a.url
	}
	return ""
}

// A Wire is what an HTTP request tells beside its operation: what conditions of policies may ask.
type Wire struct {
	Request *http.Request
	Input   http.Header // that the operation's input is made of: the request's, or what stands for them in a form
	// Scheme is the algorithm of the signature, "AWS4-HMAC-SHA256" or "AWS", and "" without one; Form is where it stands: "REST-HEADER",
	// "REST-QUERY-STRING" or "POST".
	Scheme, Form string
	Signed       time.Time // zero: not known
}

// WithWire returns a context that carries the request itself, for a service with a Guard.
func WithWire(ctx context.Context, w *Wire) context.Context {
	return context.WithValue(ctx, wireKey, w)
}

// WireOf returns the request, nil for a call that did not come by HTTP.
func WireOf(ctx context.Context) *Wire {
	w, _ := ctx.Value(wireKey).(*Wire)
	return w
}

// A Scope is where a request to a service was signed for.
type Scope struct {
	Service string
	Region  string // "" where the signature names none, as those of version 2 do: it means any
}

// WithScope returns a context that carries what a request was signed for.
func WithScope(ctx context.Context, s Scope) context.Context {
	return context.WithValue(ctx, scopeKey, s)
}

// ScopeOf returns what the request to the service was signed for; signed is false for a call that was not, such as one that another
// service makes while it answers a request of its own.
func ScopeOf(ctx context.Context, service string) (s Scope, signed bool) {
	s, _ = ctx.Value(scopeKey).(Scope)
	return s, s.Service == service
}

// WithToken returns a context that carries the token of a call, "OWNER#NUMBER" (for a task: execution ARN + "#" + event id). An operation
// that changes something answers a repeat with its first answer, which the metadata store keeps in the transaction of the change.
func WithToken(ctx context.Context, token string) context.Context {
	return context.WithValue(ctx, tokenKey, token)
}

// TokenOf returns the token of a call, or "". A handler sees none: the table has dealt with it.
func TokenOf(ctx context.Context) string {
	t, _ := ctx.Value(tokenKey).(string)
	return t
}

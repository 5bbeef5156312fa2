package api

import "context"

// A Principal is who calls: the identity that a signature proved, or that a service assumed.
type Principal struct {
	ARN         string // arn:aws:iam::000000000000:root, arn:aws:sts::000000000000:assumed-role/NAME/SESSION
	Account     string
	AccessKeyID string
	// SessionToken is what a request signed with a temporary key must carry; the door takes it off once it has compared it.
	SessionToken string
}

type contextKey int

const (
	principalKey contextKey = iota
	tokenKey
	urlKey
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

// WithURL returns a context that carries the address of a request, without its query: answers that name the object use it.
func WithURL(ctx context.Context, url string) context.Context {
	return context.WithValue(ctx, urlKey, url)
}

// URLOf returns the address of the request, or "" for a call that did not come by HTTP.
func URLOf(ctx context.Context) string {
	u, _ := ctx.Value(urlKey).(string)
	return u
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

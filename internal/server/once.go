package server

import (
	"context"
	"errors"

	"penstock/internal/api"
	"penstock/internal/killpoint"
	"penstock/internal/meta"
)

// KillPoints are the points of this package that crash tests kill at.
var KillPoints = []string{"call.answered"}

// once joins a region's table of operations to the store that keeps the answers of calls with tokens.
func once(store *meta.Store, kill killpoint.Hook, region string, dialect func(service string) api.Dialect) func(context.Context, string,
	string, string, []byte, func(context.Context) ([]byte, error)) ([]byte, bool, error) {
	return func(ctx context.Context, token, service, op string, request []byte,
		do func(context.Context) ([]byte, error)) ([]byte, bool, error) {
		call := meta.Call{Token: token, Region: region, Service: service, Op: op, Request: request}
		answer, repeated, err := store.Once(ctx, call, func(ctx context.Context) ([]byte, error) {
			answer, err := do(ctx)
			kill.At("call.answered") // changed and answered, and nothing of it is durable
			return answer, err
		})
		if errors.Is(err, meta.ErrOtherRequest) {
			err = dialect(service).Invalid(op, "The token of this call was used for another request of "+op+".")
		}
		return answer, repeated, err
	}
}

// Package moduletest makes the surroundings of a service for its tests: a store in a temporary folder, a clock that stands still, an
// account and a region. It is imported by tests only.
package moduletest

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"penstock/internal/api"
	"penstock/internal/api/apitest"
	"penstock/internal/clock"
	"penstock/internal/meta"
	"penstock/internal/meta/metatest"
	"penstock/internal/module"
)

// Account and Region are those of every Env that is made here.
const (
	Account = apitest.Account
	Region  = "us-east-1"
)

// Start is the instant at which a clock made here stands.
func Start() time.Time { return time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) }

// New returns an Env on a store of its own with the given tables; its clock is a *clock.Manual at Start.
func New(t testing.TB, schemas ...meta.Schema) module.Env {
	t.Helper()
	return Open(t, t.TempDir(), clock.NewManual(Start()), schemas...)
}

// Open returns an Env on the store in dir, which a test may have closed before.
func Open(t testing.TB, dir string, c clock.Clock, schemas ...meta.Schema) module.Env {
	t.Helper()
	return On(metatest.Open(t, dir, c, schemas...), c)
}

// On returns an Env on a store that is open. Its Invoker has no services until Table is called with it.
func On(m *meta.Store, c clock.Clock) module.Env {
	quiet := slog.New(slog.DiscardHandler)
	return module.Env{Meta: m, Clock: c, Log: quiet, Account: Account, Region: Region, Invoker: api.NewTable(nil, quiet)}
}

// Table puts services into the Invoker of their Env and returns it with a context that carries the account's root as caller, in the
// form that apitest.Vary wants.
func Table(t testing.TB, env module.Env, services ...api.Service) (api.Invoker, context.Context) {
	t.Helper()
	table, ok := env.Invoker.(*api.Table)
	if !ok {
		table = api.NewTable(nil, env.Log)
	}
	table.Add(services...)
	return table, apitest.Context(t)
}

// Package module is the joint between the server and what it is made of: the surroundings that every service is given, and what a
// service gives back. It knows no service and holds no state; package server makes one Env and goes through one list of Modules.
package module

import (
	"context"
	"log/slog"
	"net/http"

	"penstock/internal/api"
	"penstock/internal/clock"
	"penstock/internal/killpoint"
	"penstock/internal/meta"
)

// An Env is the surroundings of a service. It is made once a region; a service keeps it and asks nothing else where it is. What is of no
// region (buckets, roles, sessions) is given the first one's.
type Env struct {
	// Meta has the service's tables by the time that Module.Load is called, not before.
	Meta            *meta.Store
	Clock           clock.Clock
	Log             *slog.Logger
	Account, Region string // "000000000000", "us-east-1"
	// Invoker is every operation of every service, the service's own among them. It may be kept at once and called from Module.Load on.
	Invoker api.Invoker
	// Regions are all that the server serves, Region among them.
	Regions api.Regions
	Kill    killpoint.Hook // the instants at which crash tests end the process
}

// In returns the operations of a region, which may be another than the Env's.
func (e Env) In(region string) (api.Invoker, error) {
	if region == e.Region {
		return e.Invoker, nil
	}
	return e.Regions.In(region)
}

// A Module is what the server runs for a service, or for a noun that works by itself. Whatever it has not is left out.
type Module struct {
	Name   string // of what is no service, in messages: "jobs"
	API    api.Service
	Schema meta.Schema
	// Load is called once, when the tables are there and before the first request.
	Load func(context.Context) error
	// Run works until its context ends; its error ends the server.
	Run func(context.Context) error
	// Drain returns when nothing is left that Run would do at once, or when its context ends, which leaves the rest to the next start.
	Drain func(context.Context) error
	// Public are the paths that need no signature, with what answers them. They name no region: of a service that is made once a region the
	// first one's answer, and must find by the request what it is about.
	Public map[string]http.Handler
}

// Label is the module's name in messages.
func (m Module) Label() string {
	if m.Name != "" {
		return m.Name
	}
	return m.API.Name
}

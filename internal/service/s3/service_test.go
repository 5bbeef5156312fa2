package s3

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"penstock/internal/api"
	"penstock/internal/api/apitest"
	"penstock/internal/blob"
	"penstock/internal/clock"
	"penstock/internal/meta/metatest"
	"penstock/internal/object"
	"penstock/internal/vfs"
)

var t0 = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// fresh is a service of its own with nothing in it.
func fresh(t *testing.T) (api.Invoker, context.Context) {
	c := clock.NewManual(t0)
	m := metatest.Open(t, t.TempDir(), c, object.Schema)
	b, err := blob.Open(vfs.NewMem(), "/blobs")
	if err != nil {
		t.Fatal(err)
	}
	s := New(Deps{Objects: object.Open(m, b, object.Options{Clock: c}), Region: "us-east-1", Account: "000000000000"})
	return api.NewTable([]api.Service{s.API()}, slog.New(slog.DiscardHandler)), apitest.Context(t)
}

func TestTable(t *testing.T) { apitest.Check(t, New(Deps{}).API()) }

func TestHonours(t *testing.T) {
	apitest.Vary(t, "testdata/honours.test", New(Deps{}).API(), fresh)
}

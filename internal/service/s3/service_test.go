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
	"penstock/internal/meta"
	"penstock/internal/meta/metatest"
	"penstock/internal/module"
	"penstock/internal/module/moduletest"
	"penstock/internal/object"
	"penstock/internal/vfs"
)

var t0 = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// open is a service with nothing in it, and a function that empties it.
func open(t *testing.T) (api.Invoker, func()) {
	c := clock.NewManual(t0)
	m := metatest.Open(t, t.TempDir(), c, object.Schema)
	b, err := blob.Open(vfs.NewMem(), "/blobs")
	if err != nil {
		t.Fatal(err)
	}
	s := New(moduletest.On(m, c), object.Open(m, b, object.Options{Clock: c}))
	empty := func() {
		err := m.Update(t.Context(), func(tx *meta.Tx) error {
			for _, table := range []string{"bucket", "current", "old", "upload", "part", "garbage"} {
				if _, err := tx.Exec("DELETE FROM object_" + table); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return api.NewTable([]api.Service{s.API()}, slog.New(slog.DiscardHandler)), empty
}

func TestTable(t *testing.T) { apitest.Check(t, New(module.Env{}, nil).API()) }

func TestHonours(t *testing.T) {
	inv, empty := open(t)
	apitest.Vary(t, "testdata/honours.test", New(module.Env{}, nil).API(), func(t *testing.T) (api.Invoker, context.Context) {
		empty() // opening a store for each of a thousand runs would take minutes
		return inv, apitest.Context(t)
	})
}

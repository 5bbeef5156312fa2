package s3

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3/types"

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

// open gives a function that makes a service with nothing in it.
func open(t *testing.T) (empty func() api.Invoker) {
	c := clock.NewManual(t0)
	m := metatest.Open(t, t.TempDir(), c, object.Schema)
	b, err := blob.Open(vfs.NewMem(), "/blobs")
	if err != nil {
		t.Fatal(err)
	}
	return func() api.Invoker {
		err := m.Update(t.Context(), func(tx *meta.Tx) error {
			for _, table := range []string{"bucket", "current", "old", "upload", "part", "garbage", "setting", "body"} {
				if _, err := tx.Exec("DELETE FROM object_" + table); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		env := moduletest.On(m, c)
		env.Regions = regions("us-east-1", "eu-west-1", "eu-west-2")
		s := New(env, object.Open(m, b, object.Options{Clock: c})) // without the rows that were in memory
		return api.NewTable([]api.Service{s.API()}, slog.New(slog.DiscardHandler))
	}
}

// regions are served, but have no operations.
func regions(names ...string) (all api.Regions) {
	for _, name := range names {
		all = append(all, &api.Table{Region: name})
	}
	return all
}

func TestTable(t *testing.T) { apitest.Check(t, New(module.Env{}, nil).API()) }

func TestHonours(t *testing.T) {
	empty := open(t)
	apitest.Vary(t, "testdata/honours.test", New(module.Env{}, nil).API(), func(t *testing.T) (api.Invoker, context.Context) {
		return empty(), apitest.Context(t) // opening a store for each of a thousand runs would take minutes
	})
}

// TestRegionRules has the answers of an endpoint outside of us-east-1, where a bucket's region must be named and be the endpoint's.
func TestRegionRules(t *testing.T) {
	for _, c := range []struct{ region, wish, code string }{
		{"us-east-1", "", ""}, {"us-east-1", "eu-west-1", ""}, {"us-east-1", "us-east-1", "InvalidLocationConstraint"},
		{"us-east-1", "moon-1", "InvalidLocationConstraint"}, {"eu-west-1", "eu-west-1", ""}, {"eu-west-1", "EU", ""},
		{"eu-west-1", "", "IllegalLocationConstraintException"}, {"eu-west-1", "eu-west-2", "IllegalLocationConstraintException"},
		{"eu-west-2", "EU", "IllegalLocationConstraintException"}, {"us-east-1", "sa-east-1", "InvalidLocationConstraint"},
		{"us-east-1", "EU", ""},
	} {
		env := module.Env{Region: c.region, Regions: regions("us-east-1", "eu-west-1", "eu-west-2")}
		_, err := (&Service{Env: env}).constraint(types.BucketLocationConstraint(c.wish))
		if api.Code(err) != c.code {
			t.Errorf("%q at the endpoint of %s: %v, want %s", c.wish, c.region, err, c.code)
		}
	}
}

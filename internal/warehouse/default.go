package warehouse

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"penstock/internal/meta"
)

// DefaultName is the name of the namespace and workgroup that a data directory is born with, as Redshift Serverless names its own.
const DefaultName = "default"

// defaultCapacity is AWS's base capacity, in RPUs.
const defaultCapacity = 128

// first makes the default namespace and workgroup at the first start that asks for them, in a data directory without a namespace. Whatever
// is decided is decided once: what is deleted does not come back.
func (w *Warehouses) first(ctx context.Context) error {
	ns := w.begin(Namespace{Name: DefaultName, Managed: true}, "")
	var g Workgroup
	w.identify(&g)
	g.Name, g.Namespace, g.BaseCapacity, g.First, g.Default = DefaultName, DefaultName, defaultCapacity, true, true
	return w.o.Meta.Update(ctx, func(tx *meta.Tx) error {
		var decided, there int
		if err := tx.QueryRow("SELECT (SELECT count(*) FROM warehouse_first), (SELECT count(*) FROM warehouse_namespace)").Scan(&decided, &there); err != nil {
			return err
		}
		if decided > 0 || there == 0 && !w.o.Default {
			return nil
		}
		if _, err := tx.Exec("INSERT INTO warehouse_first(made) VALUES (?)", there == 0); err != nil || there > 0 {
			return err
		}
		return errors.Join(putUser(tx, ns.Name, ns.AdminUser, ns.AdminSecret, true, 0), putNamespace(tx, &ns), putWorkgroup(tx, &g))
	})
}

// atPort finds the workgroup that listens where the server was told to; nil when there is none.
func atPort(tx *meta.Tx) (*Workgroup, error) {
	groups, err := listDocs[Workgroup](tx, "SELECT doc FROM warehouse_workgroup ORDER BY name")
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(groups, func(g Workgroup) bool { return g.First }); i >= 0 {
		return &groups[i], nil
	}
	return nil, nil
}

// made asks for what somebody has made in a database: nothing of it is there in a new one.
const made = `SELECT (SELECT count(*) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'penstock'))
	+ (SELECT count(*) FROM pg_catalog.pg_namespace WHERE nspname NOT IN ('public', 'penstock', 'information_schema') AND nspname NOT LIKE 'pg_%')`

// unused reports whether nobody has made anything in a workgroup's namespace: no table, view, schema, database or user.
func (w *Warehouses) unused(ctx context.Context, g *Workgroup) (bool, error) {
	ns, err := w.Namespace(ctx, g.Namespace)
	if err != nil {
		return false, err
	}
	var users int
	err = w.o.Meta.View(ctx, func(tx *meta.Tx) error {
		return tx.QueryRow("SELECT count(*) FROM warehouse_user WHERE namespace = ? AND expires = 0", g.Namespace).Scan(&users)
	})
	if err != nil || users > 1 {
		return false, err
	}
	if all, err := w.Databases(ctx, g.Name); err != nil || len(all) > 1 {
		return false, err
	}
	rows, err := w.Query(ctx, g.Name, ns.Database, ns.AdminUser, made)
	if err != nil {
		return false, fmt.Errorf("look what was made in workgroup %s: %w", g.Name, err)
	}
	return len(rows) == 1 && len(rows[0]) == 1 && string(rows[0][0]) == "0", nil
}

// reseat lets a workgroup listen where the server was told to, or at a port of its own. Its sessions end.
func (w *Warehouses) reseat(ctx context.Context, g Workgroup, first bool) (*Workgroup, error) {
	if err := w.end(ctx, g.Name); err != nil {
		return nil, err
	}
	g.First, g.Port = first, 0
	return &g, w.launch(ctx, &g)
}

// makeRoom takes the server's port from the default workgroup for another one, if nobody has made anything in it; it says which workgroup
// has moved, nil for none.
func (w *Warehouses) makeRoom(ctx context.Context) (*Workgroup, error) {
	holder, err := w.holder(ctx)
	if err != nil || holder == nil || !holder.Default {
		return nil, err
	}
	if free, err := w.unused(ctx, holder); err != nil || !free {
		return nil, err
	}
	return w.reseat(ctx, *holder, false)
}

// holder is the workgroup at the server's port; nil for none.
func (w *Warehouses) holder(ctx context.Context) (g *Workgroup, err error) {
	err = w.o.Meta.View(ctx, func(tx *meta.Tx) error {
		g, err = atPort(tx)
		return err
	})
	return g, err
}

// settleDefault gives the server's port back to the default workgroup when no other has it any more.
func (w *Warehouses) settleDefault(ctx context.Context) error {
	if holder, err := w.holder(ctx); err != nil || holder != nil {
		return err
	}
	g, err := w.Workgroup(ctx, DefaultName)
	if errors.Is(err, ErrNoWorkgroup) || err == nil && !g.Default {
		return nil
	}
	if err != nil {
		return err
	}
	if g, err = w.reseat(ctx, *g, true); err != nil {
		return err
	}
	return w.o.Meta.Update(ctx, func(tx *meta.Tx) error { return putWorkgroup(tx, g) })
}

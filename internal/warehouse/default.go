package warehouse

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"penstock/internal/meta"
)

// DefaultName is the name of the namespace and workgroup that a data directory is born with, as Redshift Serverless names its own.
const DefaultName = "default"

// defaultCapacity is AWS's base capacity, in RPUs.
const defaultCapacity = 128

// first makes the default namespace and workgroup at the first start that asks for them, in a region without a namespace. Whatever is
// decided is decided once: what is deleted does not come back.
func (w *Warehouses) first(tx *meta.Tx, ns Namespace, g Workgroup) error {
	decided, there, err := w.decided(tx)
	if err != nil || decided || !there && !w.o.Default {
		return err
	}
	if _, err := tx.Exec("INSERT INTO warehouse_first(region, made) VALUES (?, ?)", w.o.Region, !there); err != nil || there {
		return err
	}
	return errors.Join(w.putUser(tx, ns.Name, ns.AdminUser, ns.AdminSecret, true, 0), w.putNamespace(tx, &ns), w.putWorkgroup(tx, &g))
}

// decided reports whether first has decided, and whether there is a namespace.
func (w *Warehouses) decided(tx *meta.Tx) (decided, there bool, err error) {
	err = tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM warehouse_first WHERE region = ?1),
		EXISTS (SELECT 1 FROM warehouse_namespace WHERE region = ?1)`, w.o.Region).Scan(&decided, &there)
	return decided, there, err
}

// Vacant reports whether nothing will answer at the server's port when the warehouses have started, until somebody makes a workgroup.
func (w *Warehouses) Vacant(ctx context.Context) (vacant bool, err error) {
	err = w.o.Meta.View(ctx, func(tx *meta.Tx) error {
		groups, err := w.listWorkgroups(tx, "", -1)
		if err != nil || slices.ContainsFunc(groups, func(g Workgroup) bool { return g.First || g.Default }) {
			return err
		}
		decided, there, err := w.decided(tx)
		vacant = decided || there || !w.o.Default
		return err
	})
	return vacant, err
}

// groups are the workgroups that a start finds or makes. At most one has the server's port: the one that had it, else the default one, and
// none where the port is not this region's.
func (w *Warehouses) groups(ctx context.Context) (groups []Workgroup, err error) {
	ns := w.begin(Namespace{Name: DefaultName}, "")
	g := Workgroup{Name: DefaultName, Namespace: DefaultName, BaseCapacity: defaultCapacity, Default: true}
	w.identify(&g)
	err = w.o.Meta.Update(ctx, func(tx *meta.Tx) error {
		if err := w.first(tx, ns, g); err != nil {
			return fmt.Errorf("make the default workgroup: %w", err)
		}
		if groups, err = w.listWorkgroups(tx, "", -1); err != nil {
			return err
		}
		holder := -1
		if w.o.First != nil {
			if holder = slices.IndexFunc(groups, func(g Workgroup) bool { return g.First }); holder < 0 {
				holder = slices.IndexFunc(groups, func(g Workgroup) bool { return g.Default })
			}
		}
		for i := range groups {
			if g := &groups[i]; g.First != (i == holder) {
				g.First, g.Port = i == holder, 0
				if err := w.putWorkgroup(tx, g); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return groups, err
}

// atPort finds the workgroup that listens where the server was told to; nil when there is none.
func (w *Warehouses) atPort(tx *meta.Tx) (*Workgroup, error) {
	groups, err := w.listWorkgroups(tx, "", -1)
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(groups, func(g Workgroup) bool { return g.First }); i >= 0 {
		return &groups[i], nil
	}
	return nil, nil
}

// made asks for what somebody has made in a database: nothing of it is there in a new one.
const made = `SELECT (SELECT count(*) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'penstock'))
	+ (SELECT count(*) FROM pg_catalog.pg_namespace
		WHERE nspname NOT IN ('public', 'penstock', 'information_schema') AND nspname NOT LIKE 'pg_%')`

const lookTime = 10 * time.Second

// unused reports whether nobody has made anything in a workgroup's namespace: no table, view, schema, database or user. One that cannot be
// asked, because its process does not start or is busy, counts as used: it is left alone.
func (w *Warehouses) unused(ctx context.Context, g *Workgroup) bool {
	ctx, cancel := context.WithTimeout(ctx, w.look)
	defer cancel()
	empty, err := w.empty(ctx, g)
	if err != nil {
		w.o.Log.WarnContext(ctx, "the default workgroup keeps the warehouse's port: it does not say whether somebody uses it", "err", err)
	}
	return err == nil && empty
}

func (w *Warehouses) empty(ctx context.Context, g *Workgroup) (bool, error) {
	ns, err := w.Namespace(ctx, g.Namespace)
	if err != nil {
		return false, err
	}
	var users int
	err = w.o.Meta.View(ctx, func(tx *meta.Tx) error {
		return tx.QueryRow("SELECT count(*) FROM warehouse_user WHERE region = ? AND namespace = ? AND expires = 0",
			w.o.Region, g.Namespace).Scan(&users)
	})
	if err != nil || users > 1 {
		return false, err
	}
	if all, err := w.Databases(ctx, g.Name); err != nil || len(all) > 1 {
		return false, err
	}
	rows, err := w.Query(ctx, g.Name, ns.Database, ns.AdminUser, made)
	return err == nil && len(rows) == 1 && len(rows[0]) == 1 && string(rows[0][0]) == "0", err
}

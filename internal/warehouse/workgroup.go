package warehouse

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"penstock/internal/id"
	"penstock/internal/meta"
)

func (w *Warehouses) workgroupTx(tx *meta.Tx, name string) (*Workgroup, error) {
	return getDoc[Workgroup](tx, ErrNoWorkgroup, "SELECT doc FROM warehouse_workgroup WHERE region = ? AND name = ?", w.o.Region, name)
}

func (w *Warehouses) putWorkgroup(tx *meta.Tx, g *Workgroup) error {
	doc, err := docOf(g)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO warehouse_workgroup(region, name, namespace, doc) VALUES (?, ?, ?, ?)
		ON CONFLICT(region, name) DO UPDATE SET doc = excluded.doc`, w.o.Region, g.Name, g.Namespace, doc)
	return err
}

// CreateWorkgroup makes a workgroup and starts it. The first one of all that asks for no port listens at the server's, which the default
// workgroup gives up for it unless somebody has made something there.
func (w *Warehouses) CreateWorkgroup(ctx context.Context, g Workgroup) (*Workgroup, error) {
	w.identify(&g)
	g.AskedPort = g.Port != 0
	end, err := w.turn(ctx)
	if err != nil {
		return nil, err
	}
	c := &change{w: w}
	if err := c.create(ctx, &g); err != nil {
		c.drop()
		end()
		return nil, err
	}
	return &g, c.carryOut(ctx, end)
}

// listWorkgroups lists at most limit workgroups behind a name, all if limit is negative.
func (w *Warehouses) listWorkgroups(tx *meta.Tx, after string, limit int) ([]Workgroup, error) {
	return listDocs[Workgroup](tx, "SELECT doc FROM warehouse_workgroup WHERE region = ? AND name > ? ORDER BY name LIMIT ?",
		w.o.Region, after, limit)
}

// identify gives a workgroup what it has from its beginning.
func (w *Warehouses) identify(g *Workgroup) {
	g.ID, g.Created = id.UUID(), w.o.Clock.Now().Truncate(time.Millisecond)
	g.ARN = w.arn("workgroup", g.ID)
}

// free checks that a workgroup may be made.
func (w *Warehouses) free(tx *meta.Tx, g *Workgroup) error {
	if _, err := w.namespaceTx(tx, g.Namespace); err != nil {
		return err
	}
	switch _, err := w.workgroupTx(tx, g.Name); {
	case err == nil:
		return ErrWorkgroupExists
	case !errors.Is(err, ErrNoWorkgroup):
		return err
	}
	return w.withoutWorkgroup(tx, g.Namespace)
}

// withoutWorkgroup checks that a namespace has no workgroup.
func (w *Warehouses) withoutWorkgroup(tx *meta.Tx, namespace string) error {
	var used int
	err := tx.QueryRow("SELECT count(*) FROM warehouse_workgroup WHERE region = ? AND namespace = ?", w.o.Region, namespace).Scan(&used)
	if err == nil && used > 0 {
		err = ErrNamespaceInUse
	}
	return err
}

// Workgroup finds a workgroup.
func (w *Warehouses) Workgroup(ctx context.Context, name string) (g *Workgroup, err error) {
	err = w.o.Meta.View(ctx, func(tx *meta.Tx) error {
		g, err = w.workgroupTx(tx, name)
		return err
	})
	if err == nil {
		w.actualPort(g)
	}
	return g, err
}

// actualPort says where the workgroup listens now.
func (w *Warehouses) actualPort(g *Workgroup) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if r := w.running[g.Name]; r != nil {
		g.Port = r.def.Port
	}
}

// Named is the name of a workgroup that is given by its name or by its ARN.
func (w *Warehouses) Named(ctx context.Context, nameOrARN string) (string, error) {
	if !strings.HasPrefix(nameOrARN, "arn:") {
		return nameOrARN, nil
	}
	var name string
	err := w.o.Meta.View(ctx, func(tx *meta.Tx) error {
		return tx.QueryRow("SELECT name FROM warehouse_workgroup WHERE region = ? AND json_extract(doc, '$.ARN') = ?",
			w.o.Region, nameOrARN).Scan(&name)
	})
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNoWorkgroup
	}
	return name, err
}

// Workgroups lists workgroups behind a name.
func (w *Warehouses) Workgroups(ctx context.Context, after string, limit int) (out []Workgroup, err error) {
	err = w.o.Meta.View(ctx, func(tx *meta.Tx) error {
		out, err = w.listWorkgroups(tx, after, limit)
		return err
	})
	for i := range out {
		w.actualPort(&out[i])
	}
	return out, err
}

// ChangeWorkgroup edits a workgroup.
func (w *Warehouses) ChangeWorkgroup(ctx context.Context, name string, edit func(*Workgroup)) (g *Workgroup, err error) {
	err = w.o.Meta.Update(ctx, func(tx *meta.Tx) error {
		if g, err = w.workgroupTx(tx, name); err != nil {
			return err
		}
		edit(g)
		return w.putWorkgroup(tx, g)
	})
	return g, err
}

// DeleteWorkgroup ends a workgroup. The data are the namespace's: its next workgroup finds them. The server's port goes back to the default
// workgroup.
func (w *Warehouses) DeleteWorkgroup(ctx context.Context, name string) (*Workgroup, error) {
	end, err := w.turn(ctx)
	if err != nil {
		return nil, err
	}
	c := &change{w: w}
	g, err := c.delete(ctx, name)
	if err != nil {
		c.drop()
		end()
		return nil, err
	}
	w.actualPort(g)
	return g, c.carryOut(ctx, end)
}

package warehouse

import (
	"context"
	"errors"
	"time"

	"penstock/internal/id"
	"penstock/internal/meta"
)

func workgroupTx(tx *meta.Tx, name string) (*Workgroup, error) {
	return getDoc[Workgroup](tx, ErrNoWorkgroup, "SELECT doc FROM warehouse_workgroup WHERE name = ?", name)
}

func putWorkgroup(tx *meta.Tx, g *Workgroup) error {
	doc, err := docOf(g)
	if err != nil {
		return err
	}
	_, err = tx.Exec("INSERT INTO warehouse_workgroup(name, namespace, doc) VALUES (?,?,?) ON CONFLICT(name) DO UPDATE SET doc = excluded.doc", g.Name, g.Namespace, doc)
	return err
}

// CreateWorkgroup makes a workgroup and starts it. The first one of all that asks for no port listens at the server's, which the default
// workgroup gives up for it unless somebody has made something there.
func (w *Warehouses) CreateWorkgroup(ctx context.Context, g Workgroup) (*Workgroup, error) {
	w.identify(&g)
	g.AskedPort = g.Port != 0
	if err := w.claim(ctx, &g); err != nil {
		return nil, err
	}
	var moved *Workgroup
	var err error
	if !g.AskedPort && !g.First {
		if moved, err = w.makeRoom(ctx); err != nil {
			return nil, err
		}
		g.First = moved != nil
	}
	undo := func(ctx context.Context) error {
		err := w.end(ctx, g.Name)
		if moved != nil {
			_, again := w.reseat(ctx, *moved, true)
			err = errors.Join(err, again)
		}
		return err
	}
	err = w.launch(ctx, &g)
	if err == nil {
		err = w.o.Meta.Update(ctx, func(tx *meta.Tx) error {
			if moved != nil {
				if err := putWorkgroup(tx, moved); err != nil {
					return err
				}
			}
			return createWorkgroup(tx, &g)
		})
	}
	if err != nil {
		return nil, errors.Join(err, undo(ctx))
	}
	meta.OnUndo(ctx, func() { undo(context.WithoutCancel(ctx)) })
	return &g, nil
}

// identify gives a workgroup what it has from its beginning.
func (w *Warehouses) identify(g *Workgroup) {
	g.ID, g.Created = id.UUID(), w.o.Clock.Now().Truncate(time.Millisecond)
	g.ARN = w.arn("workgroup", g.ID)
}

// claim checks that the workgroup may be made, and finds its port.
func (w *Warehouses) claim(ctx context.Context, g *Workgroup) error {
	return w.o.Meta.View(ctx, func(tx *meta.Tx) error {
		if _, err := namespaceTx(tx, g.Namespace); err != nil {
			return err
		}
		switch _, err := workgroupTx(tx, g.Name); {
		case err == nil:
			return ErrWorkgroupExists
		case !errors.Is(err, ErrNoWorkgroup):
			return err
		}
		holder, err := atPort(tx)
		g.First = !g.AskedPort && holder == nil
		return err
	})
}

func createWorkgroup(tx *meta.Tx, g *Workgroup) error {
	if _, err := namespaceTx(tx, g.Namespace); err != nil {
		return err
	}
	switch _, err := workgroupTx(tx, g.Name); {
	case err == nil:
		return ErrWorkgroupExists
	case !errors.Is(err, ErrNoWorkgroup):
		return err
	}
	var used int
	if err := tx.QueryRow("SELECT count(*) FROM warehouse_workgroup WHERE namespace = ?", g.Namespace).Scan(&used); err != nil {
		return err
	}
	if used > 0 {
		return ErrNamespaceInUse
	}
	return putWorkgroup(tx, g)
}

// end stops a workgroup's child and waits until its files are free.
func (w *Warehouses) end(ctx context.Context, name string) error {
	w.mu.Lock()
	g := w.running[name]
	delete(w.running, name)
	w.mu.Unlock()
	if g == nil {
		return nil
	}
	close(g.quit)
	select {
	case <-g.done:
		if g.def.First {
			w.vacate()
		}
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Workgroup finds a workgroup.
func (w *Warehouses) Workgroup(ctx context.Context, name string) (g *Workgroup, err error) {
	err = w.o.Meta.View(ctx, func(tx *meta.Tx) error {
		g, err = workgroupTx(tx, name)
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

// Workgroups lists workgroups behind a name.
func (w *Warehouses) Workgroups(ctx context.Context, after string, limit int) (out []Workgroup, err error) {
	err = w.o.Meta.View(ctx, func(tx *meta.Tx) error {
		out, err = listDocs[Workgroup](tx, "SELECT doc FROM warehouse_workgroup WHERE name > ? ORDER BY name LIMIT ?", after, limit)
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
		if g, err = workgroupTx(tx, name); err != nil {
			return err
		}
		edit(g)
		return putWorkgroup(tx, g)
	})
	return g, err
}

// DeleteWorkgroup ends a workgroup. The data are the namespace's: its next workgroup finds them.
func (w *Warehouses) DeleteWorkgroup(ctx context.Context, name string) (g *Workgroup, err error) {
	if g, err = w.Workgroup(ctx, name); err != nil {
		return nil, err
	}
	if err := w.end(ctx, name); err != nil {
		return nil, err
	}
	err = w.o.Meta.Update(ctx, func(tx *meta.Tx) error {
		_, err := tx.Exec("DELETE FROM warehouse_workgroup WHERE name = ?", name)
		return err
	})
	if err != nil {
		return nil, err
	}
	return g, w.settleDefault(ctx)
}

package warehouse

import (
	"context"
	"errors"
	"sync"

	"penstock/internal/meta"
	"penstock/internal/meta/tag"
)

// A change is what happens when a workgroup is made or deleted. The ports that it needs are taken first, then the rows are changed, and
// when that is durable the processes follow: what fails before leaves everything as it was, and what a kill leaves undone the next start
// does, because it reads the same rows.
type change struct {
	w      *Warehouses
	ends   []string    // workgroups that stop
	begins []*endpoint // then these start, at ports that are theirs already
}

// turn waits until no other change is under way, and keeps others away until end is called, once this one is durable and done. It comes
// before the first Update of a call: whoever waits here must not hold the store's writer, for which the one inside may wait.
func (w *Warehouses) turn(ctx context.Context) (end func(), err error) {
	select {
	case w.changing <- struct{}{}:
		return sync.OnceFunc(func() { <-w.changing }), nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// carryOut lets the processes follow the rows when they are durable, and then ends the turn.
func (c *change) carryOut(ctx context.Context, end func()) error {
	meta.OnUndo(ctx, func() {
		c.drop()
		end()
	})
	return meta.After(ctx, func(context.Context) error {
		defer end()
		for _, name := range c.ends {
			c.w.end(name)
		}
		for _, g := range c.begins {
			c.w.launch(g)
		}
		c.w.attend()
		return nil
	})
}

// drop gives the ports back that nobody will listen at.
func (c *change) drop() {
	for _, g := range c.begins {
		g.close()
	}
}

func (c *change) bind(ctx context.Context, g *Workgroup) error {
	b, err := c.w.bind(ctx, g)
	if err == nil {
		c.begins = append(c.begins, b)
	}
	return err
}

// create finds a place for a new workgroup and stores it there.
func (c *change) create(ctx context.Context, g *Workgroup) error {
	holder, err := c.claim(ctx, g)
	if err != nil {
		return err
	}
	if g.First && holder != nil { // the default workgroup moves to a port of its own
		holder.First, holder.Port = false, 0
		c.ends = append(c.ends, holder.Name)
		if err := c.bind(ctx, holder); err != nil {
			return err
		}
	}
	if err := c.bind(ctx, g); err != nil {
		return err
	}
	return c.w.o.Meta.Update(ctx, func(tx *meta.Tx) error {
		if err := c.w.free(tx, g); err != nil {
			return err
		}
		if err := c.w.seat(tx, g, holder); err != nil {
			return err
		}
		if err := tag.Add(tx, g.ARN, g.Tags); err != nil {
			return err
		}
		return c.w.putWorkgroup(tx, g)
	})
}

// claim checks that the workgroup may be made and decides whether it gets the server's port, and from whom.
func (c *change) claim(ctx context.Context, g *Workgroup) (holder *Workgroup, err error) {
	err = c.w.o.Meta.View(ctx, func(tx *meta.Tx) error {
		if err := c.w.free(tx, g); err != nil {
			return err
		}
		holder, err = c.w.atPort(tx)
		return err
	})
	if err != nil || g.AskedPort || c.w.o.First == nil {
		return nil, err
	}
	g.First = holder == nil || holder.Default && c.w.unused(ctx, holder)
	return holder, nil
}

// seat stores where the holder of the server's port listens now if g takes its place. Whoever else may have got the port since it was
// looked at keeps it, and g is not made.
func (w *Warehouses) seat(tx *meta.Tx, g, holder *Workgroup) error {
	if !g.First {
		return nil
	}
	now, err := w.atPort(tx)
	switch {
	case err != nil || now == nil && holder == nil:
		return err
	case now == nil || holder == nil || now.ID != holder.ID:
		return errors.New("another workgroup has got the server's port meanwhile; make the workgroup again")
	}
	now.First, now.Port = holder.First, holder.Port
	return w.putWorkgroup(tx, now)
}

// delete removes a workgroup, and gives the server's port to the default one if it was there.
func (c *change) delete(ctx context.Context, name string) (g *Workgroup, err error) {
	heir, err := c.heir(ctx, name)
	if err != nil {
		return nil, err
	}
	c.ends = append(c.ends, name)
	if heir != nil {
		heir.First, heir.Port = true, 0
		c.ends = append(c.ends, heir.Name)
		if err := c.bind(ctx, heir); err != nil {
			return nil, err
		}
	}
	err = c.w.o.Meta.Update(ctx, func(tx *meta.Tx) error {
		if g, err = c.w.deleteWorkgroup(tx, name); err != nil || heir == nil {
			return err
		}
		now, err := c.w.workgroupTx(tx, heir.Name)
		if err != nil {
			return err
		}
		now.First, now.Port = true, heir.Port
		return c.w.putWorkgroup(tx, now)
	})
	return g, err
}

// heir is the workgroup that gets the server's port when another one goes: the default one, or none.
func (c *change) heir(ctx context.Context, name string) (heir *Workgroup, err error) {
	err = c.w.o.Meta.View(ctx, func(tx *meta.Tx) error {
		g, err := c.w.workgroupTx(tx, name)
		if err != nil || !g.First || g.Default {
			return err
		}
		heir, err = c.w.workgroupTx(tx, DefaultName)
		if errors.Is(err, ErrNoWorkgroup) || err == nil && !heir.Default {
			heir, err = nil, nil
		}
		return err
	})
	return heir, err
}

func (w *Warehouses) deleteWorkgroup(tx *meta.Tx, name string) (*Workgroup, error) {
	g, err := w.workgroupTx(tx, name)
	if err != nil {
		return nil, err
	}
	if err := tag.Drop(tx, g.ARN); err != nil {
		return nil, err
	}
	_, err = tx.Exec("DELETE FROM warehouse_workgroup WHERE region = ? AND name = ?", w.o.Region, name)
	return g, err
}

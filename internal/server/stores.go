package server

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"

	"golang.org/x/sync/errgroup"

	"penstock/internal/blob"
	"penstock/internal/child"
	"penstock/internal/meta"
	"penstock/internal/meta/doc"
	"penstock/internal/meta/due"
	"penstock/internal/meta/tag"
	"penstock/internal/object"
	"penstock/internal/vfs"
)

// stores is what is on disk and is of no region, and the supervisor of the processes that work on it.
type stores struct {
	meta     *meta.Store
	blobs    *blob.Store
	objects  *object.Store
	children *child.Supervisor
}

// nouns are the tables of what is opened here or stands beside meta. They are made with the modules', in one transaction.
func nouns() []meta.Schema { return []meta.Schema{due.Schema, doc.Schema, tag.Schema, object.Schema} }

func openStores(ctx context.Context, o Options, files vfs.FS) (_ *stores, err error) {
	s := &stores{}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	for _, dir := range []string{"meta", "blobs"} {
		if err = vfs.MkdirAll(files, filepath.Join(o.Data, dir)); err != nil {
			return nil, fmt.Errorf("make the data directory: %w", err)
		}
	}
	var group errgroup.Group
	group.Go(func() (err error) {
		s.blobs, err = blob.Open(files, filepath.Join(o.Data, "blobs"))
		return err
	})
	group.Go(func() (err error) {
		s.meta, err = meta.Open(ctx, filepath.Join(o.Data, "meta"), nil, meta.Options{Log: o.Log, Clock: o.Clock, Files: files, New: fresh})
		return err
	})
	if err = group.Wait(); err != nil {
		return nil, err
	}
	s.objects = object.Open(s.meta, s.blobs, object.Options{Clock: o.Clock, Log: o.Log, Region: o.Regions[0], GarbageDelay: o.GarbageDelay})
	s.children, err = child.Open(child.Options{
		Exe: o.Exe, Args: []string{"child"}, Scratch: filepath.Join(o.Data, "scratch"), Epoch: s.meta.Epoch(), Log: o.Log,
		Budget: budget(),
	})
	return s, err
}

// budget is what all children together may use: half of a usual desk's memory, and every processor; for the default workgroup, a pipeline's
// and one job on the smallest machine.
func budget() child.Budget {
	return child.Budget{Memory: 8 << 30, Threads: max(6, 4*runtime.NumCPU())}
}

func (s *stores) close() error {
	var errs []error
	if s.children != nil {
		errs = append(errs, s.children.Close())
	}
	if s.meta != nil {
		errs = append(errs, s.meta.Close())
	}
	return errors.Join(errs...)
}

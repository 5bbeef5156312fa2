package job

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"penstock/internal/catalog"
	"penstock/internal/child/task"
	"penstock/internal/meta"
	"penstock/internal/object"
	"penstock/internal/object/allowed"
	"penstock/internal/s3uri"
)

// StagingFolder is the folder of a worker's scratch folder from which it publishes.
const StagingFolder = "staging"

// publish makes a worker's files visible, whole or not at all: docs/design/0001-publish.md. The bytes are made durable first; then
// objects, partitions, the manifest for Redshift and the result of the job run become true in one transaction.
func (d *desk) publish(ctx context.Context, in *task.Publish) (*task.Published, error) {
	d.jobs.kill.At("publish.begin")
	if in.JobRunID != d.run.ID {
		return nil, fmt.Errorf("publish: the worker of %s speaks of %s", d.run.ID, in.JobRunID)
	}
	p := &publication{desk: d, in: in}
	if err := p.stage(ctx); err != nil {
		return nil, fmt.Errorf("publish %s.%s: %w", in.Database, in.Table, err)
	}
	d.jobs.kill.At("publish.staged")
	if err := d.jobs.meta.Update(ctx, p.commit); err != nil {
		d.jobs.objects.Discard(append(p.staged, p.manifests...)...)
		return nil, fmt.Errorf("publish %s.%s: %w", in.Database, in.Table, err)
	}
	d.jobs.kill.At("publish.committed")
	if p.out.Again {
		d.jobs.objects.Discard(append(p.staged, p.manifests...)...)
	}
	return &p.out, nil
}

// A publication is one call of publish.
type publication struct {
	*desk
	in        *task.Publish
	table     *catalog.Table
	bucket    string // of the table's location
	prefix    string
	files     []task.Output   // of all runs
	staged    []object.Staged // parallel to files
	manifests []object.Staged // parallel to in.Runs; empty where the run has no CopyKey
	old       [][]string      // partitions of a table that is recomputed
	out       task.Published
}

// stage takes the files out of the worker's folder and makes them durable.
func (p *publication) stage(ctx context.Context) (err error) {
	if p.table, err = p.jobs.catalog.Table(ctx, p.in.Database, p.in.Table); err != nil {
		return err
	}
	if p.bucket, p.prefix, err = s3uri.Parse(p.table.Location()); err != nil {
		return err
	}
	p.prefix = strings.TrimSuffix(p.prefix, "/") + "/"
	for _, g := range p.in.Runs {
		p.files = append(p.files, g.Files...)
	}
	names := make([]string, len(p.files))
	for i, f := range p.files {
		names[i] = f.Name
		if !strings.HasPrefix(f.Key, p.prefix) {
			return fmt.Errorf("%s lies outside of the table's location %s", f.Key, p.table.Location())
		}
	}
	keys := make([]string, len(p.files))
	for i, f := range p.files {
		keys[i] = f.Key
	}
	if err := allowed.Write(ctx, p.jobs.invoker, p.who(), p.bucket, keys...); err != nil {
		return err
	}
	root, err := os.OpenRoot(filepath.Join(p.child.Scratch, StagingFolder))
	if err != nil {
		return fmt.Errorf("open the staging folder: %w", err)
	}
	defer root.Close()
	if p.staged, err = p.jobs.objects.StageAll(ctx, root, names); err != nil {
		return err
	}
	for _, s := range p.staged {
		p.out.Bytes += s.Size()
	}
	if p.in.Replace == task.ReplaceTable && p.in.Partitions {
		err = p.jobs.catalog.EachPartition(ctx, p.in.Database, p.in.Table, "", func(ps []catalog.Partition) error {
			for _, x := range ps {
				p.old = append(p.old, x.Values)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return p.copyManifests(ctx)
}

func (p *publication) copyManifests(ctx context.Context) error {
	staged := p.staged
	p.manifests = make([]object.Staged, len(p.in.Runs))
	for i, g := range p.in.Runs {
		if g.CopyKey != "" {
			var err error
			if p.manifests[i], err = p.copyManifest(ctx, g.Files, staged); err != nil {
				return err
			}
		}
		staged = staged[len(g.Files):]
	}
	return nil
}

// copyManifest is the list of files that Redshift's COPY ... MANIFEST reads.
func (p *publication) copyManifest(ctx context.Context, files []task.Output, staged []object.Staged) (object.Staged, error) {
	type meta struct {
		Length int64 `json:"content_length"`
	}
	type entry struct {
		URL       string `json:"url"`
		Mandatory bool   `json:"mandatory"`
		Meta      meta   `json:"meta"`
	}
	list := struct {
		Entries []entry `json:"entries"`
	}{Entries: []entry{}}
	for i, f := range files {
		list.Entries = append(list.Entries, entry{"s3://" + p.bucket + "/" + f.Key, true, meta{staged[i].Size()}})
	}
	text, err := json.Marshal(list)
	if err != nil {
		return object.Staged{}, fmt.Errorf("COPY manifest: %w", err)
	}
	return p.jobs.objects.StageBytes(ctx, text)
}

// commit is the transaction.
func (p *publication) commit(tx *meta.Tx) error {
	if p.child.Epoch != tx.Epoch() {
		return errStaleEpoch
	}
	r, err := p.jobs.runTx(tx, p.run.ID)
	switch {
	case err != nil:
		return err
	case r.Published != nil:
		p.out = *r.Published
		p.out.Again = true
		return nil
	case r.State != Running:
		return fmt.Errorf("%w: it is %s", errNotOngoing, r.State)
	}
	if err := p.replace(tx); err != nil {
		return err
	}
	if err := p.place(tx); err != nil {
		return err
	}
	p.jobs.kill.At("publish.in-transaction")
	_, err = p.jobs.changeTx(tx, p.run.ID, func(r *Run) error {
		done, result := p.out, p.in.Result
		result.Bytes = p.out.Bytes
		r.Published, r.Result = &done, &result
		return nil
	})
	return err
}

// replace deletes what the new files take the place of. The ledger knows which keys a run gave, so that a table's size does not matter.
func (p *publication) replace(tx *meta.Tx) error {
	var keys []string
	if p.in.Replace == task.ReplaceTable {
		all, err := p.jobs.objects.ResolveTx(tx, p.bucket, p.prefix)
		if err != nil {
			return err
		}
		for _, o := range all {
			keys = append(keys, o.Key)
		}
		if _, err := tx.Exec(`DELETE FROM job_outputs WHERE location = ?`, p.table.Location()); err != nil {
			return err
		}
	}
	for _, g := range p.in.Runs {
		if p.in.Replace == task.ReplaceTable {
			break
		}
		of, err := outputs(tx, p.table.Location(), g.Run)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`DELETE FROM job_outputs WHERE location = ? AND run = ?`, p.table.Location(), g.Run); err != nil {
			return err
		}
		keys = append(keys, of...)
	}
	for _, k := range keys {
		if _, err := p.jobs.objects.DeleteTx(tx, p.bucket, object.Deletion{Key: k}); err != nil {
			return err
		}
	}
	p.out.Deleted = len(keys)
	return nil
}

// outputs are the keys that a run has given to the table at a location.
func outputs(tx *meta.Tx, location, run string) (keys []string, err error) {
	rows, err := tx.Query(`SELECT key FROM job_outputs WHERE location = ? AND run = ?`, location, run)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var k string
		if err := rows.Scan(&k); err != nil {
			return nil, err
		}
		keys = append(keys, k)
	}
	return keys, rows.Err()
}

// place puts the objects, the partitions and the COPY manifests.
func (p *publication) place(tx *meta.Tx) error {
	seen := map[string]bool{}
	var parts []catalog.Partition
	staged := p.staged
	for i, g := range p.in.Runs {
		for n, f := range g.Files {
			if err := p.put(tx, g.Run, f, staged[n]); err != nil {
				return err
			}
			folder := f.Key[:strings.LastIndexByte(f.Key, '/')+1]
			if p.in.Partitions && len(f.Values) > 0 && !seen[folder] {
				seen[folder] = true
				parts = append(parts, p.table.PartitionAt(f.Values, "s3://"+p.bucket+"/"+folder))
			}
		}
		staged = staged[len(g.Files):]
		if g.CopyKey == "" {
			continue
		}
		bucket, key, err := s3uri.Parse(g.CopyKey)
		if err != nil {
			return err
		}
		if _, err := p.jobs.objects.PutStaged(tx, bucket, key, p.manifests[i],
			object.PutOptions{Attrs: object.Attrs{ContentType: "application/json"}}); err != nil {
			return err
		}
	}
	if err := p.dropOld(tx, parts); err != nil || len(parts) == 0 {
		return err
	}
	return p.jobs.catalog.CreatePartitionsTx(tx, p.in.Database, p.in.Table, parts, true)
}

// put puts one file of a run and writes it into the ledger.
func (p *publication) put(tx *meta.Tx, run string, f task.Output, staged object.Staged) error {
	if _, err := p.jobs.objects.PutStaged(tx, p.bucket, f.Key, staged,
		object.PutOptions{Attrs: object.Attrs{ContentType: "application/vnd.apache.parquet"}}); err != nil {
		return err
	}
	_, err := tx.Exec(`INSERT OR REPLACE INTO job_outputs (location, run, key) VALUES (?, ?, ?)`, p.table.Location(), run, f.Key)
	return err
}

// dropOld deletes the partitions of a recomputed table that have no rows any more.
func (p *publication) dropOld(tx *meta.Tx, now []catalog.Partition) error {
	kept := map[string]bool{}
	for _, x := range now {
		kept[strings.Join(x.Values, "\x00")] = true
	}
	gone := slices.DeleteFunc(p.old, func(v []string) bool { return kept[strings.Join(v, "\x00")] })
	if len(gone) == 0 {
		return nil
	}
	_, err := p.jobs.catalog.DeletePartitionsTx(tx, p.in.Database, p.in.Table, gone)
	return err
}

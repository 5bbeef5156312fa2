package job

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"

	"penstock/internal/api"
	"penstock/internal/catalog"
	"penstock/internal/child"
	"penstock/internal/child/task"
	"penstock/internal/logstore"
	"penstock/internal/object"
	"penstock/internal/object/allowed"
	"penstock/internal/s3uri"
)

// handler answers the calls of the worker that executes r.
func (j *Jobs) handler(r Run) func(*child.Child) http.Handler {
	return func(c *child.Child) http.Handler {
		w := &desk{jobs: j, run: r, child: c}
		mux := http.NewServeMux()
		mux.Handle(task.TablePath, child.Handle(w.table))
		mux.Handle(task.ResolvePath, child.Handle(w.resolve))
		mux.Handle(task.PublishPath, child.Handle(w.publish))
		mux.Handle(task.PutPath, child.Handle(w.put))
		mux.Handle(task.LogPath, child.Handle(w.log))
		mux.Handle("/invoke/{service}/{op}", http.HandlerFunc(func(rw http.ResponseWriter, req *http.Request) {
			if j.invoker == nil {
				child.WriteError(rw, errors.New("no services are here"))
				return
			}
			child.InvokeHandler(j.invoker, w.who()).ServeHTTP(rw, req)
		}))
		return mux
	}
}

// A desk is the control process's end of the talk with one worker.
type desk struct {
	jobs  *Jobs
	run   Run
	child *child.Child
}

// who is the session of the run's role.
func (d *desk) who() api.Principal {
	return api.Principal{ARN: d.jobs.role(d.run), Account: d.jobs.account}
}

// table describes a catalog table with all its partitions.
func (d *desk) table(ctx context.Context, in *task.TableRequest) (*task.Table, error) {
	t, err := d.jobs.catalog.Table(ctx, in.Database, in.Name)
	if err != nil {
		return nil, fmt.Errorf("table %s.%s: %w", in.Database, in.Name, err)
	}
	out := &task.Table{Database: t.Database, Name: t.Name, Location: t.Location(), SerDe: t.SerDeLibrary(), Parameters: t.Parameters,
		InputFormat: inputFormat(t.Storage), Columns: columns(t.Columns()), PartitionKeys: columns(t.PartitionKeys)}
	if t.Storage != nil && t.Storage.SerDe != nil {
		out.SerDeParams = t.Storage.SerDe.Parameters
	}
	if len(t.PartitionKeys) == 0 {
		return out, nil
	}
	forms := newForms(out)
	err = d.jobs.catalog.EachPartition(ctx, in.Database, in.Name, "", func(ps []catalog.Partition) error {
		for _, p := range ps {
			form, err := forms.of(p.Storage)
			if err != nil {
				return err
			}
			out.Partitions = append(out.Partitions, task.Partition{Values: p.Values, Location: p.Location(), Form: form})
		}
		return nil
	})
	return out, err
}

func columns(list []catalog.Column) []task.Column {
	out := make([]task.Column, len(list))
	for i, c := range list {
		out[i] = task.Column{Name: c.Name, Type: c.Type}
	}
	return out
}

// resolve gives the files of objects and keeps them for the worker's life.
func (d *desk) resolve(ctx context.Context, in *task.ResolveRequest) (*task.Files, error) {
	var list []object.Resolved
	var err error
	if in.Keys == nil {
		if err := allowed.List(ctx, d.jobs.invoker, d.who(), in.Bucket, in.Prefix); err != nil {
			return nil, err
		}
		list, err = d.jobs.objects.Resolve(ctx, in.Bucket, in.Prefix)
	} else {
		keys := make([]object.KeyVersion, len(in.Keys))
		for i, k := range in.Keys {
			keys[i] = object.KeyVersion{Key: k.Key, VersionID: k.Version}
		}
		list, err = d.jobs.objects.ResolveKeys(ctx, in.Bucket, keys)
	}
	if err == nil {
		err = allowed.Read(ctx, d.jobs.invoker, d.who(), in.Bucket, list)
	}
	if err != nil {
		return nil, err
	}
	d.jobs.objects.LeaseResolved(d.child.ID, list)
	d.jobs.kill.At("job.resolved")
	out := &task.Files{Files: make([]task.File, len(list))}
	for i, r := range list {
		out.Files[i] = task.File{Bucket: r.Bucket, Key: r.Key, Version: r.VersionID, ETag: r.ETag, Size: r.Size, Path: r.Path}
	}
	return out, nil
}

// put writes one small object.
func (d *desk) put(ctx context.Context, in *task.Put) (*task.PutAnswer, error) {
	bucket, key, err := s3uri.Parse(in.URI)
	if err != nil {
		return nil, err
	}
	if err := allowed.Write(ctx, d.jobs.invoker, d.who(), bucket, key); err != nil {
		return nil, err
	}
	opts := object.PutOptions{Attrs: object.Attrs{ContentType: "application/json"}}
	if in.IfNoneMatch {
		opts.Conditions.IfNoneMatch = "*"
	}
	body := []byte(in.Body)
	if in.Body == nil {
		body, opts.Attrs.ContentType = []byte(in.Text), "text/plain"
	}
	_, err = d.jobs.objects.Put(ctx, bucket, key, bytes.NewReader(body), opts)
	var there *object.PreconditionError
	if errors.As(err, &there) {
		return &task.PutAnswer{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("put %s: %w", in.URI, err)
	}
	d.jobs.kill.At("job.put")
	return &task.PutAnswer{Written: true}, nil
}

// log writes lines to the run's output stream.
func (d *desk) log(ctx context.Context, in *task.Log) (*task.Nothing, error) {
	events := make([]logstore.Event, len(in.Lines))
	for i, l := range in.Lines {
		events[i] = logstore.Event{Time: l.Time, Message: l.Text}
	}
	return &task.Nothing{}, d.jobs.logs.Write(ctx, OutputGroup, d.run.ID, events)
}

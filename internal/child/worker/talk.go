package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"penstock/internal/child/task"
	"penstock/internal/child/worker/reading"
	"penstock/internal/s3uri"
)

// say adds a line to the job's log.
func (r *run) say(format string, args ...any) {
	r.lines = append(r.lines, task.Line{Time: r.clock.Now(), Text: fmt.Sprintf(format, args...)})
}

// flush sends the lines.
func (r *run) flush(ctx context.Context) error {
	if len(r.lines) == 0 {
		return nil
	}
	lines := r.lines
	r.lines = nil
	return r.parent.Call(ctx, task.LogPath, task.Log{Lines: lines}, nil)
}

// need gives an argument that must be there.
func (r *run) need(name string) (string, error) {
	if v := r.args[name]; v != "" {
		return v, nil
	}
	return "", fmt.Errorf("the argument %s is missing: the step %s needs it", name, r.result.Step)
}

// table asks for a table of the job's database.
func (r *run) table(ctx context.Context, name string) (*reading.Source, error) {
	db, err := r.need("--penstock-database")
	if err != nil {
		return nil, err
	}
	var t task.Table
	if err := r.parent.Call(ctx, task.TablePath, task.TableRequest{Database: db, Name: name}, &t); err != nil {
		return nil, err
	}
	s, err := reading.NewSource(t)
	if err != nil {
		return nil, err
	}
	if strings.EqualFold(t.Parameters["projection.enabled"], "true") {
		r.say("table %s: its partition projection is not used, as in Glue and Spectrum, where only Athena does: the %d partitions of the "+
			"catalog are read", t.Name, len(t.Partitions))
	}
	return s, r.tolerate(s)
}

func (r *run) resolve(ctx context.Context, q task.ResolveRequest) ([]task.File, error) {
	var f task.Files
	err := r.parent.Call(ctx, task.ResolvePath, q, &f)
	return f.Files, err
}

// under gives the current objects below an s3:// prefix; markers of folders (keys that end with a slash) are none.
func (r *run) under(ctx context.Context, uri string) ([]task.File, error) {
	bucket, prefix, err := s3uri.Parse(uri)
	if err != nil {
		return nil, err
	}
	files, err := r.resolve(ctx, task.ResolveRequest{Bucket: bucket, Prefix: prefix})
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", uri, err)
	}
	kept := files[:0]
	for _, f := range files {
		if !strings.HasSuffix(f.Key, "/") {
			kept = append(kept, f)
		}
	}
	return kept, nil
}

// read gives the bytes of an object.
func (r *run) read(ctx context.Context, uri string) ([]byte, error) {
	bucket, key, err := s3uri.Parse(uri)
	if err != nil {
		return nil, err
	}
	files, err := r.resolve(ctx, task.ResolveRequest{Bucket: bucket, Keys: []task.KeyVersion{{Key: key}}})
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", uri, err)
	}
	b, err := os.ReadFile(files[0].Path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", uri, err)
	}
	return b, nil
}

func (r *run) readJSON(ctx context.Context, uri string, out any) error {
	b, err := r.read(ctx, uri)
	if err != nil {
		return err
	}
	return decode(uri, b, out)
}

func decode(uri string, b []byte, out any) error {
	if err := json.Unmarshal(b, out); err != nil {
		return fmt.Errorf("%s: %w", uri, err)
	}
	return nil
}

// put writes a small object that must not exist; false says that it does.
func (r *run) put(ctx context.Context, uri string, body any) (bool, error) {
	b, err := json.Marshal(body)
	if err != nil {
		return false, fmt.Errorf("put %s: %w", uri, err)
	}
	var a task.PutAnswer
	err = r.parent.Call(ctx, task.PutPath, task.Put{URI: uri, Body: b, IfNoneMatch: true}, &a)
	return a.Written, err
}

// putText writes a small object, in place of one that is there.
func (r *run) putText(ctx context.Context, uri, text string) error {
	return r.parent.Call(ctx, task.PutPath, task.Put{URI: uri, Text: text}, nil)
}

var errNoStream = errors.New("FROM STREAM needs a manifest, which a run of a pipeline has; the argument --penstock-manifest is missing")

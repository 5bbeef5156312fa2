package run

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"penstock/internal/id"
	"penstock/internal/pipeline"
)

// uploads is how many files are read or put at the same time.
const uploads = 8

// maxPut is the size up to which S3 takes an object in one request, in bytes.
const maxPut = 5 << 30

// KillPoints are the points of this package that crash tests kill at, in the order in which a landing passes them.
var KillPoints = []string{"land.listed", "land.put", "land.whole"}

// Landed is what a landing did.
type Landed struct {
	Put       int   // files
	There     int   // files whose bytes lay there already
	Bytes     int64 // of those that were put
	Continued bool  // it was begun earlier and interrupted
}

// Land puts local files into the source's place. A file whose bytes lie there already is skipped, so that landing again changes nothing. A
// landing is whole or not done: its list is written first, and no run reads any of its files before the last one has landed. It returns how
// many files were put.
func (r *Runner) Land(ctx context.Context, source pipeline.Source, files []LocalFile) (int, error) {
	if err := r.noSample(ctx, source, "files were landed"); err != nil {
		return 0, err
	}
	return r.land(ctx, source, files, id.Run(r.clock.Now()))
}

func (r *Runner) land(ctx context.Context, source pipeline.Source, files []LocalFile, name string) (int, error) {
	r.Progress.Landing(source.Name, len(files))
	l, err := r.newLanding(ctx, source, files, name)
	if err != nil {
		return 0, err
	}
	there := len(files) - len(l.Files)
	if len(l.Files) > 0 {
		if err := l.write(ctx); err != nil {
			return 0, err
		}
		r.Kill.At("land.listed")
	}
	return l.finish(ctx, l.Files, Landed{There: there})
}

// newLanding compares the files with what lies in the lake and lists those that have to be put.
func (r *Runner) newLanding(ctx context.Context, source pipeline.Source, files []LocalFile, name string) (*landing, error) {
	l, err := r.emptyLanding(ctx, source, name)
	if err != nil {
		return nil, err
	}
	there, err := r.etags(ctx, l.Bucket, l.Prefix)
	if err != nil {
		return nil, err
	}
	all := make([]*listed, len(files))
	err = each(ctx, len(files), func(ctx context.Context, i int) (err error) {
		all[i], err = l.entry(ctx, files[i], there)
		return err
	})
	for _, f := range all {
		if f != nil {
			l.Files = append(l.Files, *f)
		}
	}
	return l, err
}

// entry describes a file; nil when its bytes lie in the lake already.
func (l *landing) entry(ctx context.Context, f LocalFile, there map[string]string) (*listed, error) {
	hash, size, err := sum(f.Path)
	if err != nil {
		return nil, err
	}
	if size > maxPut {
		return nil, fmt.Errorf("%s has %d bytes; S3 takes at most %d in one piece: split it", f.Path, size, int64(maxPut))
	}
	etag, replaces := there[l.Prefix+f.Name]
	if etag == hash {
		return nil, nil
	}
	path, err := l.stored(f.Path)
	if err != nil {
		return nil, err
	}
	entry := &listed{Name: f.Name, Path: path, MD5: hash, Size: size}
	if replaces {
		entry.Was, err = l.runner.current(ctx, l.Bucket, l.Prefix+f.Name)
	}
	return entry, err
}

// stored is how the list names a local file: from the pipeline's folder on if it lies there, so that the folder may be moved.
func (l *landing) stored(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	dir, err := filepath.Abs(l.runner.Spec.Dir)
	if err != nil {
		return "", err
	}
	if rel, err := filepath.Rel(dir, path); err == nil && filepath.IsLocal(rel) {
		return filepath.ToSlash(rel), nil
	}
	return path, nil
}

// path is where a file of the list lies on this machine.
func (l *landing) path(f listed) string {
	if filepath.IsAbs(f.Path) {
		return f.Path
	}
	return filepath.Join(l.runner.Spec.Dir, filepath.FromSlash(f.Path))
}

// finish puts the files that are left and then marks the landing as whole.
func (l *landing) finish(ctx context.Context, left []listed, did Landed) (int, error) {
	var put, bytes atomic.Int64
	err := each(ctx, len(left), func(ctx context.Context, i int) error {
		if err := l.put(ctx, left[i]); err != nil {
			return fmt.Errorf("land %s: %w", l.path(left[i]), err)
		}
		l.runner.Kill.At("land.put")
		put.Add(1)
		bytes.Add(left[i].Size)
		return nil
	})
	did.Put, did.Bytes = int(put.Load()), bytes.Load()
	if err == nil && len(l.Files) > 0 {
		err = l.close(ctx, "landed")
		l.runner.Kill.At("land.whole")
	}
	if err != nil {
		return did.Put, &Unfinished{Source: l.Source, Landed: len(l.Files) - len(left) + did.Put, Files: len(l.Files), Err: err}
	}
	if len(l.Files) > 0 || did.There > 0 {
		r := l.runner
		r.Progress.Landed(l.Source, did)
	}
	return did.Put, nil
}

// put puts one file as the list has it: the lake refuses other bytes than those, and refuses it when somebody else has put an object in its
// place since the list was written.
func (l *landing) put(ctx context.Context, f listed) error {
	file, err := os.Open(l.path(f))
	if err != nil {
		return err
	}
	defer file.Close()
	hash, err := hex.DecodeString(f.MD5)
	if err != nil {
		return fmt.Errorf("the landing's list is broken: %q is no MD5", f.MD5)
	}
	key := l.Prefix + f.Name
	in := &s3.PutObjectInput{Bucket: &l.Bucket, Key: &key, Body: file, ContentMD5: aws.String(base64.StdEncoding.EncodeToString(hash))}
	if f.Was == nil {
		in.IfNoneMatch = aws.String("*")
	} else {
		in.IfMatch = aws.String(`"` + f.Was.ETag + `"`)
	}
	_, err = l.runner.s3.PutObject(ctx, in)
	switch code(err) {
	case "BadDigest", "XAmzContentChecksumMismatch":
		return errors.New("it changed while it was landed")
	case "PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey":
		now, err := l.runner.current(ctx, l.Bucket, key)
		if err == nil && (now == nil || now.ETag != f.MD5) {
			err = fmt.Errorf("s3://%s/%s was changed by somebody else since this landing began", l.Bucket, key)
		}
		return err // nil: another run has continued this landing at the same time
	}
	return err
}

// code is the service's error code, or "".
func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

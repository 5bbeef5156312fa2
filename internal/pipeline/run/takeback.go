package run

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"penstock/internal/pipeline"
)

// Undo takes back the interrupted landings of a source: what they put goes, what they replaced comes back. It returns how many
// landings there were and how many files it took back.
func (r *Runner) Undo(ctx context.Context, source pipeline.Source) (landings, files int, err error) {
	list, err := r.open(ctx, source)
	if err != nil {
		return 0, 0, err
	}
	for i := len(list) - 1; i >= 0; i-- { // the latest first: it may have replaced what an earlier one put
		l := list[i]
		for _, f := range l.Files {
			n, err := l.runner.strip(ctx, l.Bucket, l.Prefix+f.Name, func(v version) bool { return v.ETag != f.MD5 })
			if err != nil {
				return landings, files, err
			}
			files += min(n, 1)
		}
		if err := l.close(ctx, "taken back"); err != nil {
			return landings, files, err
		}
		landings++
	}
	return landings, files, nil
}

// Remove takes a file away that landed and that no finished run has loaded. If a finished run has loaded an earlier version of it, that one
// comes back. name is the object's name below the source's place, its key or its s3:// address. back reports that an earlier version lies
// there now.
func (r *Runner) Remove(ctx context.Context, source pipeline.Source, name string) (key string, back bool, err error) {
	bucket, err := r.bucketName(ctx, source.To.Bucket)
	if err != nil {
		return "", false, err
	}
	name = strings.TrimPrefix(name, "s3://"+bucket+"/")
	if key = name; !strings.HasPrefix(name, source.To.Prefix) {
		key = source.To.Prefix + name
	}
	now, err := r.current(ctx, bucket, key)
	if err != nil {
		return key, false, err
	}
	if now == nil {
		return key, false, fmt.Errorf("there is no object s3://%s/%s", bucket, key)
	}
	home, err := r.bucketName(ctx, "curated")
	if err != nil {
		return key, false, err
	}
	seen, err := r.manifests(ctx, home)
	if err != nil {
		return key, false, err
	}
	loaded := func(v version) bool { return seen[source.Name+"\x00"+key+"\x00"+v.ETag] }
	if loaded(*now) {
		return key, false, fmt.Errorf("s3://%s/%s is loaded; "+
			"to take its rows away land a corrected file under its name (one with a header only has no rows)", bucket, key)
	}
	if _, err := r.strip(ctx, bucket, key, loaded); err != nil {
		return key, false, err
	}
	now, err = r.current(ctx, bucket, key)
	return key, now != nil, err
}

// strip removes the versions of an object, the latest first, until one is to stay.
func (r *Runner) strip(ctx context.Context, bucket, key string, stays func(version) bool) (n int, err error) {
	for {
		v, err := r.current(ctx, bucket, key)
		if err != nil || v == nil || stays(*v) {
			return n, err
		}
		in := &s3.DeleteObjectInput{Bucket: &bucket, Key: &key}
		if v.Version != "" {
			in.VersionId = &v.Version
		}
		if _, err := r.s3.DeleteObject(ctx, in); err != nil {
			return n, fmt.Errorf("delete s3://%s/%s: %w", bucket, key, err)
		}
		n++
	}
}

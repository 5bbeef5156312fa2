package run

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

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

// strip removes the versions of an object, the latest first, until one is to stay. In a bucket with object lock, where they cannot be
// removed, they are covered instead: what is to stay lies there as it would without them, and nothing is lost.
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
		_, err = r.s3.DeleteObject(ctx, in)
		if code(err) == "AccessDenied" && v.kept != "" {
			return n + 1, r.cover(ctx, bucket, key, v.kept, stays)
		}
		if err != nil {
			return n, fmt.Errorf("delete s3://%s/%s: %w", bucket, key, err)
		}
		n++
	}
}

// cover puts over the latest versions of an object what lies below them: a copy of the first version that is to stay, or, where there is
// none, a deletion. why tells a person what keeps them.
func (r *Runner) cover(ctx context.Context, bucket, key, why string, stays func(version) bool) error {
	below, err := r.below(ctx, bucket, key, stays)
	if err != nil {
		return err
	}
	how := "a deletion hides it"
	if below == nil {
		_, err = r.s3.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &bucket, Key: &key})
	} else {
		how = "a copy of the version before it lies over it"
		from := bucket + "/" + url.PathEscape(key) + "?versionId=" + url.QueryEscape(below.Version)
		_, err = r.s3.CopyObject(ctx, &s3.CopyObjectInput{Bucket: &bucket, Key: &key, CopySource: &from, CopySourceIfMatch: &below.ETag})
	}
	if err != nil {
		return fmt.Errorf("cover s3://%s/%s, which %s: %w", bucket, key, why, err)
	}
	r.Progress.Note(fmt.Sprintf("s3://%s/%s cannot be removed: it %s; %s, so that no run reads it", bucket, key, why, how))
	return nil
}

// below is the latest version of an object that is to stay; nil when there is none, or it was deleted since.
func (r *Runner) below(ctx context.Context, bucket, key string, stays func(version) bool) (*version, error) {
	var found *version
	var made, deleted time.Time
	pages := s3.NewListObjectVersionsPaginator(r.s3, &s3.ListObjectVersionsInput{Bucket: &bucket, Prefix: &key})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list the versions of s3://%s/%s: %w", bucket, key, err)
		}
		for _, d := range page.DeleteMarkers {
			if at := aws.ToTime(d.LastModified); aws.ToString(d.Key) == key && at.After(deleted) {
				deleted = at
			}
		}
		for _, v := range page.Versions { // the latest first
			one := version{ETag: strings.Trim(aws.ToString(v.ETag), `"`), Version: aws.ToString(v.VersionId)}
			if aws.ToString(v.Key) == key && found == nil && stays(one) {
				found, made = &one, aws.ToTime(v.LastModified)
			}
		}
	}
	if deleted.After(made) {
		return nil, nil
	}
	return found, nil
}

// keptBy says in words how object lock keeps a version; "" when it does not.
func keptBy(out *s3.HeadObjectOutput) string {
	switch {
	case out.ObjectLockLegalHoldStatus == types.ObjectLockLegalHoldStatusOn:
		return "has a legal hold"
	case out.ObjectLockMode != "":
		return fmt.Sprintf("is kept by object lock until %s (%s)", aws.ToTime(out.ObjectLockRetainUntilDate).UTC().Format(time.RFC3339),
			out.ObjectLockMode)
	}
	return ""
}

package load

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"penstock/internal/child/warehouse/calls"
	"penstock/internal/pgwire"
	"penstock/internal/s3uri"
)

// Resolve names the local files of a bucket's objects: those below a prefix, or those of the listed keys that exist.
type Resolve func(ctx context.Context, q calls.Resolve) (*calls.Resolved, error)

// find finds objects of a bucket in the region that a COPY names. Redshift looks nowhere else, neither for data nor for a manifest.
func (o *options) find(ctx context.Context, resolve Resolve, q calls.Resolve) ([]calls.Object, error) {
	q.Region, q.Reader = o.region, o.reader
	out, err := resolve(ctx, q)
	if err != nil {
		return nil, err
	}
	if out.Refused != "" {
		return nil, &pgwire.Error{Code: "XX000", Message: "S3ServiceException:" + out.Refused}
	}
	if out.Elsewhere == "" {
		return out.Objects, nil
	}
	e := &pgwire.Error{Code: "XX000",
		Message: "S3ServiceException:The S3 bucket addressed by the query is in a different region from this cluster." +
			",Status 301,Error PermanentRedirect",
		Hint: fmt.Sprintf("The bucket %s is in %s: add REGION '%s' to the COPY.", q.Bucket, out.Elsewhere, out.Elsewhere)}
	if o.parquet {
		e.Hint = fmt.Sprintf("The bucket %s is in %s, and COPY of Parquet takes no REGION: copy the files to a bucket of this region.",
			q.Bucket, out.Elsewhere)
	}
	return nil, e
}

// A file is one object to load.
type file struct {
	calls.Object
	url string
}

// files finds the objects that FROM names.
func files(ctx context.Context, resolve Resolve, from string, o *options) ([]file, error) {
	bucket, key, err := splitURL(from)
	if err != nil {
		return nil, err
	}
	if o.manifest {
		return manifest(ctx, resolve, bucket, key, o)
	}
	objects, err := o.find(ctx, resolve, calls.Resolve{Bucket: bucket, Prefix: key})
	if err != nil {
		return nil, err
	}
	if len(objects) == 0 {
		return nil, &OptionError{fmt.Sprintf("The specified S3 prefix '%s' does not exist", key), "XX000"}
	}
	return asFiles(bucket, objects), nil
}

func asFiles(bucket string, objects []calls.Object) []file {
	out := make([]file, len(objects))
	for i, ob := range objects {
		out[i] = file{ob, "s3://" + bucket + "/" + ob.Key}
	}
	return out
}

func splitURL(url string) (bucket, key string, err error) {
	bucket, key, ok := s3uri.Cut(url)
	if !ok {
		return "", "", unsupported("COPY FROM '%s' (only s3://bucket/prefix can be read): another source", url)
	}
	if bucket == "" {
		return "", "", wrong("COPY FROM '%s' names no bucket", url)
	}
	return bucket, key, nil
}

type manifestFile struct {
	Entries []struct {
		URL       string `json:"url"`
		Mandatory bool   `json:"mandatory"`
		Meta      struct {
			ContentLength *int64 `json:"content_length"`
		} `json:"meta"`
	} `json:"entries"`
}

const maxManifest = 64 << 20

// manifest reads the list of objects. A file listed twice is loaded twice, as on AWS.
func manifest(ctx context.Context, resolve Resolve, bucket, key string, o *options) ([]file, error) {
	var m manifestFile
	if err := readManifest(ctx, resolve, bucket, key, o, &m); err != nil {
		return nil, err
	}
	byBucket, order, err := m.keys()
	if err != nil {
		return nil, err
	}
	found := map[string]file{}
	for _, b := range order {
		objects, err := o.find(ctx, resolve, calls.Resolve{Bucket: b, Keys: byBucket[b]})
		if err != nil {
			return nil, err
		}
		for _, f := range asFiles(b, objects) {
			found[f.url] = f
		}
	}
	var out []file
	for _, e := range m.Entries {
		f, ok := found[e.URL]
		switch {
		case !ok && e.Mandatory:
			return nil, &OptionError{fmt.Sprintf("Problem reading manifest file - the mandatory file %s does not exist", e.URL), "XX000"}
		case !ok:
			continue
		case o.parquet && e.Meta.ContentLength == nil:
			return nil, &OptionError{fmt.Sprintf("Manifest entry %s has no meta.content_length, which a columnar COPY requires", e.URL), "XX000"}
		case e.Meta.ContentLength != nil && *e.Meta.ContentLength != f.Size:
			return nil, &OptionError{fmt.Sprintf("Manifest says that %s has %d bytes; it has %d", e.URL, *e.Meta.ContentLength, f.Size), "XX000"}
		}
		out = append(out, f)
	}
	if len(out) == 0 {
		return nil, &OptionError{"The manifest names no file that exists", "XX000"}
	}
	return out, nil
}

// keys groups the entries by bucket, each key once.
func (m *manifestFile) keys() (byBucket map[string][]string, order []string, err error) {
	byBucket, seen := map[string][]string{}, map[string]bool{}
	for _, e := range m.Entries {
		b, k, err := splitURL(e.URL)
		if err != nil {
			return nil, nil, &OptionError{fmt.Sprintf("Problem reading manifest file - %q is no S3 URL", e.URL), "XX000"}
		}
		if seen[e.URL] {
			continue
		}
		seen[e.URL] = true
		if byBucket[b] == nil {
			order = append(order, b)
		}
		byBucket[b] = append(byBucket[b], k)
	}
	return byBucket, order, nil
}

func readManifest(ctx context.Context, resolve Resolve, bucket, key string, o *options, m *manifestFile) error {
	objects, err := o.find(ctx, resolve, calls.Resolve{Bucket: bucket, Keys: []string{key}})
	if err != nil {
		return err
	}
	if len(objects) == 0 {
		return &OptionError{fmt.Sprintf("Problem reading manifest file - S3ServiceException:The specified key does not exist., s3://%s/%s",
			bucket, key), "XX000"}
	}
	f, err := os.Open(objects[0].Path)
	if err != nil {
		return fmt.Errorf("read manifest: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxManifest))
	if err != nil {
		return fmt.Errorf("read manifest: %w", err)
	}
	if err := json.Unmarshal(text, m); err != nil {
		return &OptionError{fmt.Sprintf("Problem reading manifest file s3://%s/%s: %v", bucket, key, err), "XX000"}
	}
	return nil
}

package infer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"penstock/internal/s3uri"
	"penstock/internal/schema"
)

// most is how many files are looked at.
const most = 100_000

// Local lists a file, or the files below a folder but those that crawlers take for no data.
func Local(path string) ([]File, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no file or folder %s", path)
	}
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		if !info.Mode().IsRegular() {
			return nil, fmt.Errorf("%s is neither a file nor a folder", path)
		}
		return []File{local(path, []string{filepath.Base(path)}, info.Size())}, nil
	}
	var out []File
	err = filepath.WalkDir(path, func(at string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		rel, err := filepath.Rel(path, at)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if rel = filepath.ToSlash(rel); schema.Hidden(rel) || info.Size() == 0 {
			return nil
		}
		if out = append(out, local(at, strings.Split(rel, "/"), info.Size())); len(out) > most {
			return fmt.Errorf("%s holds more than %d files; name a folder within", path, most)
		}
		return nil
	})
	if err == nil && len(out) == 0 {
		err = fmt.Errorf("there is no file with data below %s", path)
	}
	return out, err
}

func local(path string, rel []string, size int64) File {
	return File{URL: path, Path: rel, Size: size, Open: func(context.Context) (Content, error) { return os.Open(path) }}
}

// Objects lists the objects of a place "s3://bucket/prefix", as a crawler does.
func Objects(ctx context.Context, client *s3.Client, place string) ([]File, error) {
	bucket, prefix, ok := s3uri.Cut(place)
	if !ok || bucket == "" {
		return nil, fmt.Errorf("%s names no bucket: s3://BUCKET/PREFIX", place)
	}
	below := prefix
	if below != "" && !strings.HasSuffix(below, "/") {
		below += "/"
	}
	var out []File
	pages := s3.NewListObjectsV2Paginator(client, &s3.ListObjectsV2Input{Bucket: &bucket, Prefix: &prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list %s: %w", place, err)
		}
		for _, o := range page.Contents {
			key, size := aws.ToString(o.Key), aws.ToInt64(o.Size)
			rel, ok := strings.CutPrefix(key, below)
			if !ok && key == prefix {
				rel, ok = key[strings.LastIndexByte(key, '/')+1:], true
			}
			if !ok || rel == "" || size == 0 || strings.HasSuffix(rel, "/") || schema.Hidden(rel) {
				continue
			}
			open := func(ctx context.Context) (Content, error) {
				return &object{ctx: func() context.Context { return ctx }, client: client, bucket: bucket, key: key, size: size}, nil
			}
			if out = append(out, File{URL: "s3://" + bucket + "/" + key, Path: strings.Split(rel, "/"), Size: size, Open: open}); len(out) > most {
				return nil, fmt.Errorf("%s holds more than %d objects; name a folder within", place, most)
			}
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("there is no object with data at %s", place)
	}
	return out, nil
}

// block is how much of an object is asked for at once.
const block = 1 << 20

// An object reads an object by pieces, of which it keeps the last.
type object struct {
	ctx         func() context.Context
	client      *s3.Client
	bucket, key string
	size        int64
	from        int64
	piece       []byte
}

// Close implements io.Closer.
func (o *object) Close() error { return nil }

// ReadAt implements io.ReaderAt.
func (o *object) ReadAt(p []byte, at int64) (int, error) {
	n := 0
	for n < len(p) {
		if at >= o.size {
			return n, io.EOF
		}
		if at < o.from || at >= o.from+int64(len(o.piece)) {
			if err := o.fetch(at); err != nil {
				return n, err
			}
		}
		c := copy(p[n:], o.piece[at-o.from:])
		n, at = n+c, at+int64(c)
	}
	return n, nil
}

func (o *object) fetch(at int64) error {
	out, err := o.client.GetObject(o.ctx(), &s3.GetObjectInput{Bucket: &o.bucket, Key: &o.key,
		Range: aws.String(fmt.Sprintf("bytes=%d-%d", at, min(at+block, o.size)-1))})
	if err != nil {
		return err
	}
	defer out.Body.Close()
	var b bytes.Buffer
	if _, err := io.Copy(&b, io.LimitReader(out.Body, block)); err != nil {
		return err
	}
	if b.Len() == 0 {
		return io.ErrUnexpectedEOF
	}
	o.from, o.piece = at, b.Bytes()
	return nil
}

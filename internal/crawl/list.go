package crawl

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path"
	"regexp"
	"strings"
	"sync"

	"penstock/internal/classify"
	"penstock/internal/object"
	"penstock/internal/object/allowed"
	"penstock/internal/schema"
)

// A file is an object under a target. Its bytes can be read while the page that it came with is looked at.
type file struct {
	url  string // "s3://bucket/key", for messages
	dirs []string
	name string
	size int64
	path string // where its bytes lie on disk, or ""
	body []byte // the bytes of one that has no file
}

func (f *file) dir() string { return strings.Join(f.dirs, "/") }

// A place is a target, and what is counted in it.
type place struct {
	target Target
	bucket string
	prefix string         // "" or ends in "/"
	key    string         // the target's own: prefix, or that of a file
	found  int            // files
	only   *file          // the first one
	read   map[string]int // files sampled in each folder, where SampleSize bounds them
}

// location is the URL of a folder of the place.
func (p *place) location(dirs []string) string {
	l := "s3://" + p.bucket + "/" + p.prefix
	for _, d := range dirs {
		l += d + "/"
	}
	return l
}

// name is what a folder's table is named after.
func (p *place) name(dirs []string) string {
	if len(dirs) > 0 {
		return dirs[len(dirs)-1]
	}
	if p.prefix != "" {
		return path.Base(p.prefix)
	}
	return p.bucket
}

// pageFiles is how many objects are looked at together.
const pageFiles = 512

// list hands on the files of a target in pages, in the order of their keys. A file can be read until its page has been looked at.
func (r *run) list(ctx context.Context, t Target, look func(*place, []*file) error) (*place, error) {
	bucket, key, err := splitPath(t.Path)
	if err != nil {
		return nil, err
	}
	exclude, err := excluder(t.Exclusions)
	if err != nil {
		return nil, err
	}
	who := allowed.Session(r.w.d.Account, r.crawler.Role, "AWS-Crawler")
	if err := allowed.List(ctx, r.w.d.Invoker, who, bucket, key); err != nil {
		return nil, fmt.Errorf("list %s: %w", t.Path, err)
	}
	p := &place{target: t, bucket: bucket, prefix: key, key: key, read: map[string]int{}}
	if key != "" && !strings.HasSuffix(key, "/") {
		p.prefix = key + "/"
	}
	for after := ""; ; {
		page, err := r.w.d.Objects.ResolvePage(ctx, bucket, key, after, pageFiles)
		if err == nil {
			err = allowed.Read(ctx, r.w.d.Invoker, who, bucket, page)
		}
		if err != nil {
			return nil, fmt.Errorf("list %s: %w", t.Path, err)
		}
		if len(page) == 0 {
			return p, nil
		}
		after = page[len(page)-1].Key
		r.w.d.Objects.LeaseResolved(r.lease(), page)
		var files []*file
		for i := range page {
			if f := p.file(&page[i]); f != nil && !exclude(strings.TrimPrefix(page[i].Key, p.prefix)) {
				files = append(files, f)
			}
		}
		if p.found += len(files); p.only == nil && len(files) > 0 {
			p.only = files[0].known()
		}
		if err := look(p, files); err != nil {
			return nil, err
		}
		r.w.d.Objects.Release(r.lease())
		if err := r.journal.flush(ctx); err != nil {
			return nil, err
		}
	}
}

// known is what stays of a file when its page has been looked at.
func (f *file) known() *file {
	k := *f
	k.path, k.body = "", nil
	return &k
}

// file is an object of the place, or nil for what is no data: folder markers, hidden files and
// objects beside the folder that the target names.
func (p *place) file(o *object.Resolved) *file {
	rel, ok := strings.CutPrefix(o.Key, p.prefix)
	if !ok {
		if o.Key != p.key {
			return nil
		}
		rel = path.Base(o.Key) // the target is a file
	}
	if rel == "" || strings.HasSuffix(rel, "/") || o.Size == 0 || strings.HasSuffix(rel, "_$folder$") || schema.Hidden(rel) {
		return nil
	}
	parts := strings.Split(rel, "/")
	return &file{url: "s3://" + o.Bucket + "/" + o.Key, dirs: parts[:len(parts)-1], name: parts[len(parts)-1], size: o.Size, path: o.Path,
		body: o.Body}
}

// excluder says whether a key relative to its target is excluded.
func excluder(globs []string) (func(string) bool, error) {
	var list []*regexp.Regexp
	for _, g := range globs {
		re, err := compileGlob(g)
		if err != nil {
			return nil, err
		}
		list = append(list, re)
	}
	return func(rel string) bool {
		for _, re := range list {
			if re.MatchString(rel) {
				return true
			}
		}
		return false
	}, nil
}

// readers is how many files are sampled at once.
const readers = 2

// sample reads the beginnings of files, in the order of files.
func (r *run) sample(ctx context.Context, files []*file) ([]*sample, error) {
	out := make([]*sample, len(files))
	errs := make([]error, readers)
	next := make(chan int)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var wait sync.WaitGroup
	for i := range readers {
		wait.Add(1)
		go func() {
			defer wait.Done()
			s := classify.Reader{Custom: r.custom, Headers: r.config.Penstock.Headers != ""}
			for n := range next {
				if errs[i] != nil {
					continue
				}
				if out[n], errs[i] = files[n].sample(&s); errs[i] != nil {
					cancel()
				}
			}
		}()
	}
feed:
	for n := range files {
		select {
		case next <- n:
		case <-ctx.Done():
			break feed
		}
	}
	close(next)
	wait.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return out, ctx.Err()
}

// sample reads the beginning of a file.
func (f *file) sample(r *classify.Reader) (*sample, error) {
	var src io.ReaderAt = bytes.NewReader(f.body)
	if f.path != "" {
		in, err := os.Open(f.path)
		if err != nil {
			return nil, err
		}
		defer in.Close()
		src = in
	}
	s, err := r.Read(&classify.File{URL: f.url, Name: f.name, Size: f.size, Src: src})
	return &sample{Sample: s, file: f, n: 1, size: f.size}, err
}

// shown are samples without their files.
func shown(ss []*sample) []*classify.Sample {
	out := make([]*classify.Sample, len(ss))
	for i, s := range ss {
		out[i] = s.Sample
	}
	return out
}

// chosen leaves out the files that SampleSize says need not be read: all but the first n of each folder.
func (p *place) chosen(files []*file) []*file {
	if p.target.SampleSize == 0 {
		return files
	}
	var out []*file
	for _, f := range files {
		dir := f.dir()
		if p.read[dir]++; p.read[dir] <= p.target.SampleSize {
			out = append(out, f)
		}
	}
	return out
}

package crawl

import (
	"context"
	"fmt"
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

// A file is an object under a target.
type file struct {
	url  string // "s3://bucket/key", for messages
	dirs []string
	name string
	size int64
	path string // where its bytes lie on disk
}

// A sample is what the beginning of a file of a place shows.
type sample struct {
	*classify.Sample
	file *file
}

// A place is a target with the files found in it.
type place struct {
	target Target
	bucket string
	prefix string // "" or ends in "/"
	files  []*file
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

// list finds the files of a target at one instant. Their bytes stay until the lease of the crawl is released.
func (r *run) list(ctx context.Context, t Target) (*place, error) {
	bucket, prefix, err := splitPath(t.Path)
	if err != nil {
		return nil, err
	}
	exclude, err := excluder(t.Exclusions)
	if err != nil {
		return nil, err
	}
	who := allowed.Session(r.w.d.Account, r.crawler.Role, "AWS-Crawler")
	if err := allowed.List(ctx, r.w.d.Invoker, who, bucket, prefix); err != nil {
		return nil, fmt.Errorf("list %s: %w", t.Path, err)
	}
	found, err := r.w.d.Objects.Resolve(ctx, bucket, prefix)
	if err == nil {
		err = allowed.Read(ctx, r.w.d.Invoker, who, bucket, found)
	}
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", t.Path, err)
	}
	r.w.d.Objects.LeaseResolved(r.lease(), found)
	p := &place{target: t, bucket: bucket, prefix: prefix}
	if prefix != "" && !strings.HasSuffix(prefix, "/") {
		p.prefix = prefix + "/"
	}
	for i := range found {
		if f := p.file(&found[i], prefix); f != nil && !exclude(strings.TrimPrefix(found[i].Key, p.prefix)) {
			p.files = append(p.files, f)
		}
	}
	return p, nil
}

// file is an object of the place, or nil for what is no data: folder markers, hidden files and
// objects beside the folder that the target names.
func (p *place) file(o *object.Resolved, prefix string) *file {
	rel, ok := strings.CutPrefix(o.Key, p.prefix)
	if !ok {
		if o.Key != prefix {
			return nil
		}
		rel = path.Base(o.Key) // the target is a file
	}
	if rel == "" || strings.HasSuffix(rel, "/") || o.Size == 0 || strings.HasSuffix(rel, "_$folder$") || schema.Hidden(rel) {
		return nil
	}
	parts := strings.Split(rel, "/")
	return &file{url: "s3://" + o.Bucket + "/" + o.Key, dirs: parts[:len(parts)-1], name: parts[len(parts)-1], size: o.Size, path: o.Path}
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
	in, err := os.Open(f.path)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	s, err := r.Read(&classify.File{URL: f.url, Name: f.name, Size: f.size, Src: in})
	return &sample{s, f}, err
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
func chosen(files []*file, n int) []*file {
	if n == 0 {
		return files
	}
	count := map[string]int{}
	var out []*file
	for _, f := range files {
		dir := strings.Join(f.dirs, "/")
		if count[dir]++; count[dir] <= n {
			out = append(out, f)
		}
	}
	return out
}

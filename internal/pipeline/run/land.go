package run

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"penstock/internal/pipeline"
)

// uploads is how many files are put at the same time.
const uploads = 8

// Land puts the files below dir into the source's place, under their paths. A file whose bytes lie there already is skipped, so that
// landing again changes nothing. It returns how many files were put.
func (r *Runner) Land(ctx context.Context, source pipeline.Source, dir string) (int, error) {
	files, err := localFiles(dir)
	if err != nil {
		return 0, err
	}
	if len(files) == 0 {
		return 0, fmt.Errorf("there is no file in %s to land", dir)
	}
	bucket, err := r.bucketName(ctx, source.To.Bucket)
	if err != nil {
		return 0, err
	}
	there, err := r.etags(ctx, bucket, source.To.Prefix)
	if err != nil {
		return 0, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return 0, err
	}
	defer root.Close()
	l := &landing{runner: r, root: root, bucket: bucket, prefix: source.To.Prefix, there: there}
	r.Progress.Landing(source.Name, len(files))
	if err := l.all(ctx, files); err != nil {
		return 0, err
	}
	r.Progress.Landed(source.Name, l.put, l.skipped, l.bytes)
	return l.put, nil
}

// Empty reports whether nothing has landed in the source's place.
func (r *Runner) Empty(ctx context.Context, source pipeline.Source) (bool, error) {
	bucket, err := r.bucketName(ctx, source.To.Bucket)
	if err != nil {
		return false, err
	}
	out, err := r.s3.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: &bucket, Prefix: &source.To.Prefix, MaxKeys: aws.Int32(1)})
	if err != nil {
		return false, fmt.Errorf("list s3://%s/%s: %w", bucket, source.To.Prefix, err)
	}
	return len(out.Contents) == 0, nil
}

// localFiles lists the files below dir, in order; hidden ones and folders of hidden ones are left out.
func localFiles(dir string) (files []string, err error) {
	err = filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if p != dir && strings.HasPrefix(d.Name(), ".") {
			if d.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		if d.Type().IsRegular() {
			rel, err := filepath.Rel(dir, p)
			if err != nil {
				return err
			}
			files = append(files, filepath.ToSlash(rel))
		}
		return nil
	})
	return files, err
}

func (r *Runner) etags(ctx context.Context, bucket, prefix string) (map[string]string, error) {
	m := map[string]string{}
	pages := s3.NewListObjectsV2Paginator(r.s3, &s3.ListObjectsV2Input{Bucket: &bucket, Prefix: &prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list s3://%s/%s: %w", bucket, prefix, err)
		}
		for _, o := range page.Contents {
			m[aws.ToString(o.Key)] = strings.Trim(aws.ToString(o.ETag), `"`)
		}
	}
	return m, nil
}

type landing struct {
	runner         *Runner
	root           *os.Root
	bucket, prefix string
	there          map[string]string // ETag by key

	mu           sync.Mutex
	put, skipped int
	bytes        int64
	err          error
}

func (l *landing) all(ctx context.Context, files []string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	work := make(chan string)
	var wg sync.WaitGroup
	for range min(uploads, len(files)) {
		wg.Go(func() {
			for name := range work {
				if err := l.one(ctx, name); err != nil {
					l.mu.Lock()
					if l.err == nil {
						l.err = fmt.Errorf("land %s: %w", name, err)
					}
					l.mu.Unlock()
					cancel()
				}
			}
		})
	}
	for _, name := range files {
		work <- name
	}
	close(work)
	wg.Wait()
	return l.err
}

func (l *landing) one(ctx context.Context, name string) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	f, err := l.root.Open(filepath.FromSlash(name))
	if err != nil {
		return err
	}
	defer f.Close()
	sum := md5.New()
	size, err := io.Copy(sum, f)
	if err != nil {
		return err
	}
	key := l.prefix + name
	if l.there[key] == hex.EncodeToString(sum.Sum(nil)) {
		l.count(0, 1, 0)
		return nil
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if _, err := l.runner.s3.PutObject(ctx, &s3.PutObjectInput{Bucket: &l.bucket, Key: &key, Body: f}); err != nil {
		return err
	}
	l.count(1, 0, size)
	return nil
}

func (l *landing) count(put, skipped int, bytes int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.put += put
	l.skipped += skipped
	l.bytes += bytes
}

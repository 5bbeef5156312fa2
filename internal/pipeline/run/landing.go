package run

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"penstock/internal/pipeline"
)

// A landing is the list of files that one call lands. It lies in the lake, as _penstock/landings/<source>/<name>.json of the curated
// bucket, from before the first file is put; <name>.done.json beside it says that it is whole. Until then no run reads its files: the
// worker's manifest step knows this form too (child/worker/landing.go; docs/design/0001-publish.md).
type landing struct {
	Source string    `json:"source"`
	Bucket string    `json:"bucket"`
	Prefix string    `json:"prefix"`
	Began  time.Time `json:"began"`
	Files  []listed  `json:"files"`

	runner *Runner
	home   string // the curated bucket
	name   string
}

// listed is a file that is to land, as it was when the list was written.
type listed struct {
	Name string   `json:"name"`
	Path string   `json:"path"` // absolute, or below the pipeline's folder
	MD5  string   `json:"md5"`
	Size int64    `json:"size"`
	Was  *version `json:"was,omitempty"` // the object that it replaces
}

// version is an object as it lies in the lake.
type version struct {
	ETag    string `json:"etag"`
	Version string `json:"version,omitempty"`
	Size    int64  `json:"size"`

	kept string // what object lock keeps it by, for people; "" for nothing
}

// sampleName is the name of the landing of a source's sample: there is one in a pipeline's life.
const sampleName = "sample"

// Unfinished is a landing that stopped before it was whole.
type Unfinished struct {
	Source        string
	Landed, Files int
	Err           error
}

// Error implements error.
func (u *Unfinished) Error() string { return u.Err.Error() + "; " + u.Stands() }

// Stands says how far it came.
func (u *Unfinished) Stands() string {
	return fmt.Sprintf("%d of %d files of %s have landed, and none of them is read before all have", u.Landed, u.Files, u.Source)
}

// Unwrap gives the cause.
func (u *Unfinished) Unwrap() error { return u.Err }

func (r *Runner) emptyLanding(ctx context.Context, source pipeline.Source, name string) (*landing, error) {
	bucket, err := r.bucketName(ctx, source.To.Bucket)
	if err != nil {
		return nil, err
	}
	home, err := r.bucketName(ctx, "curated")
	if err != nil {
		return nil, err
	}
	return &landing{
		Source: source.Name, Bucket: bucket, Prefix: source.To.Prefix, Began: r.clock.Now(), Files: []listed{},
		runner: r, home: home, name: name,
	}, nil
}

func landings(source string) string { return "_penstock/landings/" + source + "/" }

// errTaken says that a landing of this name exists.
var errTaken = errors.New("a landing of this name exists")

// write writes the list.
func (l *landing) write(ctx context.Context) error {
	body, err := json.Marshal(l)
	if err != nil {
		return err
	}
	key := landings(l.Source) + l.name + ".json"
	_, err = l.runner.s3.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &l.home, Key: &key, Body: bytes.NewReader(body), IfNoneMatch: aws.String("*"), ContentType: aws.String("application/json"),
	})
	switch {
	case code(err) == "PreconditionFailed" || code(err) == "ConditionalRequestConflict":
		return errTaken
	case err != nil:
		return fmt.Errorf("write the list of what is to land: %w", err)
	}
	return nil
}

// close marks the landing as whole, or as taken back.
func (l *landing) close(ctx context.Context, how string) error {
	key := landings(l.Source) + l.name + ".done.json"
	_, err := l.runner.s3.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &l.home, Key: &key, Body: strings.NewReader(`{"landing":"` + how + `"}`), ContentType: aws.String("application/json"),
	})
	if err != nil {
		return fmt.Errorf("mark the landing of %s as %s: %w", l.Source, how, err)
	}
	return nil
}

// open finds the landings of a source that are not whole, in the order in which they began.
func (r *Runner) open(ctx context.Context, source pipeline.Source) ([]*landing, error) {
	home, err := r.bucketName(ctx, "curated")
	if err != nil {
		return nil, err
	}
	keys, err := r.etags(ctx, home, landings(source.Name))
	if err != nil {
		return nil, err
	}
	var list []*landing
	for _, key := range sortedKeys(keys) {
		name, isList := strings.CutSuffix(path.Base(key), ".json")
		if _, done := keys[strings.TrimSuffix(key, ".json")+".done.json"]; done || !isList || strings.HasSuffix(name, ".done") {
			continue
		}
		l := &landing{runner: r, home: home, name: name}
		if err := r.readJSON(ctx, home, key, l); err != nil {
			return nil, err
		}
		list = append(list, l)
	}
	return list, nil
}

// Interrupted names the sources that have a landing that is not whole.
func (r *Runner) Interrupted(ctx context.Context) ([]string, error) {
	names := []string{}
	for _, source := range r.Spec.Sources {
		list, err := r.open(ctx, source)
		if err != nil {
			return nil, err
		}
		for _, l := range list {
			if len(l.Files) > 0 && !slices.Contains(names, source.Name) {
				names = append(names, source.Name)
			}
		}
	}
	return names, nil
}

func (r *Runner) readJSON(ctx context.Context, bucket, key string, into any) error {
	out, err := r.s3.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		return fmt.Errorf("read s3://%s/%s: %w", bucket, key, err)
	}
	defer out.Body.Close()
	body, err := io.ReadAll(out.Body)
	if err == nil {
		err = json.Unmarshal(body, into)
	}
	if err != nil {
		return fmt.Errorf("read s3://%s/%s: %w", bucket, key, err)
	}
	return nil
}

// Continue makes the interrupted landings of every source whole. It returns how many files were put.
func (r *Runner) Continue(ctx context.Context) (int, error) {
	total := 0
	for _, source := range r.Spec.Sources {
		list, err := r.open(ctx, source)
		if err != nil {
			return total, err
		}
		for _, l := range list {
			n, err := l.goOn(ctx)
			total += n
			if err != nil {
				return total, err
			}
		}
	}
	return total, nil
}

// goOn continues an interrupted landing, if its files are as they were.
func (l *landing) goOn(ctx context.Context) (int, error) {
	if len(l.Files) == 0 { // the decision that no sample lands
		return 0, l.close(ctx, "landed")
	}
	there, err := l.runner.etags(ctx, l.Bucket, l.Prefix)
	if err != nil {
		return 0, err
	}
	var left []listed
	for _, f := range l.Files {
		if there[l.Prefix+f.Name] != f.MD5 {
			left = append(left, f)
		}
	}
	l.runner.Progress.Landing(l.Source, len(left))
	if err := l.unchanged(ctx, left); err != nil {
		return 0, err
	}
	return l.finish(ctx, left, Landed{There: len(l.Files) - len(left), Continued: true})
}

// unchanged is an error when files of the list are gone or have changed: to land what is there now beside what landed of the old files
// could mix two states of the data.
func (l *landing) unchanged(ctx context.Context, left []listed) error {
	faults := make([]string, len(left))
	err := each(ctx, len(left), func(_ context.Context, i int) error {
		hash, _, err := sum(l.path(left[i]))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			faults[i] = "not here: " + l.path(left[i])
		case err != nil:
			return err
		case hash != left[i].MD5:
			faults[i] = "changed:  " + l.path(left[i])
		}
		return nil
	})
	if err != nil {
		return &Unfinished{Source: l.Source, Landed: len(l.Files) - len(left), Files: len(l.Files), Err: err}
	}
	var lines []string
	n := 0
	for _, f := range faults {
		if f == "" {
			continue
		}
		if n++; n <= 5 {
			lines = append(lines, "  "+f)
		}
	}
	if n == 0 {
		return nil
	}
	if n > 5 {
		lines = append(lines, fmt.Sprintf("  and %d more", n-5))
	}
	return &Stuck{Source: l.Source, text: fmt.Sprintf(
		"the landing of %s that began at %s is not whole: %d of its %d files have landed, and of the others %d are not as they were\n%s",
		l.Source, l.Began.UTC().Format("2006-01-02 15:04:05 MST"), len(l.Files)-len(left), len(l.Files), n, strings.Join(lines, "\n"))}
}

// Stuck is an interrupted landing that cannot be continued as it was begun.
type Stuck struct {
	Source string
	text   string
}

// Error implements error.
func (s *Stuck) Error() string { return s.text }

// etags gives the ETag of every object below a prefix, by key.
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

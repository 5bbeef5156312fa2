package job

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"penstock/internal/api"
	"penstock/internal/awsglue"
	"penstock/internal/job/script"
	"penstock/internal/s3uri"
)

// The most bytes of a script and of each file that a job brings along.
const (
	mostScript = 16 << 20
	mostFile   = 1 << 30
)

// longestTmp is in bytes how long the path of a folder for temporary files may be: Python puts sockets there, whose names have 107 at most.
const longestTmp = 70

// env is what a program's environment says of where it writes.
func (f *files) env() []string {
	if f.tmp == "" {
		return nil
	}
	return []string{"TMPDIR=" + f.tmp}
}

// files are what a run's script consists of, on disk.
type files struct {
	root   string   // the folder of all of them, which the caller of stage removes
	dir    string   // where it runs
	tmp    string   // for its temporary files, or "" for the system's
	script string   // its path
	path   []string // what Python's modules are looked for in: the job's own, Glue's, then archives of the job
	// What is to be installed: names for the index, and files.
	modules, wheels []string
	// Of --extra-jars and --extra-files.
	jars, files []string
}

// stage brings a run's script and the files of --extra-py-files and --additional-python-modules into a folder of their own.
func (j *Jobs) stage(ctx context.Context, r Run, run script.Run) (_ *files, err error) {
	dir, err := j.children.Folder()
	if err != nil {
		return nil, fmt.Errorf("make a folder for the script: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}()
	f := &files{root: dir, dir: filepath.Join(dir, "work")}
	if tmp := filepath.Join(dir, "tmp"); len(tmp) <= longestTmp {
		f.tmp = tmp
	}
	if err := errors.Join(os.Mkdir(f.dir, 0o700), os.Mkdir(filepath.Join(dir, "tmp"), 0o700)); err != nil {
		return nil, err
	}
	uri := cmp.Or(run.Args["--scriptLocation"], r.Definition.Script)
	if uri == "" {
		return nil, errors.New("the job has no script: its Command.ScriptLocation is empty")
	}
	if f.script, err = j.fetch(ctx, r, uri, f.dir, mostScript); err != nil {
		return nil, fmt.Errorf("the script: %w", err)
	}
	lib := filepath.Join(dir, "lib")
	if err := os.Mkdir(lib, 0o700); err != nil {
		return nil, err
	}
	glue, err := awsglue.Write(j.host.Cache)
	if err != nil {
		return nil, err
	}
	f.path = []string{lib, glue}
	for _, uri := range once(run.List("--extra-py-files")) {
		if err := j.extra(ctx, r, f, uri, lib); err != nil {
			return nil, fmt.Errorf("--extra-py-files: %w", err)
		}
	}
	for _, m := range run.Modules() {
		if _, _, stored := s3uri.Cut(m); !stored {
			f.modules = append(f.modules, m)
		} else if err := j.wheel(ctx, r, f, m, lib); err != nil {
			return nil, fmt.Errorf("--additional-python-modules: %w", err)
		}
	}
	return f, nil
}

// once is a list without what stands in it again.
func once(list []string) (out []string) {
	for _, item := range list {
		if !slices.Contains(out, item) {
			out = append(out, item)
		}
	}
	return out
}

// extra brings one file of --extra-py-files: a module, an archive of modules, or a wheel.
func (j *Jobs) extra(ctx context.Context, r Run, f *files, uri, lib string) error {
	name, err := j.fetch(ctx, r, uri, lib, mostFile)
	if err != nil {
		return err
	}
	switch path.Ext(name) {
	case ".py":
	case ".zip", ".egg":
		f.path = append(f.path, name)
	case ".whl":
		f.wheels = append(f.wheels, name)
	default:
		return fmt.Errorf("%s is no .py, .zip, .egg or .whl file", uri)
	}
	return nil
}

// wheel brings a module that is installed from a file.
func (j *Jobs) wheel(ctx context.Context, r Run, f *files, uri, lib string) error {
	if path.Ext(uri) != ".whl" {
		return fmt.Errorf("%s is no .whl file", uri)
	}
	name, err := j.fetch(ctx, r, uri, lib, mostFile)
	f.wheels = append(f.wheels, name)
	return err
}

// fetch copies an object of S3 into dir, as the job's role, under the last part of its key.
func (j *Jobs) fetch(ctx context.Context, r Run, uri, dir string, most int64) (name string, err error) {
	bucket, key, err := s3uri.Parse(uri)
	base := path.Base(key)
	if err != nil || key == "" || strings.HasSuffix(key, "/") || base == ".." || base == "." {
		return "", fmt.Errorf("%q is no address of an object, s3://bucket/key", uri)
	}
	if strings.ContainsRune(base, os.PathListSeparator) || strings.ContainsRune(base, 0) {
		return "", fmt.Errorf("%q: a file's name cannot have %q in a path of modules", uri, os.PathListSeparator)
	}
	if j.invoker == nil {
		return "", errors.New("no services are here")
	}
	ctx = api.WithPrincipal(ctx, api.Principal{ARN: j.role(r), Account: j.account})
	out, err := j.invoker.Invoke(ctx, "s3", "GetObject", &s3.GetObjectInput{Bucket: aws.String(bucket), Key: aws.String(key)})
	if err != nil {
		return "", fmt.Errorf("read %s: %w", uri, err)
	}
	object, ok := out.(*s3.GetObjectOutput)
	if !ok {
		return "", fmt.Errorf("read %s: answered with %T", uri, out)
	}
	defer object.Body.Close()
	name = filepath.Join(dir, base)
	to, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, os.ErrExist) {
		return "", fmt.Errorf("two files are called %s", base)
	}
	if err != nil {
		return "", err
	}
	n, err := io.Copy(to, io.LimitReader(object.Body, most+1))
	if err = errors.Join(err, to.Close()); err != nil {
		return "", fmt.Errorf("copy %s: %w", uri, err)
	}
	if n > most {
		return "", fmt.Errorf("%s has more than %d bytes", uri, most)
	}
	return name, nil
}

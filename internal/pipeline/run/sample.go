package run

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"penstock/internal/pipeline"
)

// LandSample lands the sample of a source, once in the pipeline's life and only where nothing else has ever been. The list of that landing,
// or an empty one in its place, is the decision. It returns how many files were put.
func (r *Runner) LandSample(ctx context.Context, source pipeline.Source) (int, error) {
	decided, err := r.decided(ctx, source)
	if err != nil || decided {
		return 0, err
	}
	touched, err := r.touched(ctx, source)
	if err != nil {
		return 0, err
	}
	if touched {
		return 0, r.noSample(ctx, source, "other data was there")
	}
	files, err := LocalFiles([]string{filepath.Join(r.Spec.Dir, filepath.FromSlash(source.Sample))})
	if errors.Is(err, fs.ErrNotExist) {
		return 0,
			fmt.Errorf("%s:%d: there is no folder %s with a sample of %s; land files of your own (penstock land %s DIR) or take the line away",
				pipeline.FileName, source.SampleAt.Line, source.Sample, source.Name, source.Name)
	}
	if err != nil {
		return 0, err
	}
	n, err := r.land(ctx, source, files, sampleName)
	if errors.Is(err, errTaken) { // another run was quicker: its landing is continued
		return r.Continue(ctx)
	}
	return n, err
}

func (r *Runner) decided(ctx context.Context, source pipeline.Source) (bool, error) {
	home, err := r.bucketName(ctx, "curated")
	if err != nil {
		return false, err
	}
	now, err := r.current(ctx, home, landings(source.Name)+sampleName+".json")
	return now != nil, err
}

// noSample decides that the sample of a source will not land.
func (r *Runner) noSample(ctx context.Context, source pipeline.Source, why string) error {
	decided, err := r.decided(ctx, source)
	if err != nil || decided {
		return err
	}
	if _, err := os.Stat(filepath.Join(r.Spec.Dir, filepath.FromSlash(source.Sample))); source.Sample != "" && err != nil {
		r.Progress.Note(fmt.Sprintf("%s:%d: there is no folder %s; the sample of %s will not land", pipeline.FileName, source.SampleAt.Line,
			source.Sample, source.Name))
	}
	l, err := r.emptyLanding(ctx, source, sampleName)
	if err != nil {
		return err
	}
	if err := l.write(ctx); err != nil {
		if errors.Is(err, errTaken) {
			return nil // another call has decided, one way or the other
		}
		return err
	}
	return l.close(ctx, "no sample: "+why)
}

// touched reports whether the source's place holds or has held anything: an object, a version, a deletion, or an input of a run.
func (r *Runner) touched(ctx context.Context, source pipeline.Source) (bool, error) {
	bucket, err := r.bucketName(ctx, source.To.Bucket)
	if err != nil {
		return false, err
	}
	out, err := r.s3.ListObjectVersions(ctx, &s3.ListObjectVersionsInput{Bucket: &bucket, Prefix: &source.To.Prefix, MaxKeys: aws.Int32(1)})
	if err != nil {
		return false, fmt.Errorf("list s3://%s/%s: %w", bucket, source.To.Prefix, err)
	}
	if len(out.Versions)+len(out.DeleteMarkers) > 0 {
		return true, nil
	}
	home, err := r.bucketName(ctx, "curated")
	if err != nil {
		return false, err
	}
	seen, err := r.manifests(ctx, home)
	if err != nil {
		return false, err
	}
	for input := range seen {
		if strings.HasPrefix(input, source.Name+"\x00") {
			return true, nil
		}
	}
	return false, nil
}

// current is the object that lies at a key now, or nil.
func (r *Runner) current(ctx context.Context, bucket, key string) (*version, error) {
	out, err := r.s3.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &bucket, Key: &key})
	if c := code(err); c == "NotFound" || c == "NoSuchKey" {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look at s3://%s/%s: %w", bucket, key, err)
	}
	return &version{ETag: strings.Trim(aws.ToString(out.ETag), `"`), Version: aws.ToString(out.VersionId),
		Size: aws.ToInt64(out.ContentLength), kept: keptBy(out)}, nil
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

package worker

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"

	"penstock/internal/child/task"
)

// A landing is the list of files that "penstock land" or "run" puts into a source's place: <home>landings/<source>/<name>.json, with
// <name>.done.json beside it once all have landed. Package pipeline/run writes both.
type landing struct {
	Bucket string `json:"bucket"`
	Prefix string `json:"prefix"`
	Files  []struct {
		Name string `json:"name"`
		Was  *struct {
			ETag    string `json:"etag"`
			Version string `json:"version"`
			Size    int64  `json:"size"`
		} `json:"was"`
	} `json:"files"`
}

// settled gives the objects below a source's place without those of landings that are not whole: in their place stand the versions that
// were there before. The landings are looked at before and after the objects are listed, since one may become whole meanwhile.
func (r *run) settled(ctx context.Context, source, uri string) ([]task.File, error) {
	home := strings.TrimSuffix(r.args["--penstock-home"], "/") + "/landings/" + source + "/"
	if home[0] == '/' { // a step outside of a pipeline
		return r.under(ctx, uri)
	}
	before, err := r.under(ctx, home)
	if err != nil {
		return nil, err
	}
	files, err := r.under(ctx, uri)
	if err != nil {
		return nil, err
	}
	after, err := r.under(ctx, home)
	if err != nil {
		return nil, err
	}
	hidden, err := unfinished(before, after)
	if err != nil || len(hidden) == 0 {
		return files, err
	}
	kept := files[:0]
	var earlier []input
	for _, f := range files {
		was, hide := hidden[[2]string{f.Bucket, f.Key}]
		switch {
		case !hide:
			kept = append(kept, f)
		case was != nil:
			earlier = append(earlier, *was)
		}
	}
	r.say("%d objects of %s are of a landing that is not whole: they are left to a later run", len(files)-len(kept), source)
	old, err := r.inputs(ctx, earlier)
	if err != nil {
		return nil, err
	}
	kept = append(kept, old...)
	slices.SortFunc(kept, func(a, b task.File) int { return strings.Compare(a.Key, b.Key) })
	return kept, nil
}

// unfinished are the objects of the lists in after that were not marked as done in before, with what they replace.
func unfinished(before, after []task.File) (map[[2]string]*input, error) {
	done := map[string]bool{}
	for _, f := range before {
		if name, ok := strings.CutSuffix(path.Base(f.Key), ".done.json"); ok {
			done[name] = true
		}
	}
	hidden := map[[2]string]*input{}
	for _, f := range after {
		name := strings.TrimSuffix(path.Base(f.Key), ".json")
		if done[name] || strings.HasSuffix(name, ".done") {
			continue
		}
		b, err := os.ReadFile(f.Path)
		if err != nil {
			return nil, fmt.Errorf("read s3://%s/%s: %w", f.Bucket, f.Key, err)
		}
		var l landing
		if err := json.Unmarshal(b, &l); err != nil {
			return nil, fmt.Errorf("read s3://%s/%s: %w", f.Bucket, f.Key, err)
		}
		for _, x := range l.Files {
			at := [2]string{l.Bucket, l.Prefix + x.Name}
			if _, known := hidden[at]; known {
				continue // an earlier landing knows what was there before both
			}
			hidden[at] = nil
			if x.Was != nil {
				hidden[at] = &input{Bucket: l.Bucket, Key: at[1], Version: x.Was.Version, ETag: x.Was.ETag, Size: x.Was.Size}
			}
		}
	}
	return hidden, nil
}

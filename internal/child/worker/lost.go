package worker

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"penstock/internal/child/task"
)

// lost looks whether the table of the lake still has what was published last: not if its files or its partitions are gone, or if the
// table lies elsewhere, or in other folders, than it did. It says why, or "".
func (b *backlog) lost(ctx context.Context, t bookTransform) (why string, err error) {
	name := t.Name
	s, err := b.table(ctx, name)
	if err != nil {
		return "", err
	}
	if !t.Stream {
		entries, err := b.present(ctx, name)
		if err != nil || len(entries) == 0 {
			return "has no files", err
		}
		why, _, err := b.lostFile(ctx, s, entries)
		return why, err
	}
	for _, lr := range slices.Backward(b.runs) {
		gen := lr.outputs[name]
		if gen == 0 {
			continue
		}
		entries, err := b.copied(ctx, copyKey(b.home, lr.base.Run, gen, name))
		if err != nil {
			return "", err
		}
		why, sure, err := b.lostFile(ctx, s, entries)
		if err != nil || sure {
			return why, err
		}
	}
	return "", nil
}

// A copyEntry is a file in a COPY manifest.
type copyEntry struct {
	URL       string `json:"url"`
	Mandatory bool   `json:"mandatory"`
	Meta      struct {
		Length int64 `json:"content_length"`
	} `json:"meta"`
}

// copied are the files of a COPY manifest.
func (r *run) copied(ctx context.Context, uri string) ([]copyEntry, error) {
	var m struct{ Entries []copyEntry }
	return m.Entries, r.readJSON(ctx, uri, &m)
}

// lostFile judges by the first file of a run. A file of no rows lies in no partition and says nothing of them: sure is false.
func (b *backlog) lostFile(ctx context.Context, s *source, entries []copyEntry) (why string, sure bool, err error) {
	if len(entries) == 0 {
		return "", false, nil
	}
	uri := entries[0].URL
	below, ok := strings.CutPrefix(uri, strings.TrimSuffix(s.table.Location, "/")+"/")
	if !ok {
		return "lies elsewhere than before", true, nil
	}
	files, err := b.under(ctx, uri)
	if err != nil {
		return "", false, err
	}
	if len(files) == 0 {
		return "was emptied", true, nil
	}
	keys := s.table.PartitionKeys
	if len(keys) == 0 {
		return "", true, nil
	}
	folders := strings.Split(below, "/")
	if len(folders) == 1 {
		n, err := b.rowsOf(ctx, files[0])
		if err != nil || n == 0 {
			return "", false, err
		}
	}
	fits := len(folders) == len(keys)+1
	for i := 0; fits && i < len(keys); i++ {
		fits = strings.HasPrefix(folders[i], keys[i].Name+"=")
	}
	if !fits {
		return "is partitioned otherwise than before", true, nil
	}
	folder := uri[:strings.LastIndexByte(uri, '/')]
	for _, p := range s.table.Partitions {
		if strings.TrimSuffix(p.Location, "/") == folder {
			return "", true, nil
		}
	}
	return "was dropped", true, nil
}

// rowsOf counts the rows of a Parquet file.
func (r *run) rowsOf(ctx context.Context, f task.File) (int64, error) {
	e, err := r.openEngine(ctx, []string{f.Path})
	if err != nil {
		return 0, err
	}
	defer e.Close()
	_, n, err := parquetColumns(ctx, e, []part{{file: f}})
	if err != nil {
		return 0, fmt.Errorf("s3://%s/%s: %w", f.Bucket, f.Key, err)
	}
	return n, nil
}

package worker

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"penstock/internal/child/task"
	"penstock/internal/child/worker/ledger"
	"penstock/internal/child/worker/reading"
)

// lost gives the runs of which a table of the lake has not got what was published: their files are gone, or lie in other folders or
// partitions than those of the table.
func (b *backlog) lost(ctx context.Context, t bookTransform) (runs []*ledger.Run, why string, err error) {
	s, err := b.table(ctx, t.Name)
	if err != nil {
		return nil, "", err
	}
	files, err := b.under(ctx, strings.TrimSuffix(s.Table.Location, "/")+"/")
	if err != nil {
		return nil, "", err
	}
	if why, err = b.misplaced(ctx, s, files); err != nil || why != "" {
		return b.runs, why, err
	}
	there := map[string]bool{}
	for _, f := range files { // <run>-<generation>-<n>.snappy.parquet
		run, rest, _ := strings.Cut(path.Base(f.Key), "-")
		gen, _, _ := strings.Cut(rest, "-")
		there[run+"-"+gen] = true
	}
	for _, lr := range b.runs {
		if gen := lr.Outputs[t.Name]; gen > 0 && !there[lr.Base.Run+"-"+ledger.Generation(gen)] {
			runs = append(runs, lr)
		}
	}
	switch {
	case len(files) == 0:
		return runs, "has no files where it lies", nil
	case t.Stream && len(runs) > 0:
		return runs, "has lost files", nil
	}
	return nil, "", nil
}

// misplaced judges by one of the files whether they lie as the table has them. A file of no rows lies in no partition and says nothing.
func (b *backlog) misplaced(ctx context.Context, s *reading.Source, files []task.File) (why string, err error) {
	for _, f := range slices.Backward(files) {
		why, sure, err := b.misplacedFile(ctx, s, f)
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

func (b *backlog) misplacedFile(ctx context.Context, s *reading.Source, f task.File) (why string, sure bool, err error) {
	keys := s.Table.PartitionKeys
	if len(keys) == 0 {
		return "", true, nil
	}
	uri := "s3://" + f.Bucket + "/" + f.Key
	folders := strings.Split(strings.TrimPrefix(uri, strings.TrimSuffix(s.Table.Location, "/")+"/"), "/")
	if len(folders) == 1 {
		n, err := b.rowsOf(ctx, f)
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
	for _, p := range s.Table.Partitions {
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
	n, err := reading.ParquetRows(ctx, e, f.Path)
	if err != nil {
		return 0, fmt.Errorf("s3://%s/%s: %w", f.Bucket, f.Key, err)
	}
	return n, nil
}

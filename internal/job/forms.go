package job

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"penstock/internal/catalog"
	"penstock/internal/child/task"
)

func inputFormat(s *catalog.Storage) string {
	if s == nil {
		return ""
	}
	return s.InputFormat
}

// forms numbers the forms of partitions that differ from their table's.
type forms struct {
	table *task.Table
	known map[string]int     // by what they are
	seen  map[sharedForm]int // by where the catalog holds them: a million partitions share a few
}

// A sharedForm tells descriptions apart that the catalog gives to several partitions.
type sharedForm struct {
	serde   *catalog.SerDe
	columns *catalog.Column
	n       int
	input   string
}

func newForms(t *task.Table) *forms {
	return &forms{table: t, known: map[string]int{}, seen: map[sharedForm]int{}}
}

// of is the number of a partition's form, 0 for its table's.
func (f *forms) of(s *catalog.Storage) (int, error) {
	if s == nil || s.SerDe == nil && len(s.Columns) == 0 {
		return 0, nil
	}
	at := sharedForm{serde: s.SerDe, n: len(s.Columns), input: s.InputFormat}
	if at.n > 0 {
		at.columns = &s.Columns[0]
	}
	n, ok := f.seen[at]
	if ok {
		return n, nil
	}
	n, err := f.number(s)
	f.seen[at] = n
	return n, err
}

func (f *forms) number(s *catalog.Storage) (int, error) {
	own := task.Form{Columns: columns(s.Columns)}
	if s.SerDe != nil && s.SerDe.Library != nil {
		own.SerDe, own.SerDeParams, own.InputFormat = *s.SerDe.Library, s.SerDe.Parameters, s.InputFormat
	}
	t := f.table
	same := own.SerDe == "" || own.SerDe == t.SerDe && maps.Equal(own.SerDeParams, t.SerDeParams) && own.InputFormat == t.InputFormat
	if same && (len(own.Columns) == 0 || slices.EqualFunc(own.Columns, t.Columns, func(a, b task.Column) bool {
		return strings.EqualFold(a.Name, b.Name) && a.Type == b.Type
	})) {
		return 0, nil
	}
	key, err := json.Marshal(own)
	if err != nil {
		return 0, fmt.Errorf("describe a partition: %w", err)
	}
	if f.known[string(key)] == 0 {
		t.Forms = append(t.Forms, own)
		f.known[string(key)] = len(t.Forms)
	}
	return f.known[string(key)], nil
}

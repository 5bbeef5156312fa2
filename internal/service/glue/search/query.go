package search

import (
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"penstock/internal/api"
	"penstock/internal/catalog"
	"penstock/internal/service/glue/answer"
)

// A query is what a search asks for.
type query struct {
	key     []string // everything that selects and sorts
	filters []func(*catalog.Table) bool
	words   []string // in small letters; each must be in one of the texts
	whole   string   // or one of the texts is this
	sort    func(*catalog.Table) string
	down    bool
}

func compile(in *glue.SearchTablesInput) (*query, error) {
	q := &query{key: []string{"search", answer.Deref(in.SearchText), string(in.ResourceShareType)}}
	for _, f := range in.Filters {
		q.key = append(q.key, answer.Deref(f.Key), answer.Deref(f.Value), string(f.Comparator))
		accept, err := filter(f)
		if err != nil {
			return nil, err
		}
		q.filters = append(q.filters, accept)
	}
	for _, c := range in.SortCriteria {
		q.key = append(q.key, "by", answer.Deref(c.FieldName), string(c.Sort))
		if q.sort = fieldOf(answer.Deref(c.FieldName)); q.sort == nil {
			return nil, api.Errorf(answer.Invalid, "Tables cannot be sorted by %s", answer.Deref(c.FieldName))
		}
		q.down = c.Sort == types.SortDescending
	}
	text := strings.ToLower(answer.Deref(in.SearchText))
	if n := len(text); n >= 2 && text[0] == '"' && text[n-1] == '"' {
		q.whole = text[1 : n-1]
	} else {
		q.words = strings.Fields(text)
	}
	return q, nil
}

// order compares as the answer is sorted.
func (q *query) order(a, b hit) int {
	if q.down {
		return -compare(a, b)
	}
	return compare(a, b)
}

func (q *query) matches(t *catalog.Table) bool {
	for _, accept := range q.filters {
		if !accept(t) {
			return false
		}
	}
	if q.whole == "" && len(q.words) == 0 {
		return true
	}
	texts := textsOf(t)
	if q.whole != "" {
		for _, x := range texts {
			if x == q.whole {
				return true
			}
		}
		return false
	}
	for _, w := range q.words {
		if !anyContains(texts, w) {
			return false
		}
	}
	return true
}

func anyContains(texts []string, word string) bool {
	for _, x := range texts {
		if strings.Contains(x, word) {
			return true
		}
	}
	return false
}

// textsOf are the texts of a table that are searched, in small letters.
func textsOf(t *catalog.Table) []string {
	out := []string{t.Name, t.Database, answer.Deref(t.Description), answer.Deref(t.Owner)}
	for _, list := range [][]catalog.Column{t.Columns(), t.PartitionKeys} {
		for _, c := range list {
			out = append(out, c.Name, answer.Deref(c.Comment))
		}
	}
	for k, v := range t.Parameters {
		out = append(out, k, v)
	}
	for i := range out {
		out[i] = strings.ToLower(out[i])
	}
	return out
}

// filter compiles one predicate: a time with a comparator, or a text whose tokens, or which as a whole, must be the value.
func filter(f types.PropertyPredicate) (func(*catalog.Table) bool, error) {
	key, want := answer.Deref(f.Key), strings.ToLower(answer.Deref(f.Value))
	if at := timeOf(key); at != nil {
		limit, err := instant(answer.Deref(f.Value))
		if err != nil {
			return nil, api.Errorf(answer.Invalid, "The value %q of the filter %s is no time: give RFC 3339 or seconds since 1970",
				answer.Deref(f.Value), key)
		}
		return func(t *catalog.Table) bool {
			v := at(t)
			return v != nil && holds(f.Comparator, v.Compare(limit))
		}, nil
	}
	if f.Comparator != "" && f.Comparator != types.ComparatorEquals {
		return nil, api.Errorf(answer.Invalid, "The comparator %s is for times only, and %s is none", f.Comparator, key)
	}
	value := fieldOf(key)
	if value == nil {
		value = func(t *catalog.Table) string { return parameter(t, key) }
	}
	return func(t *catalog.Table) bool {
		text := strings.ToLower(value(t))
		if text == want {
			return true
		}
		for _, token := range strings.FieldsFunc(text, splits) {
			if token == want {
				return true
			}
		}
		return false
	}, nil
}

func splits(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }

func parameter(t *catalog.Table, key string) string {
	if v, ok := t.Parameters[key]; ok {
		return v
	}
	for k, v := range t.Parameters {
		if strings.EqualFold(k, key) {
			return v
		}
	}
	return ""
}

func holds(c types.Comparator, sign int) bool {
	switch c {
	case types.ComparatorGreaterThan:
		return sign > 0
	case types.ComparatorGreaterThanEquals:
		return sign >= 0
	case types.ComparatorLessThan:
		return sign < 0
	case types.ComparatorLessThanEquals:
		return sign <= 0
	}
	return sign == 0
}

func instant(text string) (time.Time, error) {
	if n, err := strconv.ParseFloat(text, 64); err == nil && n > -1e11 && n < 1e11 {
		return time.UnixMilli(int64(n * 1000)), nil
	}
	if t, err := time.Parse(time.DateOnly, text); err == nil {
		return t, nil
	}
	return time.Parse(time.RFC3339, text)
}

// timeOf returns how a time of a table is read, or nil.
func timeOf(key string) func(*catalog.Table) *time.Time {
	switch strings.ToLower(key) {
	case "createtime":
		return func(t *catalog.Table) *time.Time { return &t.Created }
	case "updatetime":
		return func(t *catalog.Table) *time.Time { return &t.Updated }
	case "lastaccesstime":
		return func(t *catalog.Table) *time.Time { return t.LastAccess }
	case "lastanalyzedtime":
		return func(t *catalog.Table) *time.Time { return t.LastAnalyzed }
	}
	return nil
}

// fieldOf returns how a property of every table is read as text that sorts as it does, or nil.
func fieldOf(key string) func(*catalog.Table) string {
	if at := timeOf(key); at != nil {
		return func(t *catalog.Table) string {
			if v := at(t); v != nil {
				return v.UTC().Format("2006-01-02T15:04:05.000000000Z")
			}
			return ""
		}
	}
	switch strings.ToLower(key) {
	case "name", "tablename":
		return func(t *catalog.Table) string { return t.Name }
	case "databasename", "database":
		return func(t *catalog.Table) string { return t.Database }
	case "tabletype":
		return func(t *catalog.Table) string { return answer.Deref(t.Type) }
	case "owner":
		return func(t *catalog.Table) string { return answer.Deref(t.Owner) }
	case "description":
		return func(t *catalog.Table) string { return answer.Deref(t.Description) }
	case "createdby":
		return func(t *catalog.Table) string { return t.CreatedBy }
	case "location":
		return func(t *catalog.Table) string { return t.Location() }
	case "classification":
		return func(t *catalog.Table) string { return parameter(t, "classification") }
	}
	return nil
}

package crawl

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"sort"
	"strconv"
	"strings"

	"penstock/internal/classify"
	"penstock/internal/schema"
)

func itoa(n int) string { return strconv.Itoa(n) }

// similar is the share of columns that two schemas must have in common to be one table: more than 70 %.
const similar = 0.7

// A folder is a node of the tree of folders below a target.
type folder struct {
	name    string
	folders map[string]*folder
	fold
}

// at is the folder below one.
func (f *folder) at(dirs []string) *folder {
	for _, d := range dirs {
		next := f.folders[d]
		if next == nil {
			next = &folder{name: d}
			if f.folders == nil {
				f.folders = map[string]*folder{}
			}
			f.folders[d] = next
		}
		f = next
	}
	return f
}

// all are the samples of a folder and of those below it.
func (f *folder) all() []*sample {
	out := slices.Clone(f.samples)
	for _, name := range slices.Sorted(maps.Keys(f.folders)) {
		out = append(out, f.folders[name].all()...)
	}
	return out
}

// A group is the files of one table.
type group struct {
	dirs    []string // the folders from the target to the table
	file    *file    // set when the table is one file
	levels  int      // of folders between the table and its files: partition keys
	form    classify.Form
	samples []*sample
	columns []schema.Field // united
}

// A grouping is how folders become tables.
type grouping struct {
	combine bool // columns need not be similar
	level   int  // depth at which tables lie, counted from the target; -1: found by similarity
	err     error
}

// groups returns the tables in a folder: where all its subfolders are one table each, of one form and similar columns, they are one
// table together and the folders are its partitions; otherwise each stays a table of its own.
func (g *grouping) groups(f *folder, dirs []string) []*group {
	own := g.inFolder(f, dirs)
	names := make([]string, 0, len(f.folders))
	for name := range f.folders {
		names = append(names, name)
	}
	sort.Strings(names)
	var below []*group
	mergeable := len(own) == 0 && len(dirs) >= g.level
	for _, name := range names {
		child := g.groups(f.folders[name], append(slices.Clone(dirs), name))
		mergeable = mergeable && len(child) <= 1
		below = append(below, child...)
	}
	if mergeable && len(below) > 0 {
		if m := g.merge(below, dirs); m != nil {
			return []*group{m}
		}
	}
	return append(own, below...)
}

// merge makes one group of those of a folder's subfolders, or nil if they do not fit together.
func (g *grouping) merge(list []*group, dirs []string) *group {
	m := &group{dirs: dirs, levels: list[0].levels + 1, form: list[0].form}
	for _, c := range list {
		if c.file != nil || c.levels != list[0].levels || len(c.dirs) != len(dirs)+1 || !g.fits(m, c) {
			return nil
		}
		m.samples = append(m.samples, c.samples...)
		m.columns = classify.Unite(m.columns, c.columns)
	}
	return m
}

// fits reports whether c may join m. Where the crawler says at which level tables lie, all files of a format below are one table, whatever
// their form is otherwise.
func (g *grouping) fits(m, c *group) bool {
	if m.form.Class != c.form.Class {
		return false
	}
	if g.level >= 0 {
		return true
	}
	return m.form == c.form && (len(m.columns) == 0 || g.combine || similarity(m.columns, c.columns, m.form.Named()) > similar)
}

// alike reports whether a file may stand for another.
func (g *grouping) alike(a, b *sample) bool {
	return g.fits(&group{form: a.Form, columns: a.Columns()}, &group{form: b.Form, columns: b.Columns()})
}

// common puts the samples of the form that most files of the group have first: a table has one form, and takes it from there.
func (g *group) common() {
	count := map[classify.Form]int{}
	for _, s := range g.samples {
		count[s.Form] += s.n
	}
	slices.SortStableFunc(g.samples, func(a, b *sample) int { return count[b.Form] - count[a.Form] })
	g.form = g.samples[0].Form
}

// inFolder returns the tables that the files of one folder are: one if they fit together, else one for each file.
func (g *grouping) inFolder(f *folder, dirs []string) []*group {
	var one *group
	for i, s := range f.samples {
		c := &group{dirs: dirs, form: s.Form, samples: []*sample{s}, columns: s.Columns()}
		switch {
		case i == 0:
			one = c
		case one != nil && g.fits(one, c):
			one.samples = append(one.samples, s)
			one.columns = classify.Unite(one.columns, c.columns)
		default:
			one = nil
		}
	}
	if one != nil {
		return []*group{one}
	}
	if f.known > maxParts && g.err == nil {
		g.err = fmt.Errorf("the %d files in the folder of %s do not fit each other as one table, and are too many to be tables of their own; "+
			"combine them with TableGroupingPolicy CombineCompatibleSchemas, or exclude some", f.known, f.samples[0].file.url)
	}
	var each []*group
	for _, s := range f.samples {
		for _, p := range s.files {
			single := s.alone(p)
			each = append(each, &group{dirs: dirs, file: single.file, form: s.Form, samples: []*sample{single}, columns: s.Columns()})
		}
	}
	slices.SortStableFunc(each, func(a, b *group) int { return strings.Compare(a.file.url, b.file.url) })
	return each
}

// similarity is the share of the columns of the wider schema that the other one has too. Columns with made-up names must also be alike
// in type: both numbers, both text, or one of them never filled. AWS does not document its measure; this is ours.
func similarity(a, b []schema.Field, named bool) float64 {
	types := make(map[string]schema.Type, len(a))
	for _, c := range a {
		types[c.Name] = c.Type
	}
	common := 0
	for _, c := range b {
		if ty, ok := types[c.Name]; ok && (named || alike(ty.Kind, c.Type.Kind)) {
			common++
		}
	}
	return float64(common) / float64(max(len(a), len(b)))
}

func alike(a, b schema.Kind) bool {
	return a == b || a == schema.Unknown || b == schema.Unknown || a.Numeric() && b.Numeric()
}

// usual returns the columns as most files of the group have them, with the types of those files widened: what a crawler that must not
// change schemas later takes from its first crawl, so that one odd file does not bend the table.
func (g *group) usual() []schema.Field {
	count := map[string]int{}
	best := ""
	for _, s := range g.samples {
		k := strings.Join(s.Names, "\x00")
		if count[k] += s.n; count[k] > count[best] {
			best = k
		}
	}
	var out []schema.Field
	for _, s := range g.samples {
		if strings.Join(s.Names, "\x00") == best {
			out = classify.Unite(out, s.Columns())
		}
	}
	return out
}

// A key is a partition key: its name, and whether folders write it before the value ("dt=...").
type key struct {
	name string
	hive bool
}

// keys names the partition keys of a group: k for folders "k=v", else partition_N with N the level. A key that is also a column is
// named partition_N too, since a table cannot have both.
func (g *group) keys() []key {
	out := make([]key, g.levels)
	for i := range out {
		out[i] = key{fmt.Sprintf("partition_%d", i), false}
		if k := g.commonKey(i); k != "" {
			out[i] = key{strings.ToLower(k), true}
		}
		if slices.ContainsFunc(g.columns, func(c schema.Field) bool { return c.Name == out[i].name }) {
			out[i].name = fmt.Sprintf("partition_%d", i)
		}
	}
	return out
}

// commonKey is the k of all folders "k=v" at a level, or "".
func (g *group) commonKey(level int) string {
	common := ""
	for _, s := range g.samples {
		k, _, ok := strings.Cut(s.file.dirs[len(g.dirs)+level], "=")
		if !ok || k == "" || common != "" && !strings.EqualFold(k, common) {
			return ""
		}
		common = k
	}
	return common
}

// valuesOf are the partition values that folders stand for.
func valuesOf(keys []key, dirs []string) []string {
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = dirs[i]
		if !k.hive {
			continue
		}
		_, v, _ := strings.Cut(dirs[i], "=")
		if u, err := url.PathUnescape(v); err == nil {
			v = u
		}
		out[i] = v
	}
	return out
}

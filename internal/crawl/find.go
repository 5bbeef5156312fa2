package crawl

import (
	"strings"

	"penstock/internal/catalog"
	"penstock/internal/classify"
)

// A FoundFile is a file with what it shows, and where it lies below the place that was looked at.
type FoundFile struct {
	URL    string
	Dirs   []string
	Name   string
	Size   int64
	Sample *classify.Sample
}

// A FoundTable is a table as a crawler with default options would make it.
type FoundTable struct {
	Name       string
	Dirs       []string // the folders from the place to the table; with the file's name when it is a table of its own
	Columns    []catalog.Column
	Keys       []string   // of partitions
	Partitions [][]string // values of the keys, in the order of the files
	Files      []FoundFile
}

// Tables groups files as a crawler does, for whoever wants to see its findings without a crawl. place is its name;
// combine groups files whatever their columns are.
func Tables(place string, files []FoundFile, combine bool) []FoundTable {
	root, of := &folder{}, map[string]*FoundFile{}
	for i, f := range files {
		s := &sample{Sample: f.Sample, file: &file{url: f.URL, dirs: f.Dirs, name: f.Name, size: f.Size}, n: 1, size: f.Size,
			files: []part{{f.Name, f.Size, f.Sample.Records, f.Sample.Bytes}}}
		of[f.URL] = &files[i]
		if at := root.at(f.Dirs); s.Known() {
			at.samples = append(at.samples, s)
		}
	}
	adopt(root.all())
	var out []FoundTable
	for _, g := range (&grouping{combine: combine, level: -1}).groups(root, nil) {
		g.common()
		t := FoundTable{Name: place, Dirs: g.dirs, Columns: settle(g.columns, nil)}
		switch {
		case g.file != nil:
			t.Name, t.Dirs = g.file.name, append(append([]string{}, g.dirs...), g.file.name)
		case len(g.dirs) > 0:
			t.Name = g.dirs[len(g.dirs)-1]
		}
		t.Name = tableName("", t.Name)
		keys := g.keys()
		for _, k := range keys {
			t.Keys = append(t.Keys, k.name)
		}
		seen := map[string]bool{}
		for _, s := range g.samples {
			t.Files = append(t.Files, *of[s.file.url])
			if values := valuesOf(keys, s.file.dirs[len(g.dirs):]); len(keys) > 0 && !seen[strings.Join(values, "\x00")] {
				seen[strings.Join(values, "\x00")] = true
				t.Partitions = append(t.Partitions, values)
			}
		}
		out = append(out, t)
	}
	return out
}

package classify

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// A jsonKind is a way to write records, or to damage lines of them.
type jsonKind struct {
	name  string
	write func(lines []string) []byte        // nil: a line each
	want  func(names, types []string) string // nil: the columns as they are
	row   func(i int, rec map[string]any)    // changes a record
	names func(names, types []string) ([]string, []string)
}

func ndjson(lines []string) []byte { return []byte(strings.Join(lines, "\n") + "\n") }

// broken is a way to damage one line.
func broken(fn func(line string) string) func([]string) []byte {
	return func(lines []string) []byte {
		lines[17] = fn(lines[17])
		return ndjson(lines)
	}
}

func jsonKinds() []jsonKind {
	nested := func(names, types []string) ([]string, []string) {
		return append(names, "deep"), append(types, "struct<a:struct<b:array<int>>>")
	}
	added := func(name, typ string) func(names, types []string) ([]string, []string) {
		return func(names, types []string) ([]string, []string) { return append(names, name), append(types, typ) }
	}
	array := func(names, types []string) string {
		fields := make([]string, len(names))
		for i := range names {
			fields[i] = names[i] + ":" + types[i]
		}
		return "json\n  array array<struct<" + strings.Join(fields, ",") + ">>\n"
	}
	return []jsonKind{
		{name: "lines"},
		{name: "array", write: func(l []string) []byte { return []byte("[" + strings.Join(l, ",\n") + "]\n") }, want: array},
		{name: "array-cut-off", write: func(l []string) []byte { return []byte("[\n" + strings.Join(l, ",\n")) }},
		{name: "pretty", write: func(l []string) []byte {
			var out bytes.Buffer
			for _, s := range l {
				_ = json.Indent(&out, []byte(s), "", "  ")
				out.WriteByte('\n')
			}
			return out.Bytes()
		}},
		{name: "one-line", write: func(l []string) []byte { return []byte(strings.Join(l, "")) }},
		{name: "commas-between", write: func(l []string) []byte { return []byte(strings.Join(l, ",\n")) }},
		{name: "crlf", write: func(l []string) []byte { return []byte(strings.Join(l, "\r\n") + "\r\n") }},
		{name: "byte-order-mark", write: func(l []string) []byte { return append([]byte(mark), ndjson(l)...) }},
		{name: "utf-16le", write: func(l []string) []byte { return utf16Bytes(string(ndjson(l)), false, true) }},
		{name: "utf-16be", write: func(l []string) []byte { return utf16Bytes(string(ndjson(l)), true, true) }},
		{name: "blank-lines", write: func(l []string) []byte { return []byte("\n\n" + strings.Join(l, "\n\n") + "\n\n\n") }},
		{name: "cut-off", write: func(l []string) []byte { b := ndjson(l); return b[:len(b)-20] }},
		{name: "comma-too-many", write: broken(func(s string) string { return strings.TrimSuffix(s, "}") + ",}" })},
		{name: "brace-missing", write: broken(func(s string) string { return strings.TrimSuffix(s, "}") })},
		{name: "brace-too-many", write: broken(func(s string) string { return s + "}" })},
		{name: "quote-missing", write: broken(func(s string) string { return strings.Replace(s, `":`, `:`, 1) })},
		{name: "colon-missing", write: broken(func(s string) string { return strings.Replace(s, `":`, `" `, 1) })},
		{name: "words-between", write: broken(func(s string) string { return s + "\nserver restarted" })},
		{name: "garbage-line", write: broken(func(s string) string { return "\x00\x01\xff\xfe\x80{{{[[\x02" })},
		{name: "line-in-two", write: broken(func(s string) string { return s[:len(s)/2] + "\n" + s[len(s)/2:] })},
		{name: "lines-in-one", write: func(l []string) []byte {
			l[5] += l[6]
			return ndjson(slices.Delete(l, 6, 7))
		}},
		{name: "nulls", row: func(i int, rec map[string]any) {
			for k := range rec {
				if i%5 == len(k)%5 {
					rec[k] = nil
				}
			}
		}},
		{name: "keys-left-out", row: func(i int, rec map[string]any) {
			for k := range rec {
				if i > 0 && i%5 == len(k)%5 {
					delete(rec, k)
				}
			}
		}},
		{name: "key-that-comes-late", row: func(i int, rec map[string]any) {
			if i > 40 {
				rec["zz_late"] = true
			}
		}, names: added("zz_late", "boolean")},
		{name: "nested", row: func(i int, rec map[string]any) {
			rec["deep"] = map[string]any{"a": map[string]any{"b": []int{i}}}
		}, names: nested},
		{name: "one-number-with-a-fraction", row: func(i int, rec map[string]any) {
			rec["zz"] = i
			if i == 30 {
				rec["zz"] = 0.5
			}
		}, names: added("zz", "double")},
		{name: "one-number-as-text", row: func(i int, rec map[string]any) {
			rec["zz"] = i
			if i == 30 {
				rec["zz"] = "n/a"
			}
		}, names: added("zz", "string")},
		{name: "object-or-text", row: func(i int, rec map[string]any) {
			rec["zz"] = map[string]any{"a": 1}
			if i%9 == 3 {
				rec["zz"] = "none"
			}
		}, names: added("zz", "string")},
		{name: "big-numbers", row: func(i int, rec map[string]any) { rec["zz"] = int64(1)<<40 + int64(i) }, names: added("zz", "bigint")},
		{name: "latin-1-in-a-text", write: broken(func(s string) string { return strings.Replace(s, "a", "\xe9", 1) })},
	}
}

// makeJSON makes the file of a kind and a source, and what has to be found in it.
func makeJSON(k jsonKind, src *source) ([]byte, string) {
	names, types := slices.Clone(src.cols), slices.Clone(src.types)
	for i, t := range types {
		types[i] = strings.Replace(t, "bigint", "int", 1)
	}
	var lines []string
	for i, row := range src.rows {
		rec := map[string]any{}
		for c, v := range row {
			rec[src.cols[c]] = v
			if types[c] != "string" {
				rec[src.cols[c]] = json.Number(v)
			}
		}
		if k.row != nil {
			k.row(i, rec)
		}
		b, err := json.Marshal(rec)
		if err != nil {
			panic(err)
		}
		lines = append(lines, string(b))
	}
	if k.names != nil {
		names, types = k.names(names, types)
	}
	sortTogether(names, types) // as Marshal does
	write := ndjson
	if k.write != nil {
		write = k.write
	}
	want := "json\n"
	for i, n := range names {
		want += fmt.Sprintf("  %s %s\n", n, types[i])
	}
	if k.want != nil {
		want = k.want(names, types)
	}
	return write(lines), want
}

func sortTogether(names, types []string) {
	order := make([]int, len(names))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return strings.Compare(names[a], names[b]) })
	n, t := slices.Clone(names), slices.Clone(types)
	for i, o := range order {
		names[i], types[i] = n[o], t[o]
	}
}

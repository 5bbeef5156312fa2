package jsonrows_test

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"penstock/internal/column"
	"penstock/internal/format/jsonrows"
)

const damagedRows = 60

// layouts are the ways in which the same records stand in a file.
var layouts = map[string]func(rows []string) string{
	"lines": func(rows []string) string { return strings.Join(rows, "\n") + "\n" },
	"CRLF":  func(rows []string) string { return "\xef\xbb\xbf" + strings.Join(rows, "\r\n") },
	"array": func(rows []string) string { return "[\n" + strings.Join(rows, ",\n") + "\n]" },
	"array of arrays": func(rows []string) string {
		return "[" + strings.Join(rows[:30], ",\n") + "]\n[" + strings.Join(rows[30:], ",\n") + "]"
	},
	"blank lines": func(rows []string) string { return strings.Join(rows, "\n\n \n") },
	"pretty":      func(rows []string) string { return strings.Join(pretty(rows, ""), "\n") },
	"pretty array": func(rows []string) string {
		return "[\n" + strings.Join(pretty(rows, "  "), ",\n") + "\n]\n"
	},
	"one line":          func(rows []string) string { return "[" + strings.Join(rows, ",") + "]" },
	"behind each other": func(rows []string) string { return strings.Join(rows, "") },
	"commas":            func(rows []string) string { return strings.Join(rows, ",\n") + ",\n" },
}

func pretty(rows []string, indent string) (out []string) {
	for _, r := range rows {
		r = strings.NewReplacer(`{"id"`, "{\n"+indent+"  \"id\"", `,"`, ",\n"+indent+"  \"", `"}`, "\"\n"+indent+"}").Replace(r)
		out = append(out, indent+r)
	}
	return out
}

// damages break one place of a file, at or behind `at`.
var damages = map[string]func(b []byte, at int) []byte{
	"a quote missing":      func(b []byte, at int) []byte { return cutByte(b, at, '"') },
	"a brace missing":      func(b []byte, at int) []byte { return cutByte(b, at, '}') },
	"an opening missing":   func(b []byte, at int) []byte { return cutByte(b, at, '{') },
	"a colon missing":      func(b []byte, at int) []byte { return cutByte(b, at, ':') },
	"a comma missing":      func(b []byte, at int) []byte { return cutByte(b, at, ',') },
	"a line end missing":   func(b []byte, at int) []byte { return cutByte(b, at, '\n') },
	"a comma too many":     func(b []byte, at int) []byte { return insert(b, at, ',', ",") },
	"a quote too many":     func(b []byte, at int) []byte { return insert(b, at, 'l', "\"") },
	"a brace too many":     func(b []byte, at int) []byte { return insert(b, at, '}', "}") },
	"a NUL":                func(b []byte, at int) []byte { return insert(b, at, ',', "\x00") },
	"control character":    func(b []byte, at int) []byte { return insert(b, at, 'l', "\x01") },
	"a line break in text": func(b []byte, at int) []byte { return insert(b, at, 'l', "\n") },
	"no UTF-8":             func(b []byte, at int) []byte { return insert(b, at, 'l', "\xff\xfe") },
	"bad escape":           func(b []byte, at int) []byte { return insert(b, at, 'l', `\q`) },
	"a word":               func(b []byte, at int) []byte { return insert(b, at, ':', "None") },
	"a line of text":       func(b []byte, at int) []byte { return insert(b, at, '\n', "\nTimeout while reading\n") },
	"a line of HTML":       func(b []byte, at int) []byte { return insert(b, at, '\n', "\n<html>502</html>\n") },
	"half a line again": func(b []byte, at int) []byte {
		return insert(b, at, '\n', "\n{\"id\":1,\"name\":\"cu\n")
	},
	"cut off":          func(b []byte, at int) []byte { return b[:max(at, len(b)*2/3)] },
	"a hole":           func(b []byte, at int) []byte { return append(b[:at:at], b[min(len(b), at+37):]...) },
	"zeros at the end": func(b []byte, _ int) []byte { return append(b, make([]byte, 500)...) },
}

func cutByte(b []byte, at int, c byte) []byte {
	n := bytes.IndexByte(b[at:], c)
	if n < 0 {
		return b[:len(b)-1]
	}
	return append(b[:at+n:at+n], b[at+n+1:]...)
}

func insert(b []byte, at int, behind byte, text string) []byte {
	at += max(bytes.IndexByte(b[at:], behind), 0) + 1
	return append(append(b[:at:at], text...), b[at:]...)
}

// TestDamagedFiles breaks files of each layout in each way: the columns are still found, and few records are lost with the damaged one.
func TestDamagedFiles(t *testing.T) {
	rows := make([]string, damagedRows)
	for i := range rows {
		rows[i] = fmt.Sprintf(`{"id":%d,"price":%d.5,"tags":["a","b"],"place":{"city":"Lille","zip":"%05d"},"label":"all well"}`, i, i, i)
	}
	const want = "[{id int} {price double} {tags array<string>} {place struct<city:string,zip:string>} {label string}]"
	random := rand.New(rand.NewPCG(7, 7))
	files, wrong, lost, short := 0, 0, 0, 0 // short: in files of one line
	for _, layout := range slices.Sorted(maps.Keys(layouts)) {
		for _, damage := range slices.Sorted(maps.Keys(damages)) {
			put, spoil := layouts[layout], damages[damage]
			for range 3 {
				in := []byte(put(rows))
				bad := spoil(bytes.Clone(in), 1000+random.IntN(len(in)*2/3-1000))
				told := 0
				i, err := jsonrows.Infer(bytes.NewReader(bad), jsonrows.InferOptions{Bad: func(column.Finding) error { told++; return nil }})
				if err != nil {
					t.Fatal(err)
				}
				var got []string
				for _, c := range i.Columns {
					got = append(got, fmt.Sprintf("{%s %s}", c.Name, c.Type))
				}
				files++
				gone := damagedRows - int(i.Records)
				if damage == "cut off" {
					gone = 0
				}
				switch {
				case "["+strings.Join(got, " ")+"]" != want:
					wrong++
					t.Logf("%s, %s: columns %v", layout, damage, got)
				case gone > 2 && (layout == "one line" || layout == "behind each other") && told > 0:
					short++ // a quote or brace too many or too few leaves nothing to go on with
				case gone > 2 || gone > 0 && told == 0:
					lost++
					t.Logf("%s, %s: %d records lost, %d findings", layout, damage, gone, told)
				}
			}
		}
	}
	if wrong*20 > files || lost*20 > files || short*10 > files {
		t.Errorf("of %d files %d have other columns, %d lose more than the damaged records", files, wrong, lost)
	}
	t.Logf("of %d files %d have other columns, %d lose more than the damaged records, %d of one line", files, wrong, lost, short)
}

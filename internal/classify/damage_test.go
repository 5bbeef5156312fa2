package classify

import (
	"bytes"
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"
)

// A source is clean data, of which damaged files are made.
type source struct {
	name  string
	cols  []string
	types []string
	rows  [][]string
}

// sources are made by code, always the same.
func sources() []*source {
	r := rand.New(rand.NewPCG(7, 11))
	pick := func(words string) string { w := strings.Fields(words); return w[r.IntN(len(w))] }
	orders := &source{name: "orders", cols: strings.Fields("order_id customer city price quantity day"),
		types: strings.Fields("bigint string string double bigint string")}
	people := &source{name: "people", cols: strings.Fields("name email country role"), types: strings.Fields("string string string string")}
	stock := &source{name: "stock", cols: strings.Fields("sku title price weight in_stock"),
		types: strings.Fields("string string double double bigint")}
	events := &source{name: "events", cols: strings.Fields("time level code message"), types: strings.Fields("string string bigint string")}
	for i := range 60 {
		first, last := pick("Ada Ben Cleo Dan Eva Finn Gus Hanna"), pick("Novak Meyer Rossi Silva Dubois Olsen")
		day := fmt.Sprintf("2024-%02d-%02d", 1+i%12, 1+r.IntN(28))
		orders.rows = append(orders.rows, []string{strconv.Itoa(1000 + i*7), first + " " + last, pick("Paris Rome Oslo Bern Lisbon"),
			fmt.Sprintf("%d.%02d", r.IntN(500), r.IntN(100)), strconv.Itoa(1 + r.IntN(20)), day})
		people.rows = append(people.rows, []string{first + " " + last, strings.ToLower(first) + "@" + pick("mail shop lab") + ".org",
			pick("Italy Norway France Chile"), pick("Buyer Clerk Chief")})
		stock.rows = append(stock.rows, []string{fmt.Sprintf("AB-%04d", i*13%997),
			pick("Lamp Chair Desk Shelf") + " " + pick("small large red blue"),
			fmt.Sprintf("%d.%d", 5+r.IntN(90), r.IntN(10)), fmt.Sprintf("%d.%03d", r.IntN(9), r.IntN(1000)), strconv.Itoa(r.IntN(3))})
		events.rows = append(events.rows, []string{day + fmt.Sprintf(" %02d:%02d:%02d", i%24, r.IntN(60), r.IntN(60)), pick("INFO WARN ERROR"),
			strconv.Itoa(200 + r.IntN(300)), pick("disk user job") + " " + pick("started stopped failed") + " at " + pick("node1 node2")})
	}
	return []*source{orders, people, stock, events}
}

// A made file is a text on its way to be written, with what has to be found in it.
type made struct {
	r      *rand.Rand
	source // what is to be found: names, types
	delim  byte
	eol    string
	all    bool // every cell in quotes
	quote  byte
	bare   bool // no header
	lines  []string
	data   []byte
	name   string
	noHead bool // no header is to be found
	odd    string
}

func (m *made) cell(s string) string {
	q := string(m.quote)
	if m.all || strings.ContainsAny(s, string(m.delim)+q+"\n\r") {
		return q + strings.ReplaceAll(s, q, q+q) + q
	}
	return s
}

func (m *made) line(cells []string) string {
	out := make([]string, len(cells))
	for i, c := range cells {
		out[i] = m.cell(c)
	}
	return strings.Join(out, string(m.delim))
}

// write makes the lines of the rows, header first.
func (m *made) write() {
	m.lines = nil
	if !m.bare {
		m.lines = append(m.lines, m.line(m.cols))
	}
	for _, r := range m.rows {
		m.lines = append(m.lines, m.line(r))
	}
}

// some is a line of data.
func (m *made) some() int { return 5 + m.r.IntN(len(m.lines)-10) }

func (m *made) setType(t string, cols ...int) {
	for _, c := range cols {
		m.types[c] = t
	}
}

func (m *made) eachCell(col int, fn func(row int, s string) string) {
	for i := range m.rows {
		m.rows[i][col] = fn(i, m.rows[i][col])
	}
}

// textColumn is a column of text without digits only.
func (m *made) textColumn() int { return 1 }

// A kind of damage changes rows before they are written, lines after it, or bytes at the end.
type kind struct {
	name  string
	rows  func(*made)
	lines func(*made)
	bytes func(*made)
}

func utf16Bytes(text string, big, bom bool) []byte {
	var out []byte
	units := utf16.Encode([]rune(text))
	if bom {
		units = append([]uint16{0xfeff}, units...)
	}
	for _, u := range units {
		if big {
			out = append(out, byte(u>>8), byte(u))
		} else {
			out = append(out, byte(u), byte(u>>8))
		}
	}
	return out
}

func csvKinds() []kind {
	delim := func(d byte) func(*made) { return func(m *made) { m.delim = d } }
	insert := func(at int, lines ...string) func(*made) {
		return func(m *made) { m.lines = slices.Insert(m.lines, at, lines...) }
	}
	end := func(lines ...string) func(*made) { return func(m *made) { m.lines = append(m.lines, lines...) } }
	change := func(fn func(m *made, line string) string) func(*made) {
		return func(m *made) { i := m.some(); m.lines[i] = fn(m, m.lines[i]) }
	}
	all := func(fn func(m *made, i int, line string) string) func(*made) {
		return func(m *made) {
			for i := range m.lines {
				m.lines[i] = fn(m, i, m.lines[i])
			}
		}
	}
	eol := func(s string) func(*made) { return func(m *made) { m.eol = s } }
	return []kind{
		{name: "plain"},
		{name: "semicolon", rows: delim(';')},
		{name: "tab", rows: delim('\t')},
		{name: "pipe", rows: delim('|')},
		{name: "ctrl-a", rows: delim(1)},
		{name: "decimal-comma", rows: func(m *made) {
			m.delim = ';'
			for c, t := range m.types {
				if t == "double" {
					m.eachCell(c, func(_ int, s string) string { return strings.Replace(s, ".", ",", 1) })
					m.setType("string", c)
				}
			}
		}},
		{name: "all-quoted", rows: func(m *made) { m.all = true }},
		{name: "single-quotes", rows: func(m *made) {
			m.quote, m.all, m.odd = '\'', true, ` quote '\'' escape '\x00'`
			m.eachCell(m.textColumn(), func(_ int, s string) string { return s + ", Jr" })
		}},
		{name: "backslash-escapes", rows: func(m *made) {
			m.eachCell(m.textColumn(), func(i int, s string) string { return s + "@" })
		}, lines: all(func(m *made, i int, line string) string {
			return strings.ReplaceAll(line, "@"+string(m.delim), "@"+string(m.delim))
		})},
		{name: "backslash-quotes", lines: all(func(m *made, i int, line string) string {
			cells := strings.Split(line, ",")
			m.odd = ` quote '"' escape '\\'`
			cells[1] = `"the \"` + cells[1] + `\", so"`
			if i == 0 {
				return line
			}
			return strings.Join(cells, ",")
		})},
		{name: "crlf", rows: eol("\r\n")},
		{name: "cr", rows: eol("\r")},
		{name: "byte-order-mark", bytes: func(m *made) { m.data = append([]byte(mark), m.data...) }},
		{name: "utf-16le", bytes: func(m *made) { m.data = utf16Bytes(string(m.data), false, true) }},
		{name: "utf-16be", bytes: func(m *made) { m.data = utf16Bytes(string(m.data), true, true) }},
		{name: "utf-16le-unmarked", bytes: func(m *made) { m.data = utf16Bytes(string(m.data), false, false) }},
		{name: "latin-1", lines: change(func(m *made, line string) string { return strings.Replace(line, "a", "\xe9", 1) })},
		{name: "no-last-line-end", bytes: func(m *made) { m.data = bytes.TrimRight(m.data, "\r\n") }},
		{name: "blank-lines", lines: func(m *made) { m.lines = slices.Insert(m.lines, m.some(), "", "", "  ") }},
		{name: "blank-lines-above", lines: insert(0, "", "")},
		{name: "blank-lines-below", lines: end("", "", "")},
		{name: "blanks-after-delimiters", rows: func(m *made) {}, lines: all(func(m *made, i int, line string) string {
			return strings.ReplaceAll(line, ",", ", ")
		})},
		{name: "blanks-before-quotes", rows: func(m *made) { m.all = true }, lines: all(func(m *made, i int, line string) string {
			return strings.ReplaceAll(line, `","`, `", "`)
		})},
		{name: "comments-above", lines: insert(0, "# made by the night job", "# do not edit")},
		{name: "title-above", lines: insert(0, "Report of the year")},
		{name: "title-with-comma-above", lines: insert(0, "Report of the year, all shops", "")},
		{name: "footer-below", lines: end("-- end of report --")},
		{name: "total-below", lines: func(m *made) {
			cells := make([]string, len(m.cols))
			cells[0] = "Total"
			m.lines = append(m.lines, m.line(cells))
			m.setType("string", 0)
		}},
		{name: "delimiter-at-line-ends", lines: func(m *made) {
			all(func(m *made, i int, line string) string { return line + string(m.delim) })(m)
			m.cols, m.types = append(m.cols, "col"+strconv.Itoa(len(m.cols))), append(m.types, "unknown")
		}},
		{name: "delimiter-at-data-ends", lines: all(func(m *made, i int, line string) string {
			if i == 0 {
				return line
			}
			return line + string(m.delim)
		})},
		{name: "header-again", lines: func(m *made) { m.lines = slices.Insert(m.lines, m.some(), m.lines[0]) }},
		{name: "line-short", lines: change(func(m *made, line string) string { return line[:strings.LastIndexByte(line, m.delim)] })},
		{name: "line-long", lines: change(func(m *made, line string) string { return line + string(m.delim) + "x" + string(m.delim) + "y" })},
		{name: "first-data-line-short", lines: func(m *made) {
			m.lines[1] = m.lines[1][:strings.LastIndexByte(m.lines[1], m.delim)]
		}},
		{name: "quote-never-closed", lines: change(func(m *made, line string) string {
			return strings.Replace(line, string(m.delim), string(m.delim)+`"`, 1)
		})},
		{name: "quote-never-closed-in-quoted", rows: func(m *made) { m.all = true }, lines: change(func(m *made, line string) string {
			i := strings.LastIndex(line, `"`)
			return line[:i] + line[i+1:]
		})},
		{name: "quote-inside", lines: change(func(m *made, line string) string { return strings.Replace(line, "a", `"a`, 1) })},
		{name: "quotes-for-inches", lines: all(func(m *made, i int, line string) string {
			if i == 0 || i%3 > 0 {
				return line
			}
			cells := strings.Split(line, ",")
			cells[1] += ` 12"`
			return strings.Join(cells, ",")
		})},
		{name: "one-in-twenty-damaged", lines: all(func(m *made, i int, line string) string {
			if i == 0 || i%20 != 7 {
				return line
			}
			return line + string(m.delim) + "oops"
		})},
		{name: "one-in-eight-damaged", lines: all(func(m *made, i int, line string) string {
			switch {
			case i == 0 || i%8 != 3:
				return line
			case i%16 == 3:
				return line[:strings.IndexByte(line, m.delim)]
			}
			return line + string(m.delim) + "oops"
		})},
		{name: "two-lines-in-one", lines: func(m *made) {
			i := m.some()
			m.lines[i] += m.lines[i+1]
			m.lines = slices.Delete(m.lines, i+1, i+2)
		}},
		{name: "line-in-two", lines: func(m *made) {
			i := m.some()
			at := strings.IndexByte(m.lines[i], m.delim) + 2
			m.lines = slices.Insert(m.lines, i+1, m.lines[i][at:])
			m.lines[i] = m.lines[i][:at]
		}},
		{name: "cut-off", bytes: func(m *made) { m.data = m.data[:len(m.data)-len(m.lines[len(m.lines)-1])+2] }},
		{name: "garbage-line", lines: func(m *made) {
			var b []byte
			for range 80 {
				b = append(b, byte(14+m.r.IntN(200)))
			}
			m.lines = slices.Insert(m.lines, m.some(), string(b))
		}},
		{name: "nul-in-a-cell", lines: change(func(m *made, line string) string { return strings.Replace(line, "a", "\x00", 1) })},
		{name: "bytes-that-are-no-utf-8", lines: func(m *made) {
			for i := 2; i < 30; i += 3 {
				m.lines[i] = strings.Replace(m.lines[i], "a", "ä", 1)
			}
			change(func(m *made, line string) string { return strings.Replace(line, "e", "\xff\xfe", 1) })(m)
		}},
		{name: "null-words", rows: func(m *made) {
			for c := range m.cols {
				m.eachCell(c, func(i int, s string) string {
					if i%5 == c%5 {
						return null
					}
					return s
				})
			}
		}},
		{name: "empty-cells", rows: func(m *made) {
			for c := range m.cols[1:] {
				m.eachCell(c+1, func(i int, s string) string {
					if (i*7+c*3)%10 < 3 {
						return ""
					}
					return s
				})
			}
		}},
		{name: "empty-column", rows: func(m *made) {
			m.eachCell(2, func(int, string) string { return "" })
			m.setType("unknown", 2)
		}},
		{name: "line-ends-in-quotes", rows: func(m *made) {
			m.eachCell(1, func(i int, s string) string { return strings.Repeat("two\nlines of ", i%3) + s })
		}},
		{name: "delimiters-in-quotes", rows: func(m *made) {
			m.eachCell(1, func(i int, s string) string { return strings.Repeat("one, two, ", i%3) + s })
		}},
		{name: "quotes-in-quotes", rows: func(m *made) {
			m.eachCell(1, func(i int, s string) string { return strings.Repeat(`the "same", `, i%2) + s })
		}},
		{name: "other-delimiter-in-text", rows: func(m *made) {
			m.delim = '|'
			m.eachCell(1, func(i int, s string) string { return "last, " + s })
		}},
		{name: "delimiter-unquoted-in-text", lines: all(func(m *made, i int, line string) string {
			if i%17 != 5 {
				return line
			}
			return strings.Replace(line, " ", ", ", 1)
		})},
		{name: "header-shouts", rows: func(m *made) {
			for i := range m.cols {
				m.cols[i] = strings.ToUpper(m.cols[i])
			}
		}},
		{name: "header-of-words", rows: func(m *made) {
			for i, c := range m.cols {
				m.cols[i] = "The " + strings.ReplaceAll(c, "_", " ") + " (new)"
			}
		}},
		{name: "header-name-twice", rows: func(m *made) { m.cols[1] = m.cols[2] }, lines: func(m *made) { m.cols[2] += "_2" }},
		{name: "header-cell-empty", rows: func(m *made) { m.cols[0] = "" }, lines: func(m *made) { m.cols[0] = "col0" }},
		{name: "no-header", rows: func(m *made) { m.bare, m.noHead = true, true }},
		{name: "long-cell", lines: change(func(m *made, line string) string {
			return strings.Replace(line, " ", " "+strings.Repeat("long ", 20_000), 1)
		})},
		{name: "number-damaged", rows: func(m *made) {
			for c, t := range m.types {
				if t == "bigint" || t == "double" {
					m.rows[33][c] += "x"
					m.setType("string", c)
				}
			}
		}},
		{name: "whole-numbers-first", rows: func(m *made) {
			for c, t := range m.types {
				if t == "bigint" {
					m.rows[40][c] += ".5"
					m.setType("double", c)
				}
			}
		}},
		{name: "line-ends-mixed", lines: all(func(m *made, i int, line string) string {
			if i%2 == 0 {
				return line + "\r"
			}
			return line
		})},
		{name: "three-lines", rows: func(m *made) { m.rows = m.rows[:2] }},
		{name: "tails-left-out", rows: func(m *made) {
			for i := range m.rows {
				if i%3 == 1 && i > 0 {
					m.rows[i] = m.rows[i][:len(m.rows[i])-1-i%2]
				}
			}
		}},
		{name: "numbers-in-thousands", rows: func(m *made) {
			for c, t := range m.types {
				if t == "double" {
					m.eachCell(c, func(_ int, s string) string { return "1," + fmt.Sprintf("%06.2f", 100+float64(len(s))) })
					m.setType("string", c)
				}
			}
		}},
	}
}

// makeCSV makes the file of a kind of damage and a source.
func makeCSV(k kind, src *source) *made {
	m := &made{r: rand.New(rand.NewPCG(uint64(len(k.name))*31+uint64(k.name[0]), uint64(len(src.name)))), source: *src,
		delim: ',', quote: '"', eol: "\n", name: k.name + "/" + src.name}
	m.cols, m.types, m.rows = slices.Clone(src.cols), slices.Clone(src.types), nil
	for _, r := range src.rows {
		m.rows = append(m.rows, slices.Clone(r))
	}
	if k.rows != nil {
		k.rows(m)
	}
	m.write()
	if k.lines != nil {
		k.lines(m)
	}
	m.data = []byte(strings.Join(m.lines, m.eol) + m.eol)
	if k.bytes != nil {
		k.bytes(m)
	}
	if m.noHead {
		for i := range m.cols {
			m.cols[i] = "col" + strconv.Itoa(i)
		}
	}
	return m
}

// want is what has to be found, as text.
func (m *made) want() string {
	var b strings.Builder
	fmt.Fprintf(&b, "csv %q header %v%s\n", m.delim, !m.noHead, m.odd)
	for i, c := range m.cols {
		fmt.Fprintf(&b, "  %s %s\n", strings.ToLower(c), m.types[i])
	}
	return b.String()
}

func describe(s *Sample) string {
	var b strings.Builder
	fmt.Fprint(&b, cmp.Or(s.Form.Class, "unknown"))
	if s.Form.Class == CSV {
		fmt.Fprintf(&b, " %q header %v", s.Form.Delimiter, s.Form.Header)
		if s.Dialect.Quote != '"' || s.Dialect.Escape != 0 {
			fmt.Fprintf(&b, " quote %q escape %q", s.Dialect.Quote, s.Dialect.Escape)
		}
	}
	b.WriteString("\n")
	for i, n := range s.Names {
		fmt.Fprintf(&b, "  %s %s\n", n, s.Types[i])
	}
	return b.String()
}

// TestDamage reads files that are damaged each in a way that testdata/damage.txt names. Those that are listed in testdata/damaged-right.txt
// are read rightly: dialect, header, columns and types. The list may only grow, and has nineteen of twenty files.
func TestDamage(t *testing.T) {
	const list = "testdata/damaged-right.txt"
	text, err := os.ReadFile(list)
	if err != nil && !*update {
		t.Fatal(err)
	}
	listed := strings.Fields(string(text))
	var right []string
	files, wrong := 0, 0
	check := func(name string, data []byte, want string) {
		files++
		r := Reader{Headers: true}
		s, err := r.Read(&File{URL: name, Name: name, Size: int64(len(data)), Src: bytes.NewReader(data)})
		got := ""
		if err != nil {
			got = err.Error()
		} else {
			got = describe(s)
		}
		if got == want && asGlue(name, data, s) {
			right = append(right, name)
			if !slices.Contains(listed, name) && !*update {
				t.Errorf("%s is read rightly now: -update", name)
			}
			return
		}
		wrong++
		if slices.Contains(listed, name) {
			t.Errorf("%s: got\n%swant\n%s%s", name, got, want, note(s))
		} else {
			t.Logf("%s is not read rightly: got\n%swant\n%s%s", name, got, want, note(s))
		}
	}
	described := kindsDescribed(t)
	for _, k := range append(csvKinds(), harderKinds()...) {
		described.take(t, "csv/"+k.name)
		for _, src := range sources() {
			m := makeCSV(k, src)
			check("csv/"+m.name, m.data, m.want())
		}
	}
	for _, k := range jsonKinds() {
		described.take(t, "json/"+k.name)
		for _, src := range sources() {
			data, want := makeJSON(k, src)
			check("json/"+k.name+"/"+src.name, data, want)
		}
	}
	for name := range described {
		t.Errorf("testdata/damage.txt describes %s, which is not there", name)
	}
	t.Logf("%d of %d files are read rightly", files-wrong, files)
	if files < 300 || wrong*20 > files {
		t.Errorf("of %d files %d are not read rightly", files, wrong)
	}
	if *update {
		slices.Sort(right)
		if err := os.WriteFile(list, []byte(strings.Join(right, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// asGlue reports whether a crawler cuts a file into the same columns, whatever it makes of the header.
func asGlue(name string, data []byte, as *Sample) bool {
	var r Reader
	s, err := r.Read(&File{URL: name, Name: name, Size: int64(len(data)), Src: bytes.NewReader(data)})
	return err == nil && s.Dialect == as.Dialect && len(s.Names) == len(as.Names) && (!s.Form.Header || as.Form.Header)
}

func note(s *Sample) string {
	if s == nil {
		return ""
	}
	return s.Note + "\n"
}

// kindsOfDamage are names with what is done.
type kindsOfDamage map[string]bool

func kindsDescribed(t *testing.T) kindsOfDamage {
	text, err := os.ReadFile("testdata/damage.txt")
	if err != nil {
		t.Fatal(err)
	}
	out := kindsOfDamage{}
	for line := range strings.Lines(string(text)) {
		if name, what, ok := strings.Cut(strings.TrimSpace(line), "  "); ok && !strings.HasPrefix(line, "#") && strings.TrimSpace(what) != "" {
			out[name] = true
		}
	}
	return out
}

func (k kindsOfDamage) take(t *testing.T, name string) {
	if !k[name] {
		t.Errorf("testdata/damage.txt does not describe %s", name)
	}
	delete(k, name)
}

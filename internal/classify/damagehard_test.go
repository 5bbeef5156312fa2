package classify

import (
	"slices"
	"strconv"
	"strings"
)

// harderKinds are those in which another reading is near.
func harderKinds() []kind {
	each := func(fn func(i int, line string) string) func(*made) {
		return func(m *made) {
			for i := range m.lines {
				m.lines[i] = fn(i, m.lines[i])
			}
		}
	}
	text := func(fn func(i int, s string) string) func(*made) { return func(m *made) { m.eachCell(1, fn) } }
	return []kind{
		{name: "semicolons-in-text", rows: text(func(i int, s string) string { return s + "; née; aka" })},
		{name: "bars-in-text", rows: text(func(i int, s string) string { return "a|b|c|" + s })},
		{name: "tabs-in-text", rows: text(func(i int, s string) string { return s + "\tand\tmore" })},
		{name: "apostrophes", rows: text(func(i int, s string) string {
			return []string{"O'Neil", "'tis " + s, s + "'", "rock 'n' roll"}[i%4]
		})},
		{name: "json-in-cells", rows: text(func(i int, s string) string { return `{"name": "` + s + `", "n": [1, 2], "ok": true}` })},
		{name: "addresses-in-cells", rows: text(func(i int, s string) string {
			return "https://example.org/a;b?q=" + strconv.Itoa(i) + "&r=x|y,z"
		})},
		{name: "phone-numbers", rows: func(m *made) {
			m.eachCell(1, func(i int, s string) string { return "+49 30 " + strconv.Itoa(1000+i) })
		}},
		{name: "decimal-comma-without-header", rows: func(m *made) {
			m.delim, m.bare, m.noHead = ';', true, true
			for c, t := range m.types {
				if t == "double" {
					m.eachCell(c, func(_ int, s string) string { return strings.Replace(s, ".", ",", 1) })
					m.setType("string", c)
				}
			}
		}},
		{name: "first-lines-damaged", lines: func(m *made) {
			for i := 1; i < 4; i++ {
				m.lines[i] += string(m.delim) + "7"
			}
		}},
		{name: "many-titles", lines: func(m *made) {
			m.lines = slices.Insert(m.lines, 0, "Shop report", "", "Made by: night job", "For: all, of the board", "Version 2", "")
		}},
		{name: "a-line-of-another-delimiter", lines: func(m *made) {
			i := m.some()
			m.lines[i] = strings.ReplaceAll(m.lines[i], ",", ";")
		}},
		{name: "a-third-of-another-quote", lines: each(func(i int, line string) string {
			if i == 0 || i%3 > 0 {
				return line
			}
			cells := strings.Split(line, ",")
			cells[1] = "'" + cells[1] + "'"
			return strings.Join(cells, ",")
		})},
		{name: "quotes-at-random", lines: each(func(i int, line string) string {
			cells := strings.Split(line, ",")
			if i > 0 {
				cells[i%len(cells)] = `"` + cells[i%len(cells)] + `"`
			}
			return strings.Join(cells, ",")
		})},
		{name: "lines-end-within-quotes-of-many", rows: func(m *made) {
			m.all = true
			m.eachCell(1, func(i int, s string) string { return strings.Repeat("one\n\nline,\n", i%4) + s })
		}},
		{name: "numbers-with-exponents", rows: func(m *made) {
			for c, t := range m.types {
				if t == "double" {
					m.eachCell(c, func(_ int, s string) string { return s + "e-3" })
				}
			}
		}},
		{name: "numbers-signed", rows: func(m *made) {
			for c, t := range m.types {
				if t != "string" {
					m.eachCell(c, func(i int, s string) string { return string("+-"[i%2]) + s })
				}
			}
		}},
		{name: "currency", rows: func(m *made) {
			for c, t := range m.types {
				if t == "double" {
					m.eachCell(c, func(_ int, s string) string { return "$" + s })
					m.setType("string", c)
				}
			}
		}},
		{name: "header-in-greek", rows: func(m *made) {
			for i := range m.cols {
				m.cols[i] = "στήλη" + strings.Repeat("α", i)
			}
		}},
		{name: "spaces-to-align", lines: each(func(i int, line string) string { return strings.ReplaceAll(line, ",", "   ,  ") })},
		{name: "thousand-lines-damage-last", rows: func(m *made) {
			for len(m.rows) < 950 {
				m.rows = append(m.rows, m.rows[len(m.rows)%50])
			}
		}, lines: func(m *made) { m.lines[930] = m.lines[930] + `,"` }},
		{name: "hundred-columns", rows: func(m *made) {
			for c := range 95 {
				m.cols, m.types = append(m.cols, "c"+strconv.Itoa(c)), append(m.types, "bigint")
				for i := range m.rows {
					m.rows[i] = append(m.rows[i], strconv.Itoa(i*c))
				}
			}
		}},
		{name: "line-short-among-seven", rows: func(m *made) { m.rows = m.rows[:7] }, lines: func(m *made) { m.lines[4] = "7" }},
	}
}

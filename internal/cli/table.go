package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"

	"penstock/internal/pipeline/run"
)

// printTable prints an answer for people: a table, or where the terminal is too narrow for it a line a column.
func (a *app) printTable(t run.Table) error {
	if a.json {
		return printJSON(a.stdout, t)
	}
	if t.Columns == nil {
		fmt.Fprintln(a.stderr, "done")
		return nil
	}
	lines := [][]string{cells(t.Columns)}
	for _, row := range t.Rows {
		line := make([]string, len(row))
		for i, v := range row {
			line[i] = "NULL"
			if v != nil {
				line[i] = cell(*v)
			}
		}
		lines = append(lines, line)
	}
	widths, total := make([]int, len(t.Columns)), -2
	for _, line := range lines {
		for i, v := range line {
			widths[i] = max(widths[i], len([]rune(v)))
		}
	}
	for _, w := range widths {
		total += w + 2
	}
	if width := terminalWidth(a.stdout); width > 0 && total > width && len(t.Rows) > 0 {
		return printTall(a.stdout, lines)
	}
	for _, line := range lines {
		padded := make([]string, len(line))
		for i, v := range line {
			padded[i] = pad(v, widths[i])
		}
		fmt.Fprintln(a.stdout, strings.TrimRight(strings.Join(padded, "  "), " "))
	}
	return nil
}

// printTall prints each row as lines of column and value.
func printTall(w io.Writer, lines [][]string) error {
	width := 0
	for _, name := range lines[0] {
		width = max(width, len([]rune(name)))
	}
	for i, line := range lines[1:] {
		fmt.Fprintf(w, "-- row %d\n", i+1)
		for j, v := range line {
			fmt.Fprintln(w, strings.TrimRight(pad(lines[0][j], width)+"  "+v, " "))
		}
	}
	return nil
}

func pad(s string, width int) string { return s + strings.Repeat(" ", max(0, width-len([]rune(s)))) }

func cells(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = cell(s)
	}
	return out
}

// cell is a value on one line: what would move the cursor or change the terminal is shown as Go writes it.
func cell(s string) string {
	if strings.IndexFunc(s, unicode.IsControl) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if unicode.IsControl(r) {
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// numeric are the types whose values JSON has as numbers.
var numeric = map[string]bool{"int2": true, "int4": true, "int8": true, "numeric": true, "float4": true, "float8": true, "oid": true}

// printJSON prints one object a row, its members in the order of the columns. A column whose name stands twice gets a number.
func printJSON(w io.Writer, t run.Table) error {
	names := unique(t.Columns)
	for _, row := range t.Rows {
		var b bytes.Buffer
		b.WriteByte('{')
		for i, v := range row {
			if i > 0 {
				b.WriteByte(',')
			}
			b.Write(jsonText(names[i]))
			b.WriteByte(':')
			b.Write(jsonValue(v, t.Types[i]))
		}
		b.WriteString("}\n")
		if _, err := w.Write(b.Bytes()); err != nil {
			return err
		}
	}
	return nil
}

// jsonValue keeps every digit of a number. What JSON has no number for (NaN, Infinity) is text.
func jsonValue(v *string, kind string) []byte {
	switch {
	case v == nil:
		return []byte("null")
	case numeric[kind] && json.Valid([]byte(*v)), kind == "bool" && (*v == "true" || *v == "false"):
		return []byte(*v)
	case kind == "super" && json.Valid([]byte(*v)):
		var b bytes.Buffer
		if json.Compact(&b, []byte(*v)) == nil {
			return b.Bytes()
		}
	}
	return jsonText(*v)
}

func jsonText(s string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return []byte(`""`) // texts have no error
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}

func unique(columns []string) []string {
	taken := map[string]bool{}
	out := make([]string, len(columns))
	for i, name := range columns {
		out[i] = name
		for n := 2; taken[out[i]]; n++ {
			out[i] = fmt.Sprintf("%s_%d", name, n)
		}
		taken[out[i]] = true
	}
	return out
}

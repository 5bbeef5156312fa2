package infer

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// mostWider is how many values that forced a type are printed of a column.
const mostWider = 3

// Print writes a report for people. width is that of the terminal, 0 for any.
func Print(w io.Writer, r *Report, width int) {
	for i := range r.Tables {
		if i > 0 {
			fmt.Fprintln(w)
		}
		r.Tables[i].print(w, width)
	}
	if len(r.Others) > 0 && len(r.Tables) > 0 {
		fmt.Fprintln(w)
	}
	for _, o := range r.Others {
		fmt.Fprintf(w, "%s %s\n", o.File, clean(o.Why))
	}
}

func (t *Table) print(w io.Writer, width int) {
	fmt.Fprintf(w, "%s  %s\n", t.Name, t.Location)
	line := func(name, format string, args ...any) {
		fmt.Fprintf(w, "  %-11s %s\n", name, clean(fmt.Sprintf(format, args...)))
	}
	form := t.Classification
	if t.Compression != "" && t.Compression != "none" {
		form += ", " + t.Compression
	}
	line("format", "%s", form)
	if t.Delimiter != "" {
		line("dialect", "%s", t.dialect())
	}
	if t.Encoding != "" {
		line("encoding", "%s", t.Encoding)
	}
	if t.RowTag != "" {
		line("row tag", "<%s>", t.RowTag)
	}
	if t.Pattern != "" {
		line("pattern", "%s", t.Pattern)
	}
	if p := t.Partitions; p != nil {
		line("partitions", "%s: %s", strings.Join(p.Keys, "/"), p.span())
	}
	line("files", "%s, %s", group(int64(t.Files)), bytesText(t.Bytes))
	line("records", "%s", t.records())
	fmt.Fprintln(w)
	t.printColumns(w, width)
	for i, n := range t.Notes {
		if i == 0 {
			fmt.Fprintln(w)
		}
		if i == 10 {
			fmt.Fprintf(w, "  and %d notes more\n", len(t.Notes)-i)
			break
		}
		fmt.Fprintf(w, "  note: %s %s\n", n.File, clean(n.Why))
	}
}

func (t *Table) dialect() string {
	out := name(t.Delimiter)
	if t.Quote != "" {
		out += ", quotes " + t.Quote
	}
	if t.Escape != "" {
		out += ", escaped by " + t.Escape
	}
	switch {
	case t.Header != nil && *t.Header && t.Skip > 1:
		out += ", header on line " + strconv.Itoa(t.Skip)
	case t.Header != nil && *t.Header:
		out += ", header"
	case t.Skip > 0:
		out += ", no header, data from line " + strconv.Itoa(t.Skip+1)
	default:
		out += ", no header"
	}
	return out
}

func name(delimiter string) string {
	switch delimiter {
	case ",":
		return "commas"
	case ";":
		return "semicolons"
	case "|":
		return "bars (|)"
	case "\t":
		return "tabs"
	case "\x01":
		return "Ctrl-A"
	}
	return strconv.Quote(delimiter)
}

func (p *PartitionList) span() string {
	if p.Count == 1 {
		return strings.Join(p.First, "/")
	}
	return fmt.Sprintf("%s, %s to %s", group(int64(p.Count)), strings.Join(p.First, "/"), strings.Join(p.Last, "/"))
}

func (t *Table) records() string {
	out := group(t.Records)
	if !t.Exact {
		out = "about " + out + ", of which " + group(t.Sampled) + " were looked at"
	}
	if t.Damaged > 0 {
		out += "; " + group(t.Damaged) + " damaged"
	}
	return out
}

// printColumns prints the columns as a table; below a column whose type was forced, the values that did it.
func (t *Table) printColumns(w io.Writer, width int) {
	rows := [][4]string{{"column", "type", "values", "nulls"}}
	for _, c := range t.Columns {
		row := [4]string{clean(c.Name), c.Type, "", ""}
		if c.Values != nil {
			row[2], row[3] = group(*c.Values), group(*c.Nulls)
		}
		rows = append(rows, row)
	}
	var wide [4]int
	for _, r := range rows {
		for i, v := range r {
			wide[i] = max(wide[i], utf8.RuneCountInString(v))
		}
	}
	wide[0] = min(wide[0], 40)
	wide[1] = min(wide[1], 40)
	told := wide[2] > len("values") || len(t.Columns) > 0 && t.Columns[0].Values != nil
	for i, r := range rows {
		text := "  " + pad(r[0], wide[0]) + "  "
		switch {
		case !told:
			text += fold(r[1], width, len(text))
		case utf8.RuneCountInString(r[1]) <= wide[1]:
			text += pad(r[1], wide[1]) + "  " + left(r[2], wide[2]) + "  " + left(r[3], wide[3])
		default:
			text += strings.Repeat(" ", wide[1]+2) + left(r[2], wide[2]) + "  " + left(r[3], wide[3]) + "\n" + fold("    "+r[1], width, 4)
		}
		fmt.Fprintln(w, strings.TrimRight(text, " "))
		if i > 0 {
			printWider(w, t.Columns[i-1].Name, t.Columns[i-1].Wider)
		}
	}
}

func printWider(w io.Writer, column string, list []Wider) {
	most := mostWider
	if len(list) > 0 && list[0].File != "" {
		most = 1
	}
	for i, x := range list {
		if i == most {
			fmt.Fprintf(w, "      and %d more\n", len(list)-i)
			return
		}
		at := ""
		if x.Line > 0 {
			at = fmt.Sprintf("line %s", group(x.Line))
		}
		if x.File != "" && at != "" {
			at += " of " + x.File
		} else if x.File != "" {
			at = x.File
		}
		what := ""
		if !strings.EqualFold(x.Path, column) {
			what = x.Path + " "
		}
		if x.Text != "" {
			at += ": " + x.Text
		}
		fmt.Fprintf(w, "      %s%s, not %s, since %s\n", clean(what), x.To, x.From, clean(at))
	}
}

// fold breaks a long type behind commas. The lines that follow are indented by from.
func fold(s string, width, from int) string {
	if width <= 0 || utf8.RuneCountInString(s)+from <= width {
		return s
	}
	var out strings.Builder
	used := from
	for piece := range strings.SplitAfterSeq(s, ",") {
		if n := utf8.RuneCountInString(piece); used+n > width && used > from {
			out.WriteString("\n" + strings.Repeat(" ", from))
			used = from
		}
		out.WriteString(piece)
		used += utf8.RuneCountInString(piece)
	}
	return out.String()
}

func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(s)))
}

func left(s string, width int) string {
	return strings.Repeat(" ", max(0, width-utf8.RuneCountInString(s))) + s
}

// clean shows what would move the cursor as Go writes it.
func clean(s string) string {
	if strings.IndexFunc(s, unicode.IsControl) < 0 && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if unicode.IsControl(r) || r == utf8.RuneError {
			b.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

func group(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func bytesText(n int64) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d B", n)
	case n < 1000*1000:
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	case n < 1000*1000*1000:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%.1f GB", float64(n)/1e9)
}

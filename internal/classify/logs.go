package classify

import (
	"bytes"
	"fmt"
	"io"
	"slices"

	"penstock/internal/format/grok"
	"penstock/internal/format/xmlrows"
	"penstock/internal/schema"
)

// A logPattern is a built-in log format, compiled when the first file may be one.
type logPattern struct {
	grok.Log
	pattern *grok.Pattern
}

// certain is the share of lines that a pattern must match so that a file is one of its kind: a line or two of others do not make a log
// something else.
const certain = 0.9

// tried is how many lines are matched before a pattern is given up.
const tried = 10

// readLog tries the built-in log formats in Glue's order.
func (r *Reader) readLog(s *Sample, whole bool, consumed int64) bool {
	first := firstLines(r.text, tried)
	if len(first) == 0 {
		return false
	}
	if r.logs == nil {
		for _, l := range grok.Logs() {
			r.logs = append(r.logs, &logPattern{Log: l})
		}
	}
	for _, l := range r.logs {
		if !l.plausible(first) {
			continue
		}
		if l.pattern == nil {
			p, err := grok.Compile(l.Pattern, l.Custom, nil)
			if err != nil {
				continue // a test compiles them all
			}
			l.pattern = p
		}
		if matched, lines := l.pattern.Share(first, true); matched*2 < lines {
			continue
		}
		matched, lines, filled := l.pattern.Filled(r.text, whole)
		if float64(matched) >= certain*float64(lines) {
			s.takeLog(l.Log, l.pattern, r.text, whole, consumed)
			s.takeLines(matched, lines, filled)
			return true
		}
	}
	return false
}

// plausible tells most files that are no log of the kind without a match, which costs more than all else.
func (l *logPattern) plausible(lines []byte) bool {
	line, _, _ := bytes.Cut(lines, []byte{'\n'})
	has := func(texts ...string) bool {
		return !slices.ContainsFunc(texts, func(t string) bool { return !bytes.Contains(lines, []byte(t)) })
	}
	switch l.Name {
	case "combined_apache", "apache":
		return has(" [", "] \"")
	case "linux_kernel":
		return has(" kernel: ")
	case "microsoft_log":
		return bytes.Count(line, []byte(", ")) >= 14
	case "ruby_logger":
		return has(", [", " -- ")
	case "squid":
		return has("/", ".") && bytes.Count(line, []byte{' '}) >= 9
	case "redismonlog":
		return has(" [", "] \"")
	case "redislog":
		return has(":") && (line[0] == '[' || line[0] >= '0' && line[0] <= '9')
	}
	return true
}

// firstLines are the first n lines that have text.
func firstLines(text []byte, n int) []byte {
	var out []byte
	for len(text) > 0 && n > 0 {
		line, rest, _ := bytes.Cut(text, []byte{'\n'})
		if text = rest; len(line) > 4<<10 {
			line = line[:4<<10]
		}
		if line = bytes.TrimSpace(line); len(line) > 0 {
			out = append(append(out, line...), '\n')
			n--
		}
	}
	return out
}

// takeLog takes the columns of a pattern.
func (s *Sample) takeLog(l grok.Log, p *grok.Pattern, text []byte, whole bool, consumed int64) {
	s.Log, s.Whole, s.Bytes = l, whole, float64(len(text))
	s.setFields(l.Name, p.Columns())
	if !whole && consumed > 0 {
		s.Bytes *= float64(s.file.Size) / float64(consumed)
	}
	s.Records = s.Bytes / float64(len(text)) // of a line, which takeLines counts
}

// takeLines takes what a pattern found in the lines of a sample.
func (s *Sample) takeLines(matched, lines int, filled []int64) {
	s.Sampled, s.Damaged = int64(lines), int64(lines-matched)
	s.Records *= float64(lines)
	for _, n := range filled {
		s.Seen = append(s.Seen, Seen{Values: n, Nulls: int64(lines) - n})
	}
	if s.Damaged > 0 && s.Note == "" {
		s.Note = fmt.Sprintf("does not match its pattern in %d of %d lines of its sample", s.Damaged, s.Sampled)
	}
}

// maxXML is how far a file of XML is read.
const maxXML = 10 << 20

// readXML takes what the rows at the beginning of a file show.
func (r *Reader) readXML(s *Sample, rowTag string, t *text) bool {
	if rowTag == "" {
		s.Note = "is XML without elements below its root"
		return false
	}
	part := &io.LimitedReader{R: t, N: maxXML}
	shape, err := xmlrows.Infer(part, rowTag, sampleRecords, xmlrows.Options{})
	switch {
	case err != nil:
		s.Note = "cannot be read as XML: " + err.Error()
		return false
	case shape.Rows == 0:
		s.Note = fmt.Sprintf("is XML without a row <%s>", rowTag)
		return false
	}
	s.Form.RowTag = rowTag
	s.setFields(XML, shape.Columns)
	s.Sampled, s.Damaged = shape.Rows+shape.Damaged, shape.Damaged
	if part.N == 0 && s.Damaged > 0 {
		s.Damaged-- // the one that the limit cuts
	}
	s.Whole = shape.Rows < sampleRecords && part.N > 0 && t.err == nil
	s.Records, s.Bytes = float64(shape.Rows), float64(t.n)
	if !s.Whole && t.stored.n > 0 {
		scale := float64(s.file.Size) / float64(t.stored.n)
		s.Records, s.Bytes = s.Records*scale, s.Bytes*scale
	}
	s.takeShape(shape)
	return true
}

func (s *Sample) takeShape(shape xmlrows.Shape) {
	s.Seen = make([]Seen, len(shape.Columns))
	for i, n := range shape.Values {
		s.Seen[i] = Seen{Values: n, Nulls: shape.Rows - n}
	}
	for _, w := range shape.Wider {
		at := slices.IndexFunc(shape.Columns, func(c schema.Field) bool { return c.Name == pathHead(w.Path) })
		if at >= 0 {
			s.Seen[at].Wider = append(s.Seen[at].Wider, w)
		}
	}
	if s.Damaged > 0 && s.Note == "" {
		s.Note = fmt.Sprintf("has %d damaged of %d rows <%s> in its sample", s.Damaged, s.Sampled, s.Form.RowTag)
	}
}

// pathHead is the column that a path into it begins with.
func pathHead(path string) string {
	if i := bytes.IndexAny([]byte(path), ".["); i > 0 {
		return path[:i]
	}
	return path
}

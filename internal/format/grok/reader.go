package grok

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"

	"penstock/internal/column"
	"penstock/internal/format"
	"penstock/internal/schema"
)

// MaxLine is the most bytes of a line that is matched: a longer one is a row of nulls.
const MaxLine = 1 << 20

// Options say what a Reader does beside reading.
type Options struct {
	Rows int                        // rows of a batch; 0: 8192
	Bad  func(column.Finding) error // told of each line and value that is damaged; an error ends the reading
}

// mark is UTF-8's byte order mark, which is no part of a file's first line.
const mark = "\xef\xbb\xbf"

// batchBytes ends a batch whose lines are long.
const batchBytes = 8 << 20

// A Reader reads lines into rows: a column gets what the group of its name took, without regard to case, as a value of its type. A line
// that the pattern does not match is a row of nulls, as of Hive's RegexSerDe, and so is one without text.
type Reader struct {
	src     *bufio.Reader
	pattern *Pattern
	opts    Options
	from    []int // for each column, the pattern's, or -1
	values  [][]byte
	line    int64
	offset  int64
	long    []byte
}

// NewReader reads src by an expression and custom patterns: the input.format and input.grokCustomPatterns of a table.
func NewReader(src io.Reader, expression, custom string, columns []schema.Field, opts Options) (*Reader, error) {
	names := make([]string, 0, len(columns))
	for _, c := range columns {
		names = append(names, c.Name)
	}
	p, err := Compile(expression, custom, names)
	if err != nil {
		return nil, err
	}
	if opts.Rows == 0 {
		opts.Rows = 8192
	}
	r := &Reader{src: bufio.NewReaderSize(src, 64<<10), pattern: p, opts: opts, values: make([][]byte, len(p.fields))}
	for _, c := range columns {
		at := -1
		for i, f := range p.fields {
			if strings.EqualFold(f.Name, c.Name) {
				at = i
			}
		}
		r.from = append(r.from, at)
	}
	return r, nil
}

// Next appends the rows of the next lines to b, and returns io.EOF when there are none left.
func (r *Reader) Next(b *column.Batch) error {
	for n := 0; n < r.opts.Rows; n++ {
		if n%64 == 63 && b.Size() > batchBytes {
			break
		}
		start := r.offset
		line, tooLong, err := r.readLine()
		if err != nil {
			if errors.Is(err, io.EOF) && n > 0 {
				return nil
			}
			return err
		}
		if r.line++; r.line == 1 {
			line = bytes.TrimPrefix(line, []byte(mark))
		}
		if err := r.row(b, line, start, tooLong); err != nil {
			b.Drop()
			return err
		}
		b.EndRows(1)
	}
	return nil
}

// readLine returns the next line without its end. Of one that is too long it returns the beginning.
func (r *Reader) readLine() (line []byte, tooLong bool, err error) {
	r.long = r.long[:0]
	for {
		part, err := r.src.ReadSlice('\n')
		r.offset += int64(len(part))
		if err == nil && len(r.long) == 0 {
			return trimEnd(part), false, nil
		}
		if room := MaxLine + 2 - len(r.long); len(part) > room {
			part, tooLong = part[:room], true
		}
		r.long = append(r.long, part...)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case err == nil, errors.Is(err, io.EOF) && len(r.long) > 0:
			line = trimEnd(r.long)
			return line, tooLong || len(line) > MaxLine, nil
		default:
			return nil, false, err
		}
	}
}

func trimEnd(line []byte) []byte {
	if n := len(line); n > 0 && line[n-1] == '\n' {
		line = line[:n-1]
	}
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	return line
}

func (r *Reader) row(b *column.Batch, line []byte, start int64, tooLong bool) error {
	problem := ""
	if tooLong {
		problem = "the line is longer than 1 MiB"
	} else if ok, err := r.pattern.Match(line, r.values); err != nil {
		problem = err.Error()
	} else if !ok {
		problem = "the line does not match the pattern"
	}
	if problem != "" {
		for _, c := range b.Columns {
			c.AppendNull()
		}
		return r.bad(column.Finding{Row: r.line, Line: r.line, Offset: start, Text: column.Excerpt(line), Problem: problem})
	}
	for i, v := range b.Columns {
		at := r.from[i]
		if at < 0 || r.values[at] == nil {
			v.AppendNull()
			continue
		}
		if problem := format.AppendText(v, r.values[at]); problem != "" {
			f := column.Finding{Row: r.line, Line: r.line, Offset: start, Column: b.Names[i], Text: column.Excerpt(r.values[at]), Problem: problem}
			if err := r.bad(f); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *Reader) bad(f column.Finding) error {
	if r.opts.Bad == nil {
		return nil
	}
	return r.opts.Bad(f)
}

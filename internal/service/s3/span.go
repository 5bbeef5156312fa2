package s3

import (
	"fmt"
	"strconv"
	"strings"

	"penstock/internal/object"
	"penstock/internal/service/s3/fault"
)

// A span is the bytes of an object that are asked for.
type span struct {
	start, length int64
	partial       bool
}

// text is the Content-Range header.
func (p span) text(size int64) string {
	return fmt.Sprintf("bytes %d-%d/%d", p.start, p.start+p.length-1, size)
}

// parseRange reads a Range header. Several ranges, and what is no range, mean the whole object, as on S3.
func parseRange(text string, size int64) (span, error) {
	whole := span{0, size, false}
	spec, ok := strings.CutPrefix(text, "bytes=")
	if !ok || strings.Contains(spec, ",") {
		return whole, nil
	}
	from, to, ok := strings.Cut(spec, "-")
	if !ok {
		return whole, nil
	}
	if from == "" {
		n, err := parseCount(to)
		if err != nil {
			return whole, nil
		}
		if n == 0 {
			return span{}, unsatisfiable(text, size)
		}
		if size == 0 { // the last bytes of nothing are all of it
			return whole, nil
		}
		n = min(n, size)
		return span{size - n, n, true}, nil
	}
	first, err := parseCount(from)
	if err != nil {
		return whole, nil
	}
	last := size - 1
	if to != "" {
		n, err := parseCount(to)
		if err != nil || n < first {
			return whole, nil
		}
		last = min(n, last)
	}
	if first >= size {
		return span{}, unsatisfiable(text, size)
	}
	return span{first, last - first + 1, true}, nil
}

// parseCount reads digits without a sign.
func parseCount(s string) (int64, error) {
	n, err := strconv.ParseUint(s, 10, 63)
	return int64(n), err
}

func unsatisfiable(text string, size int64) error {
	e := fault.New(416, "InvalidRange", "The requested range is not satisfiable", "RangeRequested", text, "ActualObjectSize",
		strconv.FormatInt(size, 10))
	e.Header = map[string]string{"Content-Range": fmt.Sprintf("bytes */%d", size)}
	return e
}

// partSpan is the bytes of one part of an object that was uploaded in parts; another object is its own part 1.
func partSpan(i object.Info, number int) (span, error) {
	sizes := i.PartSizes
	if len(sizes) == 0 {
		sizes = []int64{i.Size}
	}
	if number < 1 || number > len(sizes) {
		return span{}, fault.New(416, "InvalidPartNumber", "The requested partnumber is not satisfiable",
			"PartNumberRequested", strconv.Itoa(number),
			"ActualPartCount", strconv.Itoa(len(sizes)))
	}
	var p span
	for _, n := range sizes[:number-1] {
		p.start += n
	}
	p.length, p.partial = sizes[number-1], i.Size > 0
	return p, nil
}

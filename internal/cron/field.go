package cron

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// An item is one value of a field.
type item struct {
	n    int
	mark mark
	nth  int // of markNth: 1 to 5
}

// A mark is what a value of a field of days says beyond its number.
type mark int

const (
	markNone        mark = iota
	markLast             // L, 6L
	markLastWeekday      // LW
	markWeekday          // 15W
	markNth              // 6#3
)

// A field is one of the six of an expression.
type field struct {
	name     string
	min, max int
	names    []string // of min, min+1, ...
	marks    string   // that it knows beside , - * /
}

func fields() [6]field {
	return [6]field{
		{name: "Minutes", max: 59},
		{name: "Hours", max: 23},
		{name: "Day-of-month", min: 1, max: 31, marks: "?LW"},
		{name: "Month", min: 1, max: 12, names: strings.Fields("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC")},
		{name: "Day-of-week", min: 1, max: 7, names: strings.Fields("SUN MON TUE WED THU FRI SAT"), marks: "?L#"},
		{name: "Year", min: firstYear, max: lastYear},
	}
}

// parse reads a field and hands its values on.
func (f field) parse(word string, take func(item)) error {
	if word == "?" {
		if !strings.Contains(f.marks, "?") {
			return errors.New("? stands for a day only")
		}
		return nil
	}
	for _, part := range strings.Split(strings.ToUpper(word), ",") {
		if part == "" {
			return errors.New("a value is missing")
		}
		it, marked, err := f.marked(part)
		if err == nil && marked {
			take(it)
			continue
		}
		if err == nil {
			err = f.span(part, take)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// marked reads a value with L, W or #.
func (f field) marked(part string) (item, bool, error) {
	if strings.Contains(f.marks, "#") {
		if day, nth, ok := strings.Cut(part, "#"); ok {
			n, err := f.value(day)
			k, bad := strconv.Atoi(nth)
			if err == nil && (bad != nil || k < 1 || k > 5) {
				err = fmt.Errorf("%q after # is not a number from 1 to 5", nth)
			}
			return item{n, markNth, k}, true, err
		}
		if part == "L" { // of the week
			return item{n: f.max}, true, nil
		}
	}
	switch {
	case part == "L" && strings.Contains(f.marks, "L"):
		return item{mark: markLast}, true, nil
	case part == "LW" && strings.Contains(f.marks, "W"):
		return item{mark: markLastWeekday}, true, nil
	}
	if day, ok := strings.CutSuffix(part, "W"); ok && strings.Contains(f.marks, "W") {
		n, err := f.value(day)
		return item{n: n, mark: markWeekday}, true, err
	}
	if day, ok := strings.CutSuffix(part, "L"); ok && strings.Contains(f.marks, "#") {
		n, err := f.value(day)
		return item{n: n, mark: markLast}, true, err
	}
	return item{}, false, nil
}

// span reads a value, a range, * or one of these with a step.
func (f field) span(part string, take func(item)) error {
	body, by, stepped := strings.Cut(part, "/")
	step := 1
	if stepped {
		var err error
		if step, err = strconv.Atoi(by); err != nil || step < 1 || step > f.max {
			return fmt.Errorf("the step %q is not a number from 1 to %d", by, f.max)
		}
	}
	from, to := f.min, f.max
	if body != "*" {
		a, b, ranged := strings.Cut(body, "-")
		var err error
		if from, err = f.value(a); err != nil {
			return err
		}
		switch {
		case ranged:
			if to, err = f.value(b); err != nil {
				return err
			}
		case !stepped:
			to = from
		}
	}
	size := f.max - f.min + 1
	if to < from { // FRI-MON, 22-2
		if f.min == firstYear {
			return fmt.Errorf("%d is before %d", to, from)
		}
		to += size
	}
	for n := from; n <= to; n += step {
		take(item{n: (n-f.min)%size + f.min})
	}
	return nil
}

// value reads a number or a name.
func (f field) value(word string) (int, error) {
	if i := slices.Index(f.names, word); i >= 0 {
		return f.min + i, nil
	}
	n, err := strconv.Atoi(word)
	if err != nil || n < f.min || n > f.max || word[0] == '+' {
		if f.names != nil {
			return 0, fmt.Errorf("%q is neither a number from %d to %d nor one of %s-%s", word, f.min, f.max, f.names[0], f.names[len(f.names)-1])
		}
		return 0, fmt.Errorf("%q is not a number from %d to %d", word, f.min, f.max)
	}
	return n, nil
}

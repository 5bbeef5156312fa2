package classify

import (
	"strconv"
	"strings"
	"unicode"

	"penstock/internal/schema"
)

// maxHeaderCell is the length from which a cell of the first record is no name of a column, by Glue's rule.
const maxHeaderCell = 150

// glueHeader is Glue's rule: every cell of the first record is text of fewer than 150 characters (the last may be empty), and some column
// below it is not text.
func glueHeader(first []string, below []schema.Kind) bool {
	differs := false
	for i, c := range first {
		k := schema.InferCell(c)
		if k != schema.String && !(k == schema.Unknown && i == len(first)-1) || len(c) >= maxHeaderCell || strings.ContainsAny(c, "\r\n") {
			return false
		}
		differs = differs || below[i] != schema.String && below[i] != schema.Unknown
	}
	return differs
}

// likelyHeader weighs whether the first record names the columns, where Glue's rule would lose a header of columns that are all text.
func likelyHeader(first []string, rows [][]string, below []schema.Kind) bool {
	if len(rows) == 0 {
		return false
	}
	seen := map[string]bool{}
	votes, named := 0.0, 0
	for i, c := range first {
		c = strings.TrimSpace(c)
		if len(c) >= maxHeaderCell || strings.ContainsAny(c, "\r\n") {
			return false
		}
		k := schema.InferCell(c)
		switch {
		case k == schema.Unknown:
			votes -= 0.5
			continue
		case k != schema.String && !yearOver(c, below[i], first):
			return false
		case seen[strings.ToLower(c)]:
			votes--
		}
		seen[strings.ToLower(c)] = true
		named++
		if k != schema.String || below[i] != schema.String && below[i] != schema.Unknown {
			votes += 2 // text over numbers
			continue
		}
		votes += vote(c, columnOf(rows, i))
	}
	return named*2 > len(first) && votes > 0.6*float64(len(first))
}

// yearOver reports whether a number in the first record is a year over a column of numbers, beside names of other columns.
func yearOver(c string, below schema.Kind, first []string) bool {
	year, err := strconv.Atoi(c)
	return err == nil && year >= 1900 && year <= 2100 && (below == schema.BigInt || below == schema.Double) &&
		schema.InferCell(first[0]) == schema.String
}

func columnOf(rows [][]string, i int) []string {
	out := make([]string, 0, len(rows))
	for _, r := range rows {
		if i < len(r) && strings.TrimSpace(r[i]) != "" {
			out = append(out, strings.TrimSpace(r[i]))
		}
	}
	return out
}

// vote is what speaks for c as the name of a column with these values, all of them text.
func vote(c string, values []string) float64 {
	v := -1.0
	if nameShaped(c) {
		v = 0.5
	}
	if known(c) {
		v += 1.5
	}
	if len(values) == 0 {
		return v
	}
	of := traitsOf(values[0])
	all, length, distinct := of, len(values[0]), map[string]bool{}
	for _, x := range values {
		if strings.EqualFold(x, c) {
			return -2
		}
		all &= traitsOf(x)
		if len(x) != length {
			length = -1
		}
		distinct[x] = true
	}
	own := traitsOf(c)
	for _, t := range [...]traits{hasDigit, hasMark, hasBlank, allUpper} {
		if all&t != 0 && own&t == 0 {
			v++
		}
	}
	if len(values) > 2 && all&upperFirst != 0 && own&upperFirst == 0 && own&hasLetter != 0 || own&allUpper != 0 && all&allUpper == 0 &&
		of&hasLetter != 0 {
		v++
	}
	if len(values) > 2 && length >= 0 && length != len(c) {
		v++
	}
	if len(values) > 5 && len(distinct)*2 <= len(values) {
		v++
	}
	return v
}

// traits are what values of a column may have in common and its name not.
type traits uint8

const (
	hasDigit traits = 1 << iota
	hasMark         // @ : / and the like
	hasBlank
	hasLetter
	allUpper // letters, none of them small
	upperFirst
)

func traitsOf(s string) traits {
	var t traits
	small := false
	for i, r := range s {
		switch {
		case unicode.IsDigit(r):
			t |= hasDigit
		case unicode.IsLetter(r):
			t |= hasLetter
			small = small || !unicode.IsUpper(r)
			if i == 0 && unicode.IsUpper(r) {
				t |= upperFirst
			}
		case r == ' ':
			t |= hasBlank
		case r != '_' && r != '-' && r != '.':
			t |= hasMark
		}
	}
	if t&hasLetter != 0 && !small {
		t |= allUpper
	}
	return t
}

// nameShaped reports whether a text looks like a column's name: a letter, then letters, digits, blanks and the marks of names.
func nameShaped(s string) bool {
	if len(s) > 64 || strings.Count(s, " ") > 4 {
		return false
	}
	for i, r := range strings.TrimLeft(s, "#_") {
		if !unicode.IsLetter(r) && (i == 0 || !unicode.IsDigit(r) && !strings.ContainsRune(" _-.()/%#$[]", r)) {
			return false
		}
	}
	return true
}

// known reports whether a word of s is one that columns are named by.
func known(s string) bool {
	var words []rune
	for i, r := range s {
		if unicode.IsUpper(r) && i > 0 {
			words = append(words, ' ')
		}
		words = append(words, unicode.ToLower(r))
	}
	squeezed := strings.ToLower(s)
	isLetter := func(r rune) bool { return !unicode.IsLetter(r) }
	for _, w := range append(strings.FieldsFunc(string(words), isLetter), strings.FieldsFunc(squeezed, isLetter)...) {
		if len(w) > 1 && strings.Contains(headerWords, " "+w+" ") {
			return true
		}
	}
	return false
}

// headerWords are words that names of columns are made of.
const headerWords = " id no nr num number code key name first last title type kind class category group date time day month year created " +
	"updated timestamp at from to start end country city state region zip postcode address street email phone url link user " +
	"customer client account order item product sku price amount total sum count quantity qty unit currency description " +
	"comment note text status active flag value level score rank size color colour gender sex age lat lon latitude longitude " +
	"source target file path host ip "

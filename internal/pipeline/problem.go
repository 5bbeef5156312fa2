package pipeline

import (
	"fmt"
	"slices"
	"strings"
)

// A Problem is one mistake in a spec, with its place.
type Problem struct {
	At  Pos
	Msg string
}

// String is file:line:col: message.
func (p Problem) String() string {
	return fmt.Sprintf("%s:%d:%d: %s", p.At.File, p.At.Line, p.At.Col, p.Msg)
}

// Problems is all that is wrong with a spec.
type Problems []Problem

// Error implements error: a line a problem, in the order of the file.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, x := range p {
		lines[i] = x.String()
	}
	return strings.Join(lines, "\n")
}

// Sorted puts them into the order of the files.
func (p Problems) Sorted() Problems {
	slices.SortStableFunc(p, func(a, b Problem) int {
		if c := strings.Compare(a.At.File, b.At.File); c != 0 {
			return c
		}
		if a.At.Line != b.At.Line {
			return a.At.Line - b.At.Line
		}
		return a.At.Col - b.At.Col
	})
	return p
}

// Nearest returns the word that is fewest edits away from got, or "" when none is near enough to be meant.
func Nearest(got string, words []string) string {
	if len(got) > 64 {
		return "" // no word of ours is meant
	}
	best, dist := "", len(got)/2+1
	for _, w := range words {
		if d := edits(strings.ToLower(got), strings.ToLower(w)); d < dist {
			best, dist = w, d
		}
	}
	return best
}

// edits is the number of insertions, deletions and replacements between two words, an exchange of neighbours counting as one.
func edits(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}

func suggest(got string, words []string) string {
	if w := Nearest(got, words); w != "" {
		return fmt.Sprintf("; did you mean %q?", w)
	}
	if len(words) == 0 {
		return ""
	}
	return "; valid here: " + strings.Join(words, ", ")
}

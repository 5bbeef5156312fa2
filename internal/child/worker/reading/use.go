package reading

import (
	"strings"

	"penstock/internal/pattern"
	"penstock/internal/serde"
)

// selectStar is a star that stands for columns: after a comma or a point, or one of the words that begin a list of columns. Other stars
// multiply or count.
var selectStar = pattern.Lazy(`(?:[,.]|\bselect|\bdistinct|\ball|\*/)\s*\*`)

var lineComment = pattern.Lazy(`--[^\n]*`)

// Use says which texts the source's columns will be asked by; a column that none of them can name need not be kept. A text can name a
// column only by writing its name, by a star, or by a natural join; what merely looks like a name costs nothing but memory.
func (s *Source) Use(texts ...string) {
	words, all := map[string]bool{}, false
	for _, text := range texts {
		text = strings.ToLower(text)
		all = all || selectStar().MatchString(lineComment().ReplaceAllString(text, " ")) || strings.Contains(text, "natural")
		for _, w := range strings.FieldsFunc(text, func(r rune) bool {
			return r != '_' && (r < 'a' || r > 'z') && (r < '0' || r > '9')
		}) {
			words[w] = true
		}
	}
	s.unused = map[int]bool{}
	for i, c := range s.Columns[:s.Data] {
		if !all && !words[c.Name] && serde.Canonical(c.Name) == c.Name {
			s.unused[i] = true
		}
	}
}

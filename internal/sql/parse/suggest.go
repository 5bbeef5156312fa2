package parse

import "penstock/internal/sql/nearest"

// suggest is ", did you mean X?" for a word that is nearly one of the known.
func suggest(word string, known []string) string {
	if s := nearest.Word(word, known); s != "" {
		return ", did you mean " + upper(s) + "?"
	}
	return ""
}

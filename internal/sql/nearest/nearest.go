// Package nearest finds the known word that a misspelt one probably stands for.
package nearest

// Word returns the known word with the smallest edit distance, if that is at most a third of the word's length (and at least one
// change); "" when none is near. Ties go to the first in the list.
func Word(word string, known []string) string {
	limit := max(1, len(word)/3)
	best, bestDist := "", limit+1
	for _, k := range known {
		if d := distance(word, k, bestDist); d < bestDist {
			best, bestDist = k, d
		}
	}
	return best
}

// distance is the number of insertions, deletions, replacements and swaps of neighbours between a and b; it stops at limit.
func distance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	before, prev, cur := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cur[j] = min(cur[j], before[j-2]+1)
			}
		}
		before, prev, cur = prev, cur, before
	}
	return prev[len(b)]
}

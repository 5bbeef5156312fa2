package object

import (
	"strings"

	"penstock/internal/blob"
)

// Glance finds in a row's attributes what a listing shows of them, without decoding the rest: the storage class ("" is STANDARD), the
// names of the checksums in the order of blob.Algorithms, and whether they are of the parts. ok is false for text that it cannot tell
// about.
//
// A member's name with its quotes stands at one place of a JSON text only, since quotes inside of texts are escaped, unless it is also a
// key of the user's metadata or a tag; those hold texts, so only a name before a text is ambiguous: the class is looked for before them.
func (l *Listed) Glance(sums []blob.Algorithm) (class string, algorithms []blob.Algorithm, composite, ok bool) {
	head := l.attrs
	for _, name := range [...]string{`"meta":{`, `"tags":{`, `"sums":{`} {
		if i := strings.Index(head, name); i >= 0 {
			head = head[:i]
		}
	}
	if _, rest, found := strings.Cut(head, `"class":"`); found {
		class, _, _ = strings.Cut(rest, `"`)
	}
	_, rest, found := strings.Cut(l.attrs, `"sums":{`)
	if !found {
		return class, sums[:0], false, true
	}
	text, rest, found := strings.Cut(rest, "}")
	composite = strings.Contains(rest, `"composite":true`)
	sums = sums[:0]
	if strings.Count(text, `":"`) == 1 { // the usual case
		name, _, _ := strings.Cut(text[1:], `"`)
		return class, append(sums, blob.Algorithm(name)), composite, found
	}
	for _, a := range blob.Algorithms() {
		if strings.Contains(text, `"`+string(a)+`":"`) {
			sums = append(sums, a)
		}
	}
	return class, sums, composite, found
}

// Package page is one page of a list that is read in the order of its keys: the token that a request brings, how many items it may have,
// and the token of the next page. A token carries a hash of what the request selects, so that one selection's is refused by another. The
// package knows no service: the error of a token that is not its own is the service's.
package page

import (
	"strconv"

	"penstock/internal/meta"
)

// A Page is a page in the making. The list is read from After on, and each item's key is given to Take.
type Page struct {
	// After is the last key of the page before, "" on the first page.
	After string
	Limit int // of items

	hash, last string
	bad        error
	n          int
	more       bool
}

// Read begins a page of at most limit items. token is the request's, nil or empty for the first page; bad is the error for a token that
// was not made for the list. region is where the list is, "" for the account's own, and filter is whatever else selects it.
func Read(token *string, limit int, bad error, region string, filter ...string) (*Page, error) {
	p := &Page{Limit: limit, hash: meta.FilterHash(append([]string{region}, filter...)...), bad: bad}
	if token == nil || *token == "" {
		return p, nil
	}
	var err error
	if p.After, err = meta.ParseToken(*token, p.hash); err != nil {
		return nil, bad
	}
	return p, nil
}

// Size is the number of items that a request asks for: usual when it does not say, and at most most.
func Size(asked *int32, usual, most int) int {
	if asked == nil || *asked <= 0 {
		return usual
	}
	return min(int(*asked), most)
}

// Number is After of a list whose keys are numbers, first on the first page.
func (p *Page) Number(first int64) (int64, error) {
	if p.After == "" {
		return first, nil
	}
	n, err := strconv.ParseInt(p.After, 10, 64)
	if err != nil {
		return 0, p.bad
	}
	return n, nil
}

// Ask is how many items the list is asked for: one more than the page has, which tells that there is a next one.
func (p *Page) Ask() int { return p.Limit + 1 }

// Take reports whether the item with the next key belongs to the page. After the first that does not, reading ends.
func (p *Page) Take(key string) bool {
	if p.n == p.Limit {
		p.more = true
		return false
	}
	p.n, p.last = p.n+1, key
	return true
}

// TakeNumber is Take for a list whose keys are numbers.
func (p *Page) TakeNumber(key int64) bool { return p.Take(strconv.FormatInt(key, 10)) }

// Break ends a page that the list has cut by itself: the next one begins after last.
func (p *Page) Break(last string) { p.more, p.last = true, last }

// More reports whether there is a next page.
func (p *Page) More() bool { return p.more }

// Next is the token of the next page, nil on the last.
func (p *Page) Next() *string {
	if !p.more {
		return nil
	}
	t := meta.Token(p.hash, p.last)
	return &t
}

// Cut returns the page of a list that begins after After and has Ask items, or fewer at its end.
func Cut[T any](p *Page, list []T, key func(T) string) []T {
	for i := range list {
		if !p.Take(key(list[i])) {
			return list[:i]
		}
	}
	return list
}

// Of returns the page of a whole list that is sorted by key.
func Of[T any](p *Page, list []T, key func(T) string) []T {
	from := 0
	if p.After != "" {
		for from < len(list) && key(list[from]) <= p.After {
			from++
		}
	}
	return Cut(p, list[from:], key)
}

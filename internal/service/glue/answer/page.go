package answer

import (
	"penstock/internal/meta"
	"penstock/internal/meta/page"
)

// Ptr is a pointer to v.
func Ptr[T any](v T) *T { return &v }

// Deref is what p points at, or nothing.
func Deref[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// TextOrNil is nil for "", since the API leaves out what is not set.
func TextOrNil(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// UsualPage is how many items most lists show, when the request does not say and at most.
const UsualPage = 100

// Page begins a page of UsualPage items, or of fewer if the request says so, that follows the one of a token.
func Page(region string, token *string, most *int32, filter ...string) (*page.Page, error) {
	return page.Read(token, page.Size(most, UsualPage, UsualPage), Error(meta.ErrToken), region, filter...)
}

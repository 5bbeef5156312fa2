package glue

import (
	"penstock/internal/meta"
	"penstock/internal/meta/page"
)

func ptr[T any](v T) *T { return &v }

func deref[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// textOrNil is nil for "", since the API leaves out what is not set.
func textOrNil(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// usualPage is how many items most lists show, when the request does not say and at most.
const usualPage = 100

// readPage begins a page of usualPage items, or of fewer if the request says so, that follows the one of a token.
func (s *Service) readPage(token *string, max *int32, filter ...string) (*page.Page, error) {
	return page.Read(token, page.Size(max, usualPage, usualPage), awsError(meta.ErrToken), s.Region, filter...)
}

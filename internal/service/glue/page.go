package glue

import (
	"penstock/internal/meta"
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

// pageSize is what a request asks for, at most limit; limit when it does not say.
func pageSize(max *int32, limit int) int {
	if max == nil || *max < 1 || int(*max) > limit {
		return limit
	}
	return int(*max)
}

// afterOf reads a page token of the selection that hash stands for.
func afterOf(token *string, hash string) (string, error) {
	if deref(token) == "" {
		return "", nil
	}
	return meta.ParseToken(*token, hash)
}

// nextOf makes the token of the next page, nil on the last.
func nextOf(more bool, hash, last string) *string {
	if !more {
		return nil
	}
	return ptr(meta.Token(hash, last))
}

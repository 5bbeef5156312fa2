// Package cors is the rules of a bucket's CORS configuration: whether one may be kept, and what it tells a browser. It knows no store and
// reads no request. Behaviour: https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html.
package cors

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"penstock/internal/api"
)

// Methods are the methods that a rule can allow.
func Methods() []string { return []string{"GET", "PUT", "POST", "DELETE", "HEAD"} }

// Malformed reports whether a rule lacks what the schema asks for, or has a name that is too long.
func Malformed(r types.CORSRule) bool {
	return len(r.AllowedOrigins) == 0 || len(r.AllowedMethods) == 0 || len(aws.ToString(r.ID)) > 255
}

// Check refuses a rule with a method, a pattern or a name of a header that cannot be.
func Check(r types.CORSRule) error {
	invalid := func(format string, words ...any) error {
		return &api.Error{Code: "InvalidRequest", Status: 400, Message: fmt.Sprintf(format, words...)}
	}
	for _, m := range r.AllowedMethods {
		if !slices.Contains(Methods(), m) {
			return invalid("Found unsupported HTTP method in CORS config. Unsupported method is %s", m)
		}
	}
	for _, o := range r.AllowedOrigins {
		if strings.Count(o, "*") > 1 {
			return invalid("AllowedOrigin %q can not have more than one wildcard.", o)
		}
	}
	for _, h := range r.AllowedHeaders {
		if strings.Count(h, "*") > 1 {
			return invalid("AllowedHeader %q can not have more than one wildcard.", h)
		}
	}
	for _, h := range slices.Concat(r.AllowedHeaders, r.ExposeHeaders) {
		if !HeaderName(h) {
			return invalid(`AllowedHeader "%s" contains invalid character.`, h)
		}
	}
	return nil
}

// HeaderName reports whether a text may be the name of a header, with a wildcard among it.
func HeaderName(h string) bool {
	return h != "" && !strings.ContainsFunc(h, func(c rune) bool {
		return c <= ' ' || c >= 0x7f || strings.ContainsRune(`()<>@,;:\"/[]?={}`, c)
	})
}

// Matches reports whether a rule allows a request: origin, method and each wanted header, in small letters, must be allowed.
func Matches(r types.CORSRule, origin, method string, wanted []string) bool {
	if !slices.Contains(r.AllowedMethods, method) || !slices.ContainsFunc(r.AllowedOrigins, func(p string) bool { return like(p, origin) }) {
		return false
	}
	for _, h := range wanted {
		if !slices.ContainsFunc(r.AllowedHeaders, func(p string) bool { return like(strings.ToLower(p), h) }) {
			return false
		}
	}
	return true
}

// like holds a text against a pattern with at most one "*".
func like(pattern, text string) bool {
	before, after, wild := strings.Cut(pattern, "*")
	if !wild {
		return pattern == text
	}
	return len(text) >= len(before)+len(after) && strings.HasPrefix(text, before) && strings.HasSuffix(text, after)
}

// Headers are what an answer tells the browser of the rule that allows its request.
func Headers(r types.CORSRule, origin string, wanted []string) http.Header {
	h := http.Header{}
	h.Set("Vary", "Origin, Access-Control-Request-Headers, Access-Control-Request-Method")
	h.Set("Access-Control-Allow-Methods", strings.Join(r.AllowedMethods, ", "))
	if slices.Contains(r.AllowedOrigins, "*") {
		h.Set("Access-Control-Allow-Origin", "*")
	} else {
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Allow-Credentials", "true")
	}
	if len(wanted) > 0 {
		h.Set("Access-Control-Allow-Headers", strings.Join(wanted, ", "))
	}
	if len(r.ExposeHeaders) > 0 {
		h.Set("Access-Control-Expose-Headers", strings.Join(r.ExposeHeaders, ", "))
	}
	if r.MaxAgeSeconds != nil {
		h.Set("Access-Control-Max-Age", strconv.Itoa(int(*r.MaxAgeSeconds)))
	}
	return h
}

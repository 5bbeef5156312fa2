package api_test

import (
	"testing"

	"penstock/internal/api"
)

// TestURLIsOfItsService: what a service calls while it answers a request was not posted by the request's sender.
func TestURLIsOfItsService(t *testing.T) {
	ctx := api.WithURL(t.Context(), "cloudformation", "http://h/")
	if got := api.URLOf(ctx, "cloudformation"); got != "http://h/" {
		t.Errorf("of the request: %q", got)
	}
	if got := api.URLOf(ctx, "s3") + api.URLOf(t.Context(), "s3"); got != "" {
		t.Errorf("of no request: %q", got)
	}
}

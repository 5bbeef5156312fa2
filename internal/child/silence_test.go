package child

import (
	"context"
	"net"
	"testing"
	"testing/synctest"
	"time"
)

// TestFirstCallAfterLongSilence makes the first call of a connection an hour after it was made, and another an hour later.
func TestFirstCallAfterLongSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		here, there := net.Pipe()
		ended := make(chan error, 1)
		go func() {
			ended <- serveConn(there, Handle(func(_ context.Context, in *string) (*string, error) { return in, nil }))
		}()
		c, err := newClient(t.Context(), here)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			time.Sleep(time.Hour)
			var out string
			if err := c.Call(t.Context(), "/echo", "still there", &out); err != nil || out != "still there" {
				t.Fatalf("%q %v", out, err)
			}
		}
		here.Close()
		<-ended
	})
}

package child

import (
	"context"
	"net"
	"sync"
	"testing"
)

// TestFirstCallsAtOnce makes the first calls of a connection at the same time: none of them may find that there is no second connection.
func TestFirstCallsAtOnce(t *testing.T) {
	for range 200 {
		here, there := net.Pipe()
		ended := make(chan error, 1)
		go func() {
			ended <- serveConn(there, Handle(func(_ context.Context, in *int) (*int, error) { return in, nil }))
		}()
		c, err := newClient(t.Context(), here)
		if err != nil {
			t.Fatal(err)
		}
		var calls sync.WaitGroup
		for i := range 8 {
			calls.Go(func() {
				var out int
				if err := c.Call(t.Context(), "/echo", i, &out); err != nil || out != i {
					t.Errorf("%d: %d %v", i, out, err)
				}
			})
		}
		calls.Wait()
		here.Close()
		<-ended
	}
}

// Package killpoint names the instants at which crash tests kill the server: just before and just after each durable step. Code that
// takes such a step is given a Hook and calls At; the hook does nothing unless cmd was told by PENSTOCK_KILL_AT to end the process
// there. It decides nothing itself and reads no environment.
package killpoint

import "strings"

// A Hook is called at every point with its name. The zero Hook does nothing.
type Hook func(point string)

// At passes a point.
func (h Hook) At(point string) {
	if h != nil {
		h(point)
	}
}

// Once returns a hook that calls kill when the wanted point is passed for the nth time; want is "NAME" or "NAME:n", n from 1. pass is
// called with every other point that is passed, for tests that list them; it may be nil.
func Once(want string, kill func(), pass func(point string)) Hook {
	name, nth, _ := strings.Cut(want, ":")
	n := 0
	for _, c := range nth {
		n = n*10 + int(c-'0')
	}
	count := make(chan int, 1)
	count <- 0
	return func(point string) {
		if point != name {
			if pass != nil {
				pass(point)
			}
			return
		}
		seen := <-count + 1
		if seen == max(n, 1) {
			kill()
		}
		count <- seen
	}
}

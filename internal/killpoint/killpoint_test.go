package killpoint_test

import (
	"testing"

	"penstock/internal/killpoint"
)

func TestOnceKillsAtTheNthPass(t *testing.T) {
	for want, calls := range map[string]int{"b": 1, "b:1": 1, "b:3": 3, "nosuch": 0} {
		killed, at, passed := 0, 0, 0
		var h killpoint.Hook
		h.At("nothing happens without a hook")
		h = killpoint.Once(want, func() { killed++ }, func(string) { passed++ })
		for i := range 4 {
			h.At("a")
			before := killed
			h.At("b")
			if killed > before {
				at = i + 1
			}
		}
		if at != calls || killed > 1 || passed < 4 {
			t.Errorf("%s: killed %d times, at pass %d, %d other points", want, killed, at, passed)
		}
	}
}

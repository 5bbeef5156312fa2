// Package pattern compiles regular expressions when they are first used. Every start of the program, of a worker or of a one-line command
// would pay for those that package variables compile; one with a bound of 512 costs a millisecond. It is no other matcher than regexp.
package pattern

import (
	"regexp"
	"sync"
)

// Lazy compiles expr at the first call of what it returns. A wrong expression panics then, as regexp.MustCompile does; the test in
// internal/rules compiles every one.
func Lazy(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}

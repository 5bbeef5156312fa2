package child

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"penstock/internal/clock"
)

// ErrMemory says that a child ended itself, or a Program was ended, because it took more memory than it may.
var ErrMemory = errors.New("out of memory")

// ErrProcesses says that a Program was ended because it had too many processes.
var ErrProcesses = errors.New("too many processes")

// ErrDisk says that a Program was ended because its files left no room on the disk.
var ErrDisk = errors.New("the disk is full")

// exitMemory is the exit status by which the parent knows it.
const exitMemory = 5

// memoryEvery is how often a child looks at what it uses. An engine that runs away takes a few gigabytes a second at most.
const memoryEvery = 50 * time.Millisecond

// The engine keeps to a limit of its own below the budget, but not everything that it takes is under it. A child asks for mercy at the
// first mark, by the work that it ends, and is ended at the second. A Program, which cannot be asked, is ended at the first.
const (
	leastBudget  = 256 << 20 // what any child may use, whatever it asked for
	mercyPercent = 150
	endPercent   = 200
)

// GuardMemory watches the memory of this process, of which the budget is in bytes (256 MiB at least), until ctx ends. Above
// one and a half budgets it calls over, once until the use has fallen again; above two it ends the process. Where the
// system does not tell the use, nothing is watched.
func (in *Inside) GuardMemory(ctx context.Context, budget int64, over func()) {
	budget = max(budget, leastBudget)
	warned := false
	for clock.Sleep(ctx, clock.Real{}, memoryEvery) == nil {
		used, err := anonymous("/proc/self")
		switch {
		case err != nil:
			return
		case used > budget/100*endPercent:
			fmt.Fprintf(os.Stderr, "the work needed %d MiB of memory, the process may use %d MiB\n", used>>20, budget>>20)
			os.Exit(exitMemory)
		case used > budget/100*mercyPercent:
			if !warned {
				over()
			}
			warned = true
		default:
			warned = false
		}
	}
}

// anonymous is the memory of the process of a folder below /proc that is not of files, in bytes, as Linux tells it.
func anonymous(dir string) (int64, error) {
	text, err := os.ReadFile(dir + "/statm")
	if err != nil {
		return 0, err
	}
	f := strings.Fields(string(text))
	if len(f) < 3 {
		return 0, fmt.Errorf("statm has %d fields", len(f))
	}
	resident, err := strconv.ParseInt(f[1], 10, 64)
	if err != nil {
		return 0, err
	}
	shared, err := strconv.ParseInt(f[2], 10, 64)
	return (resident - shared) * int64(os.Getpagesize()), err
}

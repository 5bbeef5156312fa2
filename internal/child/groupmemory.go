package child

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"penstock/internal/clock"
)

// groupEvery is how often the memory of a Program's group is looked at, which takes longer than looking at a process's own.
const groupEvery = 250 * time.Millisecond

// mostProcesses is how many processes a Program's group may have.
const mostProcesses = 1000

// guard watches a Program until stop is called, and ends its group above one and a half times its memory (256 MiB at least), above
// mostProcesses, and when it is its folder that leaves no room on the disk. stop returns what it was, or nil. Where the system does
// not tell the use, nothing is watched.
func (c *Child) guard(room room) (stop func() error) {
	over, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		for {
			select {
			case <-over:
				ended <- nil
				return
			case <-clock.Real{}.After(groupEvery):
			}
			if why := errors.Join(c.excess(), room.excess()); why != nil {
				c.Kill()
				ended <- why
				return
			}
		}
	}()
	return func() error {
		close(over)
		return <-ended
	}
}

// excess is what of its machine the group of a Program takes too much of, or nil.
func (c *Child) excess() error {
	budget := max(c.Budget.Memory, leastBudget)
	used, n := groupMemory(c.Pid(), budget/100*mercyPercent)
	switch {
	case used > budget/100*mercyPercent:
		return fmt.Errorf("%w: the program and what it started took %d MiB, and may use %d MiB", ErrMemory, used>>20, budget>>20)
	case n > mostProcesses:
		return fmt.Errorf("%w: the program and what it started were %d at a time, and may be %d", ErrProcesses, n, mostProcesses)
	}
	return nil
}

// groupMemory is the memory of a process group that is not of files, in bytes, as Linux tells it; 0 where nothing does. Pages that
// processes share since a fork are counted once a process until that would be more than most; then each has its share of them, which
// takes longer to find out. n is how many processes there are.
func groupMemory(group int, most int64) (sum int64, n int) {
	var members []string
	for _, dir := range processes() {
		if groupOf(dir) != group {
			continue
		}
		if used, err := anonymous(dir); err == nil { // it may have ended meanwhile
			members, sum = append(members, dir), sum+used
		}
	}
	n = len(members)
	if sum <= most || n > mostProcesses {
		return sum, n
	}
	sum = 0
	for _, dir := range members {
		used, err := proportional(dir)
		if err != nil {
			used, _ = anonymous(dir)
		}
		sum += used
	}
	return sum, n
}

// processes are the folders of all processes.
func processes() (dirs []string) {
	f, err := os.Open("/proc")
	if err != nil {
		return nil
	}
	defer f.Close()
	names, _ := f.Readdirnames(-1) // what was read is of use
	for _, name := range names {
		if name[0] >= '1' && name[0] <= '9' {
			dirs = append(dirs, filepath.Join("/proc", name))
		}
	}
	return dirs
}

// groupOf is the group of a process; 0 for one that has ended.
func groupOf(dir string) int {
	text, err := os.ReadFile(filepath.Join(dir, "stat"))
	if err != nil {
		return 0
	}
	f := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:])) // the name before it may have blanks
	if len(f) < 3 {
		return 0
	}
	n, err := strconv.Atoi(f[2]) // after the state and the parent
	if err != nil {
		return 0
	}
	return n
}

// proportional is the memory of a process that is not of files, where of a page that n processes share each has an n-th.
func proportional(dir string) (int64, error) {
	text, err := os.ReadFile(filepath.Join(dir, "smaps_rollup"))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == "Pss_Anon:" {
			kib, err := strconv.ParseInt(f[1], 10, 64)
			return kib << 10, err
		}
	}
	return 0, fmt.Errorf("%s does not tell it", dir)
}

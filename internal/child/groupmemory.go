package child

import (
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

// guard watches the memory of a Program's group until stop is called, and ends the group above one and a half times its budget (256 MiB at
// least). stop returns ErrMemory if it did, with how much it was. Where the system does not tell the use, nothing is watched.
func (c *Child) guard() (stop func() error) {
	over, ended := make(chan struct{}), make(chan error, 1)
	budget := max(c.Budget.Memory, leastBudget)
	go func() {
		for {
			select {
			case <-over:
				ended <- nil
				return
			case <-clock.Real{}.After(groupEvery):
			}
			if used := groupMemory(c.Pid(), budget/100*mercyPercent); used > budget/100*mercyPercent {
				c.Kill()
				ended <- fmt.Errorf("%w: the program and what it started took %d MiB, and may use %d MiB", ErrMemory, used>>20, budget>>20)
				return
			}
		}
	}()
	return func() error {
		close(over)
		return <-ended
	}
}

// groupMemory is the memory of a process group that is not of files, in bytes, as Linux tells it; 0 where nothing does. Pages that
// processes share since a fork are counted once a process until that would be more than most; then each has its share of them, which
// takes longer to find out.
func groupMemory(group int, most int64) (sum int64) {
	var members []string
	for _, dir := range processes() {
		if groupOf(dir) != group {
			continue
		}
		if used, err := anonymous(dir); err == nil { // it may have ended meanwhile
			members, sum = append(members, dir), sum+used
		}
	}
	if sum <= most {
		return sum
	}
	sum = 0
	for _, dir := range members {
		used, err := proportional(dir)
		if err != nil {
			used, _ = anonymous(dir)
		}
		sum += used
	}
	return sum
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

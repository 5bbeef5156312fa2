package child

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// rounds bounds how often processes of a mark are looked for: they may start others while they are being ended.
const rounds = 50

// EndMarked ends the processes that have an entry in their environment, KEY=VALUE, which they were started with or inherited; "" ends
// none. Where the system does not tell environments, none is found.
func EndMarked(mark string) {
	if mark == "" {
		return
	}
	for range rounds {
		n := 0
		for _, dir := range processes() {
			text, err := os.ReadFile(filepath.Join(dir, "environ"))
			if err != nil || !has(text, mark) {
				continue
			}
			pid, err := strconv.Atoi(filepath.Base(dir))
			if err == nil && pid != os.Getpid() && syscall.Kill(pid, syscall.SIGKILL) == nil {
				n++
			}
		}
		if n == 0 {
			return
		}
	}
}

// has reports whether an environment, entries that end with NUL, has an entry.
func has(environ []byte, entry string) bool {
	for kv := range bytes.SplitSeq(environ, []byte{0}) {
		if string(kv) == entry {
			return true
		}
	}
	return false
}

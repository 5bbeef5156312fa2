package server

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"penstock/internal/vfs"
)

// born are the files that a data directory may hold before its first start is complete, and what file systems put into an empty volume.
var born = []string{accountName, accountName + ".tmp", formatName, formatName + ".tmp", lockName, LogName, "lost+found"}

const formatName = "FORMAT"

// storeName is what FORMAT says of whose the folder is, before the version.
const storeName = "penstock"

// LogName is the file of a data directory that takes the log of a runtime hosted by a command.
const LogName = "penstock.log"

// Exists reports whether a folder is a data directory. One that is asked for by a command that only reads is not made by it.
func Exists(data string) bool {
	_, err := os.Stat(filepath.Join(data, formatName))
	return err == nil
}

// Outside refuses a folder that is a data directory or lies in one: what is written there is the runtime's alone.
func Outside(folder string) error {
	at, err := filepath.Abs(folder)
	if err != nil {
		return err
	}
	place := "is a data directory"
	for last := ""; at != last; at, last = filepath.Dir(at), at {
		text, err := os.ReadFile(filepath.Join(at, formatName))
		if err == nil && strings.HasPrefix(string(text), storeName+" ") {
			return fmt.Errorf("the folder %s %s of Penstock, in which the runtime alone writes; name another folder, "+
				"and a data directory with --data", folder, place)
		}
		place = "lies in a data directory"
	}
	return nil
}

// Prepare makes a data directory where there is none, and refuses a folder with files of somebody else's. It writes nothing into it.
func Prepare(data string) error {
	if !Exists(data) {
		if err := Outside(data); err != nil {
			return err
		}
	}
	if err := vfs.MkdirAll(vfs.OS{}, data); err != nil {
		return fmt.Errorf("make the data directory: %w", err)
	}
	if Exists(data) {
		return nil // CheckFormat looks whose it is
	}
	entries, err := os.ReadDir(data)
	if err != nil {
		return fmt.Errorf("read the data directory: %w", err)
	}
	var foreign []string
	for _, e := range entries {
		if !slices.Contains(born, e.Name()) {
			foreign = append(foreign, e.Name())
		}
	}
	if len(foreign) == 0 {
		return nil
	}
	more := ""
	if len(foreign) > 3 {
		more = fmt.Sprintf(" and %d more", len(foreign)-3)
		foreign = foreign[:3]
	}
	return fmt.Errorf("the folder %s is no data directory of Penstock and is not empty (%s%s); name an empty or a new one with --data",
		data, strings.Join(foreign, ", "), more)
}

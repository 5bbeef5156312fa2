package server

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"penstock/internal/pattern"
	"penstock/internal/vfs"
)

// DefaultAccount is the number of a data directory's account when none is asked for at its first start.
const DefaultAccount = "000000000000"

const accountName = "ACCOUNT"

var accountForm = pattern.Lazy(`^[0-9]{12}$`)

// account reads the number of the data directory's account, which its first start fixes: it is part of every ARN that was given out. asked
// is what the caller wants it to be, "" for no matter.
func account(files vfs.FS, data, asked string) (string, error) {
	name := filepath.Join(data, accountName)
	text, err := vfs.ReadFile(files, name)
	fixed := strings.TrimSpace(string(text))
	if errors.Is(err, fs.ErrNotExist) {
		fixed = asked
		if _, err := files.Stat(filepath.Join(data, "meta")); fixed == "" || err == nil {
			fixed = DefaultAccount // of data directories of earlier programs too
		}
		err = vfs.WriteFile(files, name, []byte(fixed+"\n"))
	}
	switch {
	case err != nil:
		return "", fmt.Errorf("find the data directory's account: %w", err)
	case !accountForm().MatchString(fixed):
		return "", fmt.Errorf("the file %s holds %q, which is no account number; it was made by Penstock and must not be changed", name, fixed)
	case asked != "" && asked != fixed:
		return "", fmt.Errorf("the data directory %s is of the account %s, which its first start fixed; it cannot become %s", data, fixed, asked)
	}
	return fixed, nil
}

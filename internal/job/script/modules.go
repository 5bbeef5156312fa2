package script

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Modules are what a job has installed before its script runs.
type Modules struct {
	Names  []string // as pip takes them: pandas==2.2.0
	Wheels []string // files
	Option []string // --python-modules-installer-option
}

// Empty reports whether nothing is to be installed.
func (m Modules) Empty() bool { return len(m.Names) == 0 && len(m.Wheels) == 0 }

// Key names the environment that has these modules for an interpreter: equal lists, wheels of equal bytes, and the same interpreter give
// the same.
func (m Modules) Key(p Python) (string, error) {
	h := sha256.New()
	add := func(parts ...string) {
		for _, s := range parts {
			fmt.Fprintf(h, "%d:%s", len(s), s)
		}
	}
	add(p.Path, p.Version, fmt.Sprint(len(m.Names)))
	add(slices.Sorted(slices.Values(m.Names))...)
	add(m.Option...)
	for _, w := range m.Wheels {
		add(filepath.Base(w))
		if err := hashFile(h, w); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(h.Sum(nil))[:32], nil
}

func hashFile(to io.Writer, name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(to, f)
	return err
}

// InstallScript makes a virtual environment at $1 with the interpreter $2 and installs the rest of its arguments in it. Modules of the
// interpreter itself are seen too, after those that are installed. What ends early leaves no mark, and is made again.
const InstallScript = `set -e
venv=$1 python=$2; shift 2
rm -rf "$venv"
"$python" -m venv "$venv"
"$venv/bin/python" -m pip install --disable-pip-version-check --no-input --progress-bar off --no-warn-script-location "$@"
`

// InstallArgs are the arguments of InstallScript.
func (m Modules) InstallArgs(venv string, p Python) []string {
	return append(append(append([]string{venv, p.Path}, m.Option...), m.Names...), m.Wheels...)
}

// InstallHint is the command that a user tries by hand.
func (m Modules) InstallHint(p Python) string {
	words := append([]string{p.Path, "-m", "pip", "install"}, append(append([]string{}, m.Option...), m.Names...)...)
	for _, w := range m.Wheels {
		words = append(words, filepath.Base(w))
	}
	return strings.Join(words, " ")
}

// mark is the file in an environment that says that it is whole.
const mark = ".penstock-complete"

// Whole reports whether the environment at venv was made to its end.
func Whole(venv string) bool {
	_, err := os.Stat(filepath.Join(venv, mark))
	return err == nil
}

// Finish says that the environment at venv is whole, and lets it see the interpreter's own modules after its own.
func Finish(venv string, p Python) error {
	dirs, err := filepath.Glob(filepath.Join(venv, "lib", "python3*", "site-packages"))
	if err != nil || len(dirs) != 1 {
		return fmt.Errorf("the environment %s has no folder for modules", venv)
	}
	if err := os.WriteFile(filepath.Join(dirs[0], "penstock-interpreter.pth"), []byte(strings.Join(p.Site, "\n")+"\n"), 0o600); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(venv, mark), nil, 0o600)
}

package pipeline

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"gopkg.in/yaml.v3"

	"penstock/internal/pattern"
)

// FileName is the name of a pipeline's spec in its folder.
const FileName = "pipeline.yaml"

// maxFile bounds every file that a spec consists of.
const maxFile = 4 << 20

// Load reads the spec of a folder. A faulty spec gives Problems, all of them.
func Load(dir string) (*Spec, error) {
	root, text, err := open(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	spec, problems := parse(dir, text, func(name string) (string, error) { return readFile(root, name) })
	if len(problems) > 0 {
		return nil, problems
	}
	return spec, nil
}

// Outline reads what can be read of a folder's spec, for those who ask about a pipeline that is deployed: its name and what it declares,
// whatever is wrong elsewhere. It reads no SQL file. Only without a name there are Problems. whole reports that the file is YAML: of one
// that is not there is no more than the name.
func Outline(dir string) (spec *Spec, whole bool, err error) {
	root, text, err := open(dir)
	if err != nil {
		return nil, false, err
	}
	defer root.Close()
	spec, problems := parse(dir, text, func(string) (string, error) { return "unread", nil })
	whole = spec.Name != ""
	if m := nameLine().FindStringSubmatch(text); !whole && m != nil {
		spec.Name = m[1]
	}
	if !isPipelineName(spec.Name) {
		return nil, false, problems
	}
	return spec, whole, nil
}

// nameLine finds the name in what is no YAML.
var nameLine = pattern.Lazy(`(?m)^pipeline:[ \t]*["']?([a-z0-9]+)["']?[ \t]*(?:#.*)?$`)

// open opens a folder and reads its spec.
func open(dir string) (root *os.Root, text string, err error) {
	root, err = os.OpenRoot(dir)
	if info, e := os.Stat(dir); errors.Is(e, fs.ErrNotExist) {
		return nil, "", fmt.Errorf("there is no folder %s", dir)
	} else if e == nil && !info.IsDir() {
		return nil, "", fmt.Errorf("%s is no folder: name the one with the pipeline's %s", dir, FileName)
	}
	if err != nil {
		return nil, "", fmt.Errorf("no pipeline here: %w", err)
	}
	if text, err = readFile(root, FileName); err == nil {
		return root, text, nil
	}
	root.Close()
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("no %s in %s; \"penstock init retail\" writes an example", FileName, dir)
	}
	return nil, "", err
}

func readFile(root *os.Root, name string) (string, error) {
	f, err := root.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() || info.Size() > maxFile {
		return "", fmt.Errorf("%s is not a file of at most %d bytes", name, maxFile)
	}
	b := make([]byte, info.Size())
	if _, err := io.ReadFull(f, b); err != nil {
		return "", fmt.Errorf("read %s: %w", name, err)
	}
	return string(b), nil
}

// Parse reads a spec from text; read gives the SQL files that it names.
func Parse(dir, text string, read func(name string) (string, error)) (*Spec, error) {
	spec, problems := parse(dir, text, read)
	if len(problems) > 0 {
		return nil, problems
	}
	return spec, nil
}

// parse reads as much of a spec as can be read, and all that is wrong with it.
func parse(dir, text string, read func(string) (string, error)) (*Spec, Problems) {
	spec := &Spec{Dir: dir}
	d := &decoder{file: FileName, lines: strings.Split(text, "\n"), read: read}
	var doc, more yaml.Node
	documents := yaml.NewDecoder(strings.NewReader(text))
	if err := documents.Decode(&doc); err != nil && !errors.Is(err, io.EOF) {
		return spec, Problems{notYAML(text, err)}
	}
	if err := documents.Decode(&more); err == nil {
		return spec, Problems{{Pos{FileName, more.Line, more.Column}, "a second YAML document begins here; a pipeline is one"}}
	} else if !errors.Is(err, io.EOF) {
		return spec, Problems{notYAML(text, err)}
	}
	if len(doc.Content) == 0 {
		return spec, Problems{{Pos{FileName, 1, 1}, "the file is empty; it needs pipeline:, buckets:, sources:"}}
	}
	d.spec(doc.Content[0], spec)
	d.check(spec)
	return spec, d.problems.Sorted()
}

// sqlText reads text that stands inline (it has a space) or in a file beside the spec.
func (d *decoder) sqlText(n *yaml.Node) SQL {
	text := d.text(n)
	at := d.pos(n)
	if strings.ContainsAny(strings.TrimSpace(text), " \n\t") {
		if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
			at.Line++ // the block begins on the line after its indicator
			indent := d.indent(at.Line)
			at.Col = 1 + indent
			return SQL{Text: text, At: at, Indent: indent}
		}
		return SQL{Text: text, At: at}
	}
	if text == "" {
		return SQL{At: at}
	}
	name := filepath.ToSlash(filepath.Clean(text))
	body, err := d.read(name)
	if errors.Is(err, fs.ErrNotExist) {
		d.problem(n, "there is no SQL file %q", text)
	} else if err != nil {
		d.problem(n, "cannot read the SQL file %q: %v", text, err)
	}
	if strings.TrimSpace(body) == "" && err == nil {
		d.problem(n, "the SQL file %q is empty", text)
	}
	return SQL{Text: body, At: Pos{name, 1, 1}}
}

// indent is how many blanks a line of the spec begins with.
func (d *decoder) indent(line int) int {
	if line > len(d.lines) {
		return 0
	}
	text := d.lines[line-1]
	return len(text) - len(strings.TrimLeft(text, " "))
}

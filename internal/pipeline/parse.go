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
)

// FileName is the name of a pipeline's spec in its folder.
const FileName = "pipeline.yaml"

// maxFile bounds every file that a spec consists of.
const maxFile = 4 << 20

// Load reads the spec of a folder. A faulty spec gives Problems, all of them.
func Load(dir string) (*Spec, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("no pipeline here: %w", err)
	}
	defer root.Close()
	text, err := readFile(root, FileName)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("no %s in %s; \"penstock init retail\" writes an example", FileName, dir)
	}
	if err != nil {
		return nil, err
	}
	return parse(dir, text, func(name string) (string, error) { return readFile(root, name) })
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
	return parse(dir, text, read)
}

func parse(dir, text string, read func(string) (string, error)) (*Spec, error) {
	d := &decoder{file: FileName, lines: strings.Split(text, "\n"), read: read}
	var doc, more yaml.Node
	documents := yaml.NewDecoder(strings.NewReader(text))
	if err := documents.Decode(&doc); err != nil && !errors.Is(err, io.EOF) {
		return nil, Problems{notYAML(text, err)}
	}
	if err := documents.Decode(&more); err == nil {
		return nil, Problems{{Pos{FileName, more.Line, more.Column}, "a second YAML document begins here; a pipeline is one"}}
	} else if !errors.Is(err, io.EOF) {
		return nil, Problems{notYAML(text, err)}
	}
	spec := &Spec{Dir: dir}
	if len(doc.Content) == 0 {
		return nil, Problems{{Pos{FileName, 1, 1}, "the file is empty; it needs pipeline:, buckets:, sources:"}}
	}
	d.spec(doc.Content[0], spec)
	d.check(spec)
	if len(d.problems) > 0 {
		return nil, d.problems.Sorted()
	}
	return spec, nil
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
	if err != nil {
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

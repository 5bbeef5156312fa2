package pipeline

import (
	"errors"
	"io"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"penstock/internal/pattern"
)

var yamlLine = pattern.Lazy(`^yaml: (?:unmarshal errors:\s*)?line (\d+): (.*)`)

// yamlWords are the YAML parser's complaints and what they mean to the writer of a file.
var yamlWords = [][2]string{
	{"mapping values are not allowed", "a \": \" where no key can stand: the line is indented too far, or a value with \": \" needs quotes"},
	{"did not find expected key", "a key (name:) is wanted here: the line is indented otherwise than the ones before it"},
	{"did not find expected ',' or '}'", "a { is not closed, or a comma is missing after a value"},
	{"did not find expected ',' or ']'", "a [ is not closed, or a comma is missing after a value"},
	{"did not find expected '-' indicator", "an item (- value) is wanted here: the line is indented otherwise than the ones before it"},
	{"could not find expected ':'", "a \":\" is missing after the key"},
	{"found unexpected end of stream", "a quote is not closed"},
	{"cannot start any token", "a tab, @, ` or % begins a word: indent with blanks, and put such values into quotes"},
}

// notYAML gives the YAML parser's complaint about text its place. The parser's own line is that of the surrounding block, or one off, so
// the place is the line after the longest beginning of the text that is YAML.
func notYAML(text string, err error) Problem {
	msg, line := strings.TrimPrefix(err.Error(), "yaml: "), 1
	if m := yamlLine().FindStringSubmatch(err.Error()); m != nil {
		msg = m[2]
		if n, e := strconv.Atoi(m[1]); e == nil {
			line = n
		}
	}
	for _, w := range yamlWords {
		if strings.Contains(msg, w[0]) {
			msg = w[1]
			break
		}
	}
	p := &prober{lines: strings.SplitAfter(text, "\n"), left: probed}
	line = p.firstBad(line)
	at := p.lines[line-1]
	return Problem{Pos{FileName, line, len(at) - len(strings.TrimLeft(at, " ")) + 1}, "not YAML: " + msg}
}

// probed bounds the looking for the line of a mistake, in bytes that are read.
const probed = 4 << 20

// A prober reads beginnings of a text until it has read enough.
type prober struct {
	lines []string
	left  int // bytes
}

// firstBad is the number of the line after the longest beginning that is YAML, looked for around a guess.
func (p *prober) firstBad(guess int) int {
	guess = max(1, min(guess, len(p.lines)))
	n := guess
	if p.isYAML(n) {
		for n < len(p.lines) && p.left > 0 {
			if n++; !p.isYAML(n) && !p.laterYAML(n) {
				break
			}
		}
	} else {
		for n > 1 && p.left > 0 && !p.isYAML(n-1) {
			n--
		}
	}
	if p.left <= 0 {
		return guess
	}
	return n
}

// laterYAML reports whether what is no YAML up to line n is some with a few lines after it: a list or text over several lines.
func (p *prober) laterYAML(n int) bool {
	for m := n + 1; m <= min(len(p.lines), n+40); m++ {
		if p.isYAML(m) {
			return true
		}
	}
	return false
}

// isYAML reports whether the first n lines are YAML.
func (p *prober) isYAML(n int) bool {
	text := strings.Join(p.lines[:n], "")
	if p.left -= len(text) + 256; p.left <= 0 {
		return false
	}
	documents := yaml.NewDecoder(strings.NewReader(text))
	for {
		var n yaml.Node
		if err := documents.Decode(&n); err != nil {
			return errors.Is(err, io.EOF)
		}
	}
}

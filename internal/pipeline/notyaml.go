package pipeline

import (
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

var yamlLine = regexp.MustCompile(`^yaml: (?:unmarshal errors:\s*)?line (\d+): (.*)`)

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

// notYAML gives the YAML parser's complaint about text its place. The parser's own line is that of the surrounding block, or one off, so the
// place is the line after the longest beginning of the text that is YAML.
func notYAML(text string, err error) Problem {
	msg, line := strings.TrimPrefix(err.Error(), "yaml: "), 1
	if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
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
	lines := strings.SplitAfter(text, "\n")
	if len(text) > searched {
		return Problem{Pos{FileName, min(line, len(lines)), 1}, "not YAML: " + msg}
	}
	line = firstBad(lines, line)
	indent := len(lines[line-1]) - len(strings.TrimLeft(lines[line-1], " "))
	return Problem{Pos{FileName, line, indent + 1}, "not YAML: " + msg}
}

// searched bounds the files in which the line of a mistake is looked for, in bytes, and search the looking, in tries.
const searched = 256 << 10

const search = 400

// firstBad is the number of the line after the longest beginning that is YAML, looked for around a guess.
func firstBad(lines []string, guess int) int {
	guess = max(1, min(guess, len(lines)))
	n := guess
	if isYAML(strings.Join(lines[:n], "")) {
		for tries := 0; n < len(lines) && tries < search; tries++ {
			if n++; !isYAML(strings.Join(lines[:n], "")) && !laterYAML(lines, n) {
				return n
			}
		}
		return n
	}
	for tries := 0; n > 1 && tries < search; tries++ {
		if isYAML(strings.Join(lines[:n-1], "")) {
			return n
		}
		n--
	}
	if n == 1 {
		return 1
	}
	return guess
}

// laterYAML reports whether what is no YAML up to line n is some with the lines after it: a list or text over several lines.
func laterYAML(lines []string, n int) bool {
	for m := n + 1; m <= min(len(lines), n+40); m++ {
		if isYAML(strings.Join(lines[:m], "")) {
			return true
		}
	}
	return false
}

func isYAML(text string) bool {
	documents := yaml.NewDecoder(strings.NewReader(text))
	for {
		var n yaml.Node
		if err := documents.Decode(&n); err != nil {
			return errors.Is(err, io.EOF)
		}
	}
}

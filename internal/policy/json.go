package policy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode/utf8"
)

// A node is a JSON value that keeps the order of its members, so that one given twice is seen.
type node struct {
	kind    byte // '{', '[', '"' for a text, '1' for a number, 't' for true and false, '0' for null
	text    string
	items   []node
	members []member
}

type member struct {
	name  string
	value node
}

// readJSON reads one document of at most limit bytes; white space between values does not count, as S3 measures a document.
func readJSON(data []byte, limit int) (node, error) {
	if len(data) == 0 || data[0] != '{' {
		return node{}, errFirstByte
	}
	if !utf8.Valid(data) {
		return node{}, errJSON
	}
	var small bytes.Buffer
	if json.Compact(&small, data) != nil {
		return node{}, errJSON
	}
	if small.Len() > limit {
		return node{}, Malformed(fmt.Sprintf("Normalized policy document exceeds the maximum allowed size of %d bytes", limit))
	}
	dec := json.NewDecoder(&small)
	dec.UseNumber()
	n, err := readNode(dec, Depth)
	if err != nil {
		return node{}, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return node{}, errJSON
	}
	return n, nil
}

func readNode(dec *json.Decoder, depth int) (node, error) {
	if depth == 0 {
		return node{}, errSyntax
	}
	token, err := dec.Token()
	if err != nil {
		return node{}, errJSON
	}
	switch t := token.(type) {
	case json.Delim:
		if t == '{' {
			return readObject(dec, depth)
		}
		return readArray(dec, depth)
	case string:
		return node{kind: '"', text: t}, nil
	case json.Number:
		return node{kind: '1', text: t.String()}, nil
	case bool:
		return node{kind: 't', text: fmt.Sprint(t)}, nil
	}
	return node{kind: '0'}, nil
}

func readArray(dec *json.Decoder, depth int) (node, error) {
	n := node{kind: '['}
	for dec.More() {
		item, err := readNode(dec, depth-1)
		if err != nil {
			return n, err
		}
		n.items = append(n.items, item)
	}
	_, err := dec.Token()
	return n, err
}

func readObject(dec *json.Decoder, depth int) (node, error) {
	n := node{kind: '{'}
	seen := map[string]bool{}
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return n, errJSON
		}
		name := token.(string) // a member's name is always one
		if seen[name] {
			return n, twice(name)
		}
		seen[name] = true
		value, err := readNode(dec, depth-1)
		if err != nil {
			return n, err
		}
		n.members = append(n.members, member{name, value})
	}
	_, err := dec.Token()
	return n, err
}

func twice(name string) error { return Malformed("Statement/policy already has instance of " + name) }

// one is a list of one for what may be given without brackets.
func (n node) one() []node {
	if n.kind == '[' {
		return n.items
	}
	return []node{n}
}

// texts are the texts of a list, or of one text.
func (n node) texts() ([]string, error) {
	var out []string
	for _, item := range n.one() {
		if item.kind != '"' {
			return nil, errSyntax
		}
		out = append(out, item.text)
	}
	return out, nil
}

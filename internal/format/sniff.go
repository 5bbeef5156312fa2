package format

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"golang.org/x/text/encoding/unicode"

	"penstock/internal/magic"
)

// sniffed is how much of a file Sniff looks at.
const sniffed = 64 << 10

// Sniff names the format of a file by the beginning of its text, unpacked, where that is decisive: avro, orc, parquet, json, bson, xml or
// ion, the names and the order of Glue's built-in classifiers. "" is none of them: log formats (grok.Logs) and CSV come next. whole says
// that head is all of the file.
func Sniff(head []byte, whole bool) string {
	if len(head) > sniffed {
		head, whole = head[:sniffed], false
	}
	if name := map[string]string{"Avro": "avro", "ORC": "orc", "Parquet": "parquet", "Ion": "ion"}[magic.Format(head)]; name != "" {
		return name
	}
	if isBSON(head, whole) {
		return "bson"
	}
	text := bytes.TrimLeft(utf8Text(head), " \t\r\n")
	switch {
	case isJSON(text):
		return "json"
	case isXML(text):
		return "xml"
	case bytes.HasPrefix(text, []byte("$ion_1_0")) && (len(text) == 8 || text[8] <= ' '):
		return "ion"
	}
	return ""
}

// Refuse is the error for a format that Sniff knows and nothing here reads; nil for others.
func Refuse(name string) error {
	if name == "bson" || name == "ion" {
		return fmt.Errorf("the file is of format %s; Penstock does not support that", name)
	}
	return nil
}

// isBSON reports whether a document of BSON begins here: its length, the type of its first element and that one's name. As the beginning
// of a text the length would be 500 MB and more.
func isBSON(head []byte, whole bool) bool {
	if len(head) < 5 {
		return false
	}
	const most = 16<<20 + 16<<10
	size := int(binary.LittleEndian.Uint32(head))
	if size < 5 || size > most || whole && size > len(head) || size <= len(head) && head[size-1] != 0 {
		return false
	}
	kind := head[4]
	if size == 5 || kind == 0 {
		return size == 5 && kind == 0
	}
	name := head[5:min(len(head), size)]
	end := bytes.IndexByte(name, 0)
	return (kind <= 0x13 || kind == 0x7f || kind == 0xff) && end >= 0 && magic.Text(name[:end])
}

// utf8Text is the text in UTF-8, without a byte order mark.
func utf8Text(head []byte) []byte {
	order := unicode.BigEndian
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		return head[3:]
	case bytes.HasPrefix(head, []byte("\xff\xfe")), len(head) > 3 && head[0] != 0 && head[1] == 0 && head[2] != 0 && head[3] == 0:
		order = unicode.LittleEndian
	case bytes.HasPrefix(head, []byte("\xfe\xff")), len(head) > 3 && head[0] == 0 && head[1] != 0 && head[2] == 0 && head[3] != 0:
	default:
		return head
	}
	text, err := unicode.UTF16(order, unicode.UseBOM).NewDecoder().Bytes(head[:len(head)&^1])
	if err != nil {
		return head
	}
	return text
}

// isJSON reports whether a text begins with an object's first key, or with an array that such an object is in or that nothing but a further
// value follows. A number alone, or a line such as "[4018] 14 Nov ...", is no JSON.
func isJSON(text []byte) bool {
	if len(text) == 0 || text[0] != '{' && text[0] != '[' {
		return false
	}
	d := json.NewDecoder(bytes.NewReader(text))
	depth := 0
	for {
		tok, err := d.Token()
		if err != nil {
			return cut(err)
		}
		switch tok {
		case json.Delim('{'):
			return firstKey(d, text)
		case json.Delim('['):
			if depth++; depth > 1000 {
				return true
			}
		case json.Delim(']'):
			if depth--; depth == 0 {
				rest := bytes.TrimLeft(text[d.InputOffset():], " \t\r\n")
				return len(rest) == 0 || rest[0] == '{' || rest[0] == '['
			}
		}
	}
}

// firstKey reports whether an object that has begun is empty or goes on with a key and a colon.
func firstKey(d *json.Decoder, text []byte) bool {
	tok, err := d.Token()
	if err != nil {
		return cut(err)
	}
	if tok == json.Delim('}') {
		return true
	}
	rest := bytes.TrimLeft(text[d.InputOffset():], " \t\r\n")
	return len(rest) == 0 || rest[0] == ':'
}

// cut reports whether a text ended before it was wrong.
func cut(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }

// isXML reports whether a text begins with a declaration, a document type, a comment or a tag; a web page is none.
func isXML(text []byte) bool {
	for _, begin := range [...]string{"<?xml", "<!--", "<!DOCTYPE "} {
		if bytes.HasPrefix(text, []byte(begin)) {
			return !bytes.Contains(bytes.ToLower(text[:min(len(text), 1024)]), []byte("<html")) &&
				!bytes.HasPrefix(bytes.ToLower(text), []byte("<!doctype html"))
		}
	}
	if len(text) < 3 || text[0] != '<' {
		return false
	}
	end := 1
	for end < len(text) && (text[end] >= 0x80 || text[end] == '_' || text[end] == ':' || end > 1 && (text[end] == '-' || text[end] == '.') ||
		end > 1 && text[end] >= '0' && text[end] <= '9' || text[end]|0x20 >= 'a' && text[end]|0x20 <= 'z') {
		end++
	}
	if end == 1 || end == len(text) || bytes.EqualFold(text[1:end], []byte("html")) {
		return false
	}
	close := bytes.IndexAny(text[end:], "<>")
	return bytes.IndexByte([]byte(" \t\r\n/>"), text[end]) >= 0 && (close < 0 || text[end+close] == '>')
}

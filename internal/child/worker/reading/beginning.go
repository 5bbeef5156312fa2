package reading

import (
	"bytes"
	"io"
	"os"

	"penstock/internal/compression"
	"penstock/internal/magic"
)

// beginning is the first bytes of a file, unpacked, as far as they can be read. name tells a
// compression that has no bytes of its own.
func beginning(path, name string) []byte {
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	src, _, err := compression.Open(f, name)
	if err != nil {
		return nil
	}
	head := make([]byte, 4096)
	n, _ := io.ReadFull(src, head)
	return head[:n]
}

// sixteen names the encoding of a file that begins with a mark of UTF-16 or has a zero in nearly
// every second byte, as Latin text in it has; else "".
func sixteen(head []byte) string {
	if bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff")) {
		return "utf-16"
	}
	zeros := [2]int{}
	for i, b := range head {
		if b == 0 {
			zeros[i%2]++
		}
	}
	switch most := len(head) * 2 / 5; {
	case len(head) < 8:
	case zeros[1] >= most && zeros[0] == 0:
		return "utf-16le"
	case zeros[0] >= most && zeros[1] == 0:
		return "utf-16be"
	}
	return ""
}

// otherFormat names a format that is not delimited text by the first bytes of a file; "" is none.
func otherFormat(head []byte) string {
	if name := magic.Format(head); name != "" {
		return name
	}
	for _, m := range [...]struct{ begin, name string }{{"<?xml", "XML"}, {"<!DOCTYPE", "a web page"}, {"<html", "a web page"}} {
		if bytes.HasPrefix(head, []byte(m.begin)) {
			return m.name
		}
	}
	text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	if bytes.HasPrefix(text, []byte("{")) || bytes.HasPrefix(text, []byte("[")) {
		return "JSON"
	}
	return ""
}

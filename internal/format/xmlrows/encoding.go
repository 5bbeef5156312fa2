package xmlrows

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// utf8Of gives the characters of a document in UTF-8: of the encoding that its byte order mark shows or its declaration names. same says
// that its bytes are as they are in src.
func utf8Of(src io.Reader) (r io.Reader, same bool, err error) {
	b := bufio.NewReaderSize(src, 64<<10)
	head, err := b.Peek(1024)
	if err != nil && err != io.EOF && err != bufio.ErrBufferFull {
		return nil, false, err
	}
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		if _, err := b.Discard(3); err != nil {
			return nil, false, err
		}
		return b, false, nil
	case bytes.HasPrefix(head, []byte("\xff\xfe\x00\x00")), bytes.HasPrefix(head, []byte("\x00\x00\xfe\xff")):
		return nil, false, fmt.Errorf("the XML file is written in UTF-32; Penstock does not support that encoding")
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("<\x00")):
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Reader(b), false, nil
	case bytes.HasPrefix(head, []byte("\xfe\xff")), bytes.HasPrefix(head, []byte("\x00<")):
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewDecoder().Reader(b), false, nil
	}
	name := declared(head)
	switch canonical(name) {
	case "", "utf8", "ascii", "usascii":
		return b, true, nil
	}
	enc := charmapOf(canonical(name))
	if enc == nil {
		return nil, false, fmt.Errorf("the XML file is written in %q; Penstock does not support that encoding", clip(name))
	}
	return enc.NewDecoder().Reader(b), false, nil
}

// declared is the encoding that <?xml version="1.0" encoding="..."?> names.
func declared(head []byte) string {
	if !bytes.HasPrefix(head, []byte("<?xml")) {
		return ""
	}
	end := bytes.Index(head, []byte("?>"))
	if end < 0 {
		return ""
	}
	_, rest, ok := bytes.Cut(head[:end], []byte("encoding"))
	rest = bytes.TrimLeft(rest, " \t\r\n=")
	if !ok || len(rest) < 2 || rest[0] != '"' && rest[0] != '\'' {
		return ""
	}
	name, _, _ := bytes.Cut(rest[1:], rest[:1])
	return string(name)
}

// canonical is a name without the marks that are written or not.
func canonical(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || r == ' ' || r == ':' {
			return -1
		}
		return r
	}, strings.ToLower(name))
}

// charmapOf finds an encoding whose characters are single bytes.
func charmapOf(name string) encoding.Encoding {
	switch name {
	case "latin1", "l1":
		name = "iso88591"
	}
	for _, prefix := range [...][2]string{{"cp125", "windows125"}, {"cp", "ibmcodepage"}, {"ibm", "ibmcodepage"}} {
		if rest, ok := strings.CutPrefix(name, prefix[0]); ok && !strings.HasPrefix(rest, "codepage") {
			name = prefix[1] + rest
			break
		}
	}
	for _, e := range charmap.All {
		if s, ok := e.(fmt.Stringer); ok && strings.Replace(canonical(s.String()), "windowscode", "ibmcode", 1) == name {
			return e
		}
	}
	return nil
}

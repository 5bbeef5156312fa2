package orc

import "penstock/internal/format/orc/wire"

// Bounds of what a file may state about itself; files of the field are far below.
const (
	maxFooter  = 64 << 20 // bytes of a footer, decompressed
	maxTypes   = 1 << 16  // columns, nested ones too
	maxStripes = 1 << 20
	maxStreams = 1 << 20 // of a stripe
	maxDepth   = 64      // nesting of types
)

// Kinds of types in a footer.
const (
	kindBoolean = iota
	kindByte
	kindShort
	kindInt
	kindLong
	kindFloat
	kindDouble
	kindString
	kindBinary
	kindTimestamp
	kindList
	kindMap
	kindStruct
	kindUnion
	kindDecimal
	kindDate
	kindVarchar
	kindChar
	kindInstant // timestamp with local time zone
	kindGeometry
	kindGeography
)

// Kinds of streams.
const (
	streamPresent = iota
	streamData
	streamLength
	streamDictionary
	streamDictionaryCount
	streamSecondary
	streamIndex
)

// Encodings of columns.
const (
	encodingDirect = iota
	encodingDictionary
	encodingDirectV2
	encodingDictionaryV2
)

// Calendars; a file that states none was written by a program that knew of none.
const (
	calendarHybrid    = 1 // Julian before 1582-10-15
	calendarProleptic = 2
)

// Writers with a number. This package writes C++'s, whose rules it follows and which every reader knows, and its own name as the software.
const (
	writerJava = 0
	writerCPP  = 1
)

// postScript is the end of a file: how to read its footer.
type postScript struct {
	footerLength   uint64
	metadataLength uint64
	codec          int
	blockSize      int
	version        []uint64
	writerVersion  uint64
	magic          string
}

func parsePostScript(data []byte) (p postScript, err error) {
	m := wire.NewMessage("postscript", data)
	for m.Next() {
		switch m.Num {
		case 1:
			p.footerLength = m.Uint()
		case 2:
			p.codec = m.Small(1 << 20)
		case 3:
			p.blockSize = m.Small(wire.MaxBlock)
		case 4:
			p.version = m.List(p.version, 8)
		case 5:
			p.metadataLength = m.Uint()
		case 6:
			p.writerVersion = m.Uint()
		case 8000:
			p.magic = m.Text()
		}
	}
	if m.Err == nil && len(p.version) > 0 && p.version[0] != 0 {
		return p, wire.Unsupported("version %d of the ORC format, which is not finished", p.version[0]+1)
	}
	return p, m.Err
}

// stripeInfo says where a stripe lies.
type stripeInfo struct {
	offset, index, data, footer uint64
	rows                        uint64
}

// typeInfo is a type as the footer has it.
type typeInfo struct {
	kind      int
	subtypes  []uint64
	names     []string
	length    int
	precision int
	scale     int
}

type footer struct {
	stripes   []stripeInfo
	types     []typeInfo
	rows      uint64
	stride    uint64
	writer    uint64
	calendar  uint64
	software  string
	encrypted bool
	members   int // subtypes and names of all types
}

func parseFooter(data []byte) (*footer, error) {
	f := &footer{}
	m := wire.NewMessage("footer", data)
	for m.Next() {
		switch m.Num {
		case 3:
			f.addStripe(m)
		case 4:
			f.addType(m)
		case 6:
			f.rows = m.Uint()
		case 8:
			f.stride = m.Uint()
		case 9:
			f.writer = m.Uint()
		case 10:
			f.encrypted = true
		case 11:
			f.calendar = m.Uint()
		case 12:
			f.software = m.Text()
		}
	}
	return f, m.Err
}

func (f *footer) addStripe(m *wire.Message) {
	var s stripeInfo
	sub := m.Sub()
	for sub.Next() {
		switch sub.Num {
		case 1:
			s.offset = sub.Uint()
		case 2:
			s.index = sub.Uint()
		case 3:
			s.data = sub.Uint()
		case 4:
			s.footer = sub.Uint()
		case 5:
			s.rows = sub.Uint()
		}
	}
	m.Done(sub)
	if f.stripes = append(f.stripes, s); len(f.stripes) > maxStripes {
		m.Fail("more than %d stripes", maxStripes)
	}
}

func (f *footer) addType(m *wire.Message) {
	var t typeInfo
	sub := m.Sub()
	for sub.Next() {
		switch sub.Num {
		case 1:
			t.kind = sub.Small(1 << 20)
		case 2:
			t.subtypes = sub.List(t.subtypes, maxTypes)
		case 3:
			if t.names = append(t.names, sub.Text()); len(t.names) > maxTypes {
				sub.Fail("more than %d fields", maxTypes)
			}
		case 4:
			t.length = sub.Small(1<<32 - 1)
		case 5:
			t.precision = sub.Small(1 << 20)
		case 6:
			t.scale = sub.Small(1 << 20)
		}
	}
	m.Done(sub)
	f.members += len(t.subtypes) + len(t.names)
	if f.types = append(f.types, t); len(f.types) > maxTypes || f.members > 2*maxTypes {
		m.Fail("more than %d types", maxTypes)
	}
}

// streamInfo is a stream of a stripe; offset is its place in the file.
type streamInfo struct {
	kind, column   int
	offset, length int64
}

type encodingInfo struct {
	kind int
	size int // of the dictionary
}

// version is that of the run length encoding of the column's integers.
func (e encodingInfo) version() int {
	if e.kind == encodingDirect || e.kind == encodingDictionary {
		return 1
	}
	return 2
}

type stripeFooter struct {
	streams   []streamInfo
	encodings []encodingInfo
	zone      string
}

// parseStripeFooter reads the footer of a stripe that begins at offset and whose streams take length bytes together.
func parseStripeFooter(data []byte, part string, offset, length int64) (*stripeFooter, error) {
	f := &stripeFooter{}
	m := wire.NewMessage(part, data)
	for m.Next() {
		switch m.Num {
		case 1:
			length = f.addStream(m, offset, length)
			offset += f.streams[len(f.streams)-1].length
		case 2:
			f.addEncoding(m)
		case 3:
			f.zone = m.Text()
		}
	}
	return f, m.Err
}

// addStream returns how many bytes are left for the streams that follow.
func (f *stripeFooter) addStream(m *wire.Message, offset, left int64) int64 {
	s := streamInfo{offset: offset}
	sub := m.Sub()
	for sub.Next() {
		switch sub.Num {
		case 1:
			s.kind = sub.Small(1 << 20)
		case 2:
			s.column = sub.Small(1<<32 - 1)
		case 3:
			if n := sub.Uint(); n <= uint64(left) {
				s.length = int64(n)
			} else {
				sub.Fail("stream %d of column %d has %d bytes, but %d are left in the stripe", s.kind, s.column, n, left)
			}
		}
	}
	m.Done(sub)
	if f.streams = append(f.streams, s); len(f.streams) > maxStreams {
		m.Fail("more than %d streams", maxStreams)
	}
	return left - s.length
}

func (f *stripeFooter) addEncoding(m *wire.Message) {
	var e encodingInfo
	sub := m.Sub()
	for sub.Next() {
		switch sub.Num {
		case 1:
			e.kind = sub.Small(1 << 20)
		case 2:
			e.size = sub.Small(1<<32 - 1)
		}
	}
	m.Done(sub)
	if f.encodings = append(f.encodings, e); len(f.encodings) > maxTypes {
		m.Fail("more than %d encodings", maxTypes)
	}
}

package orc

// Bounds of what a file may state about itself; files of the field are far below.
const (
	maxFooter  = 64 << 20 // bytes of a footer, decompressed
	maxTypes   = 1 << 16  // columns, nested ones too
	maxStripes = 1 << 20
	maxStreams = 1 << 20 // of a stripe
	maxBlock   = 1<<23 - 1
	maxDepth   = 64 // nesting of types
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

// Writers with a number.
const (
	writerJava     = 0
	writerCPP      = 1
	writerPenstock = 0x50534b // not registered, "PSK"
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
	m := message{part: "postscript", data: data}
	for m.next() {
		switch m.num {
		case 1:
			p.footerLength = m.uint()
		case 2:
			p.codec = m.small(1 << 20)
		case 3:
			p.blockSize = m.small(maxBlock)
		case 4:
			p.version = m.list(p.version, 8)
		case 5:
			p.metadataLength = m.uint()
		case 6:
			p.writerVersion = m.uint()
		case 8000:
			p.magic = m.text()
		}
	}
	if m.err == nil && len(p.version) > 0 && p.version[0] != 0 {
		return p, unsupported("version %d of the ORC format, which is not finished", p.version[0]+1)
	}
	return p, m.err
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
	hasWriter bool
	calendar  uint64
	software  string
	encrypted bool
	members   int // subtypes and names of all types
}

func parseFooter(data []byte) (*footer, error) {
	f := &footer{}
	m := &message{part: "footer", data: data}
	for m.next() {
		switch m.num {
		case 3:
			f.addStripe(m)
		case 4:
			f.addType(m)
		case 6:
			f.rows = m.uint()
		case 8:
			f.stride = m.uint()
		case 9:
			f.writer, f.hasWriter = m.uint(), true
		case 10:
			f.encrypted = true
		case 11:
			f.calendar = m.uint()
		case 12:
			f.software = m.text()
		}
	}
	return f, m.err
}

func (f *footer) addStripe(m *message) {
	var s stripeInfo
	sub := m.sub()
	for sub.next() {
		switch sub.num {
		case 1:
			s.offset = sub.uint()
		case 2:
			s.index = sub.uint()
		case 3:
			s.data = sub.uint()
		case 4:
			s.footer = sub.uint()
		case 5:
			s.rows = sub.uint()
		}
	}
	m.done(sub)
	if f.stripes = append(f.stripes, s); len(f.stripes) > maxStripes {
		m.fail("more than %d stripes", maxStripes)
	}
}

func (f *footer) addType(m *message) {
	var t typeInfo
	sub := m.sub()
	for sub.next() {
		switch sub.num {
		case 1:
			t.kind = sub.small(1 << 20)
		case 2:
			t.subtypes = sub.list(t.subtypes, maxTypes)
		case 3:
			if t.names = append(t.names, sub.text()); len(t.names) > maxTypes {
				sub.fail("more than %d fields", maxTypes)
			}
		case 4:
			t.length = sub.small(1<<32 - 1)
		case 5:
			t.precision = sub.small(1 << 20)
		case 6:
			t.scale = sub.small(1 << 20)
		}
	}
	m.done(sub)
	f.members += len(t.subtypes) + len(t.names)
	if f.types = append(f.types, t); len(f.types) > maxTypes || f.members > 2*maxTypes {
		m.fail("more than %d types", maxTypes)
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

type stripeFooter struct {
	streams   []streamInfo
	encodings []encodingInfo
	zone      string
}

// parseStripeFooter reads the footer of a stripe that begins at offset and whose streams take length bytes together.
func parseStripeFooter(data []byte, part string, offset, length int64) (*stripeFooter, error) {
	f := &stripeFooter{}
	m := &message{part: part, data: data}
	for m.next() {
		switch m.num {
		case 1:
			length = f.addStream(m, offset, length)
			offset += f.streams[len(f.streams)-1].length
		case 2:
			f.addEncoding(m)
		case 3:
			f.zone = m.text()
		}
	}
	return f, m.err
}

// addStream returns how many bytes are left for the streams that follow.
func (f *stripeFooter) addStream(m *message, offset, left int64) int64 {
	s := streamInfo{offset: offset}
	sub := m.sub()
	for sub.next() {
		switch sub.num {
		case 1:
			s.kind = sub.small(1 << 20)
		case 2:
			s.column = sub.small(1<<32 - 1)
		case 3:
			if n := sub.uint(); n <= uint64(left) {
				s.length = int64(n)
			} else {
				sub.fail("stream %d of column %d has %d bytes, but %d are left in the stripe", s.kind, s.column, n, left)
			}
		}
	}
	m.done(sub)
	if f.streams = append(f.streams, s); len(f.streams) > maxStreams {
		m.fail("more than %d streams", maxStreams)
	}
	return left - s.length
}

func (f *stripeFooter) addEncoding(m *message) {
	var e encodingInfo
	sub := m.sub()
	for sub.next() {
		switch sub.num {
		case 1:
			e.kind = sub.small(1 << 20)
		case 2:
			e.size = sub.small(1<<32 - 1)
		}
	}
	m.done(sub)
	if f.encodings = append(f.encodings, e); len(f.encodings) > maxTypes {
		m.fail("more than %d encodings", maxTypes)
	}
}

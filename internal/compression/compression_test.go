package compression_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"penstock/internal/compression"
)

// text is some data that compresses as such data does.
func text(rows int) []byte {
	var b bytes.Buffer
	for i := range rows {
		fmt.Fprintf(&b, "%d,%d\n", i, i*i)
	}
	return b.Bytes()
}

func pack(t testing.TB, c compression.Codec, data []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := compression.NewWriter(&out, c)
	if err != nil {
		t.Fatal(err)
	}
	for at := 0; at < len(data); at += 100_000 {
		if _, err := w.Write(data[at:min(at+100_000, len(data))]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// unpack opens a file under a name and returns its data and the error's text.
func unpack(data []byte, name string) (out []byte, c compression.Codec, msg string) {
	r, c, err := compression.Open(bytes.NewReader(data), name)
	if err == nil {
		out, err = io.ReadAll(r)
	}
	if err != nil {
		msg = err.Error()
		var broken *compression.Error
		if !errors.As(err, &broken) || broken.Codec != c || int64(len(out)) != broken.Out {
			msg = fmt.Sprintf("%v is a %T", err, err)
		}
	}
	return out, c, msg
}

var written = []compression.Codec{compression.None, compression.Gzip, compression.Zstd, compression.Snappy, compression.HadoopSnappy,
	compression.LZ4, compression.HadoopLZ4, compression.Deflate}

func TestWhatIsWrittenIsRead(t *testing.T) {
	for _, c := range written {
		for _, data := range [][]byte{text(60000), []byte("x"), {}, bytes.Repeat([]byte("0123456789"), 300_000)} {
			file := pack(t, c, data)
			name := "dir/a.csv" + c.Ext()
			got, seen, msg := unpack(file, name)
			if msg != "" || !bytes.Equal(got, data) || seen != c && len(file) > 0 {
				t.Errorf("%v of %d bytes: %d bytes by %v, %q", c, len(data), len(got), seen, msg)
			}
			if c != compression.None && len(data) > 1000 && len(file) > len(data)*7/8 {
				t.Errorf("%v makes %d bytes of %d", c, len(file), len(data))
			}
			r, err := compression.NewReader(iotest.OneByteReader(bytes.NewReader(file)), c, compression.Limits{})
			if len(data) > 1<<20 || len(file) == 0 {
				continue
			}
			if err == nil {
				got, err = io.ReadAll(r)
			}
			if err != nil || !bytes.Equal(got, data) {
				t.Errorf("%v of %d bytes a byte at a time: %d bytes, %v", c, len(data), len(got), err)
			}
		}
	}
	for _, c := range []compression.Codec{compression.Bzip2, compression.Zip} {
		_, err := compression.NewWriter(io.Discard, c)
		if !errors.Is(err, compression.ErrNotWritten) || !strings.Contains(err.Error(), c.String()) {
			t.Errorf("writing %v: %v", c, err)
		}
	}
}

// TestDamage cuts each file at many places and flips bits in it: the error says so, and never is less or other data taken for whole. Snappy
// and Hadoop's formats have no end of their own: a file that is cut between two blocks cannot be told from a whole one. Hadoop's have no
// checksum either.
func TestDamage(t *testing.T) {
	data := text(20000)
	for _, c := range written[1:] {
		file := pack(t, c, data)
		ends := c != compression.Snappy && c != compression.HadoopSnappy && c != compression.HadoopLZ4
		for i := range 50 {
			at := 1 + i*(len(file)-1)/50
			got, _, msg := unpack(file[:at], "a"+c.Ext())
			if at > 10 && (msg == "" && (ends || len(got)%65536 != 0) || msg != "" && !strings.Contains(msg, "cut off")) {
				t.Errorf("%v, cut after %d of %d bytes: %d bytes, %q", c, at, len(file), len(got), msg)
			}
			if !ends && c != compression.Snappy || c == compression.Deflate { // Adler-32 misses one bit in some thousands
				continue
			}
			bad := bytes.Clone(file)
			bad[at] ^= 0x10
			if got, _, msg = unpack(bad, "a"+c.Ext()); msg == "" && !bytes.Equal(got, data) && at > 10 {
				t.Errorf("%v, a bit of byte %d of %d flipped: %d bytes, no error", c, at, len(file), len(got))
			}
		}
		if _, _, msg := unpack(append(bytes.Clone(file), "rubbish, no frame"...), "a"+c.Ext()); !strings.HasPrefix(msg, "broken ") {
			t.Errorf("%v with rubbish behind: %q", c, msg)
		}
		if c == compression.Deflate {
			continue
		}
		if got, _, msg := unpack(append(bytes.Clone(file), file...), "a"+c.Ext()); msg != "" || len(got) != 2*len(data) {
			t.Errorf("%v twice: %d bytes, %q", c, len(got), msg)
		}
	}
}

// TestBrokenGzip breaks a good stream in the ways that the engine's reader does not notice.
func TestBrokenGzip(t *testing.T) {
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	w.Write(text(20000))
	w.Close()
	good := z.Bytes()
	flip := func(at int) []byte {
		b := bytes.Clone(good)
		b[at] ^= 0x10
		return b
	}
	tests := []struct {
		name string
		data []byte
		want string
	}{
		{"whole", good, ""},
		{"two members", append(bytes.Clone(good), good...), ""},
		{"half", good[:len(good)/2], "broken gzip: the stream is cut off before its end (checksum and length are missing)"},
		{"no trailer", good[:len(good)-8], "broken gzip: the stream is cut off before its end (checksum and length are missing)"},
		{"half a trailer", good[:len(good)-4], "broken gzip: the stream is cut off before its end (checksum and length are missing)"},
		{"wrong crc", flip(len(good) - 8), "broken gzip: the checksum or the length does not match the data"},
		{"wrong length", flip(len(good) - 1), "broken gzip: the checksum or the length does not match the data"},
		{"flipped byte", flip(len(good) / 2), "broken gzip: "},
		{"header only", good[:5], "broken gzip: the stream is cut off before its end (checksum and length are missing)"},
		{"garbage after", append(bytes.Clone(good), "garbage, not gzip"...), "broken gzip: this is not a gzip header"},
	}
	for _, tt := range tests {
		_, c, msg := unpack(tt.data, "any.name")
		if c != compression.Gzip || (msg == "") != (tt.want == "") || !strings.HasPrefix(msg, tt.want) {
			t.Errorf("%s: %v, got %q, want %q", tt.name, c, msg, tt.want)
		}
	}
}

// files were made by other programs: bzip2 (the second of two streams), zip, zstd and lz4 of Debian, and python-snappy. All hold
// "hello, hello, hello, hello\n".
var files = map[string]string{
	"bzip2.bin": "QlpoOTFBWSZTWT1ZXXMAAAdRAAAQQAQCRKAAMQwAkhiXligNOBQPF3JFOFCQPVldcw==",
	"bzip2.two": "QlpoOTFBWSZTWc3iCggAAAORAEAEAkSgACCqDQMAtyNRx4u5IpwoSGbxBQQAQlpoOTFBWSZTWZ88EfMAAANRAAAQQAQCRKAAISmjEIYC8oNwoe" +
		"LuSKcKEhPngj5g",
	"zstd.bin": "KLUv/SQbdQAAQGhlbGxvLCAKAQBKihHwl3sq",
	"lz4.bin":  "BCJNGGRApxAAAAB7aGVsbG8sIAcAUGVsbG8KAAAAAE1uedM=",
	"zip.bin": "UEsDBBQAAAAIAJyDfl1LIaEpDAAAABsAAAABABwAaFVUCQADSKQNa0ikDWt1eAsAAQQAAAAABAAAAADLSM3JyddRyMCkuABQSwECHgMUAAAACA" +
		"Ccg35dSyGhKQwAAAAbAAAAAQAYAAAAAAABAAAApIEAAAAAaFVUBQADSKQNa3V4CwABBAAAAAAEAAAAAFBLBQYAAAAAAQABAEcAAABHAAAAAAA=",
	"snappy.snappy": "AAAAGwAAAA4bGGhlbGxvLCBKBwAACg==",
	"snappy.sz":     "/wYAAHNOYVBwWQASAAC9QauZGxhoZWxsbywgSgcAAAo=",
}

func TestOthersFiles(t *testing.T) {
	for name, file := range files {
		data, err := base64.StdEncoding.DecodeString(file)
		if err != nil {
			t.Fatal(err)
		}
		got, c, msg := unpack(data, name)
		if want, _, _ := strings.Cut(name, "."); string(got) != "hello, hello, hello, hello\n" || c.String() != want || msg != "" {
			t.Errorf("%s: %q by %v, %q", name, got, c, msg)
		}
		for at := 15; at < len(data); at++ {
			if name == "bzip2.two" && at == 45 {
				continue // the first stream is whole
			}
			if got, _, msg := unpack(data[:at], name); !strings.Contains(msg, "cut off") {
				t.Errorf("%s cut after %d bytes: %q, %q", name, at, got, msg)
			}
		}
	}
}

func TestHadoopsBlocks(t *testing.T) {
	chunk := func(s string) string { // a literal of Snappy
		body := string([]byte{byte(len(s)), byte(len(s)-1) << 2}) + s
		return string(binary.BigEndian.AppendUint32(nil, uint32(len(body)))) + body
	}
	block := func(n int) string { return string(binary.BigEndian.AppendUint32(nil, uint32(n))) }
	for _, tt := range []struct{ in, want, msg string }{
		{block(5) + chunk("hello"), "hello", ""},
		{block(8) + chunk("hello") + chunk("you") + block(1) + chunk("!"), "helloyou!", ""},
		{block(0), "", ""},
		{block(5) + chunk("hello") + block(0) + block(2) + chunk("ab"), "helloab", ""},
		{block(9) + chunk("hello"), "hello", "broken snappy (Hadoop's blocks): the file is cut off before its end, after 5 bytes unpacked"},
		{block(4) + chunk("hello"), "", "broken snappy (Hadoop's blocks): a chunk is not Snappy, after 0 bytes unpacked"},
		{block(5) + "\xff\xff\xff\xff", "", "broken snappy (Hadoop's blocks): a chunk of 4294967295 bytes is longer than"},
		{block(5) + "\x04\x00\x00\x00", "", "broken snappy (Hadoop's blocks): the file is cut off"},
		{"\xff\xff\xff\xf0" + block(7) + "\xf0\xff\xff\xff\x0f\x00a", "", "broken snappy (Hadoop's blocks): a chunk is not Snappy"},
		{"plain,text\n1,2\n", "", "broken snappy (Hadoop's blocks): a chunk of 1848407141 bytes"},
	} {
		got, _, msg := unpack([]byte(tt.in), "x.snappy")
		if string(got) != tt.want || !strings.HasPrefix(msg, tt.msg) || (msg == "") != (tt.msg == "") {
			t.Errorf("%q: %q, %q, want %q, %q", tt.in, got, msg, tt.want, tt.msg)
		}
	}
}

func zipped(t *testing.T, method uint16, names ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range names {
		f, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: method})
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(name, "/") {
			f.Write([]byte("data of " + name))
		}
	}
	w.SetComment("a comment")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func stored(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.CreateRaw(&zip.FileHeader{Name: "s", Method: zip.Store, CRC32: 0x3610a686, CompressedSize64: 5, UncompressedSize64: 5})
	if err != nil {
		t.Fatal(err)
	}
	f.Write([]byte("hello"))
	w.Close()
	return b.Bytes()
}

func TestZip(t *testing.T) {
	one := zipped(t, zip.Deflate, "a.csv")
	with := func(at int, v byte) []byte {
		b := bytes.Clone(one)
		b[at] = v
		return b
	}
	dir := bytes.Index(one, []byte("PK\x01\x02"))
	for name, tt := range map[string]struct {
		in        []byte
		want, msg string
	}{
		"one":              {one, "data of a.csv", ""},
		"stored":           {stored(t), "hello", ""},
		"in a folder":      {zipped(t, zip.Deflate, "d/", "d/a.csv"), "data of d/a.csv", ""},
		"by macOS":         {zipped(t, zip.Deflate, "a.csv", "__MACOSX/._a.csv"), "data of a.csv", ""},
		"two":              {zipped(t, zip.Deflate, "a.csv", "b.csv"), "data of a.csv", `more than one file, "a.csv" and "b.csv"`},
		"none":             {zipped(t, zip.Deflate), "", "the archive has no file"},
		"only a folder":    {zipped(t, zip.Deflate, "d/"), "", "the archive has no file"},
		"stored, unsized":  {zipped(t, zip.Store, "a.csv"), "", "stored without its length"},
		"encrypted":        {with(6, 9), "", "encrypted"},
		"other method":     {with(8, 14), "", "method 14"},
		"wrong checksum":   {with(dir-12, one[dir-12]^1), "data of a.csv", "the checksum or the length does not match"},
		"wrong length":     {with(dir-1, 1), "data of a.csv", "the checksum or the length does not match"},
		"wrong checksum 2": {bytes.Replace(stored(t), []byte("hello"), []byte("hellO"), 1), "hellO", "the checksum or the length does not match"},
		"damaged end":      {with(dir, 'X'), "data of a.csv", "what follows an entry is neither"},
		"rubbish":          {append(bytes.Clone(one), 0), "data of a.csv", "something follows the end"},
		"no directory":     {one[:dir], "data of a.csv", "cut off"},
	} {
		got, c, msg := unpack(tt.in, "x")
		if string(got) != tt.want || c != compression.Zip || !strings.Contains(msg, tt.msg) || (msg == "") != (tt.msg == "") {
			t.Errorf("%s: %v %q, %q, want %q", name, c, got, msg, tt.msg)
		}
	}
	for at := 5; at < len(one); at++ {
		if got, _, msg := unpack(one[:at], "x"); !strings.Contains(msg, "cut off") {
			t.Errorf("cut after %d of %d bytes: %q, %q", at, len(one), got, msg)
		}
	}
}

// zeros is an endless source.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestBombs(t *testing.T) {
	for _, c := range []compression.Codec{compression.Gzip, compression.Zstd, compression.Deflate, compression.HadoopLZ4} {
		var bomb bytes.Buffer
		w, err := compression.NewWriter(&bomb, c)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.CopyN(w, zeros{}, 30<<20); err != nil {
			t.Fatal(err)
		}
		w.Close()
		r, err := compression.NewReader(bytes.NewReader(bomb.Bytes()), c, compression.Limits{Free: 1 << 20, Ratio: 100})
		if err != nil {
			t.Fatal(err)
		}
		n, err := io.Copy(io.Discard, r)
		if err == nil || !strings.Contains(err.Error(), "bombs") || n > 15<<20 {
			t.Errorf("%v: %d bytes of %d, %v", c, n, bomb.Len(), err)
		}
		if r, _, err := compression.Open(&bomb, "x"+c.Ext()); err != nil {
			t.Error(err)
		} else if n, err := io.Copy(io.Discard, r); err != nil || n != 30<<20 {
			t.Errorf("%v: zeros within the usual limits: %d bytes, %v", c, n, err)
		}
	}
}

func TestOf(t *testing.T) {
	for _, tt := range []struct {
		head, name string
		want       compression.Codec
	}{
		{"a,b\n", "x.gz", compression.None}, {"", "x.snappy", compression.None}, {"BZh9 is a word", "x.bz2", compression.None},
		{"{\"a\":1}", "x.deflate", compression.None}, {"\x78\x9c", "x.deflate", compression.Deflate}, {"\x78\x9c", "x", compression.None},
		{"\xff\x06\x00\x00sNaPpY", "x.snappy", compression.Snappy}, {"\x00\x00\x00\x05", "X.SNAPPY", compression.HadoopSnappy},
		{"\x04\x22\x4d\x18", "", compression.LZ4}, {"\x00\x00\x00\x05", "x.lz4", compression.HadoopLZ4},
		{"\x5a\x2a\x4d\x18", "x", compression.Zstd}, {"\x5a\x2a\x4d\x18", "x.lz4", compression.LZ4}, {"PK\x05\x06", "", compression.Zip},
	} {
		if got := compression.Of([]byte(tt.head), tt.name); got != tt.want {
			t.Errorf("%q %s: %v, want %v", tt.head, tt.name, got, tt.want)
		}
	}
	if got := compression.Bare("d.d/a.json.GZ") + compression.Bare("a.json") + compression.Bare("b.snappy"); got != "d.d/a.jsona.jsonb" {
		t.Error(got)
	}
	for name, want := range map[string]string{"GZIP": ".gz", "snappy": ".snappy", "none": "", "zstd": ".zst", "lz4": ".lz4", "bzip2": ".bz2"} {
		if c, err := compression.Named(name); err != nil || c.Ext() != want {
			t.Errorf("%s: %v, %v", name, c, err)
		}
	}
	if _, err := compression.Named("lzo"); err == nil || !strings.Contains(err.Error(), `"lzo"`) {
		t.Error(err)
	}
}

// TestOpener opens good and bad files of every codec one after the other in the same memory.
func TestOpener(t *testing.T) {
	var o compression.Opener
	for round := range 3 {
		for _, c := range written {
			data := text(500 + 3000*round)
			file := pack(t, c, data)
			for _, good := range []bool{true, false, true} {
				in := file
				if !good {
					in = file[:len(file)/2]
				}
				r, seen, err := o.Open(bytes.NewReader(in), "a"+c.Ext())
				var got []byte
				if err == nil {
					got, err = io.ReadAll(r)
				}
				if seen != c || good && (err != nil || !bytes.Equal(got, data)) || !good && c != compression.None && err == nil {
					t.Errorf("%v, round %d: %v, %d bytes, %v", c, round, seen, len(got), err)
				}
			}
		}
	}
	file := pack(t, compression.Gzip, text(100))
	if n := testing.AllocsPerRun(100, func() {
		r, _, _ := o.Open(bytes.NewReader(file), "x")
		io.Copy(io.Discard, r)
	}); n > 8 {
		t.Errorf("a file takes %v allocations", n)
	}
}

// TestSourceFails: a disk's error is no fault of the file.
func TestSourceFails(t *testing.T) {
	gone := errors.New("disk gone")
	for _, c := range written {
		file := pack(t, c, text(40000))
		r, _, err := compression.Open(io.MultiReader(bytes.NewReader(file[:len(file)/2]), iotest.ErrReader(gone)), "a"+c.Ext())
		if err == nil {
			_, err = io.Copy(io.Discard, r)
		}
		if !errors.Is(err, gone) || err.Error() != gone.Error() {
			t.Errorf("%v: %v", c, err)
		}
	}
}

func FuzzOpen(f *testing.F) {
	for _, c := range written[1:] {
		f.Add(pack(f, c, []byte("hello, hello, hello, hello\n")), "a"+c.Ext())
	}
	f.Add([]byte("PK\x03\x04\x14\x00\x00\x00\x08\x00"), "")
	f.Fuzz(func(t *testing.T, data []byte, name string) {
		r, c, err := compression.Open(bytes.NewReader(data), name)
		if err != nil {
			return
		}
		r = io.LimitReader(r, 64<<20)
		if n, err := io.Copy(io.Discard, r); err == nil && c == compression.None && n != int64(len(data)) {
			t.Errorf("%d bytes of %d", n, len(data))
		}
	})
}

func BenchmarkReader(b *testing.B) {
	data := text(200000)
	for _, c := range written[1:] {
		file := pack(b, c, data)
		b.Run(strings.ReplaceAll(fmt.Sprintf("%v%s", c, c.Ext()), " ", ""), func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				r, err := compression.NewReader(bytes.NewReader(file), c, compression.Limits{})
				if err != nil {
					b.Fatal(err)
				}
				if _, err := io.Copy(io.Discard, r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

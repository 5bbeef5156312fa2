// Package id makes the random identifiers of the system in the forms that AWS gives them. It is, with package clock, the only
// caller of a random source; it keeps no state and issues no sequence numbers (package meta counts).
package id

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// Bytes returns n random bytes from the operating system.
func Bytes(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // documented never to fail: it ends the program instead
	return b
}

// Hex returns 2n lower-case hexadecimal digits.
func Hex(n int) string { return hex.EncodeToString(Bytes(n)) }

// UUID returns a random (version 4) UUID in lower case.
func UUID() string {
	b := Bytes(16)
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	var text [36]byte
	at := 0
	for i, part := range [...][]byte{b[0:4], b[4:6], b[6:8], b[8:10], b[10:16]} {
		if i > 0 {
			text[at] = '-'
			at++
		}
		at += hex.Encode(text[at:], part)
	}
	return string(text[:])
}

// crockford is the alphabet of ULIDs: no I, L, O, U, in ASCII order so that text order is time order.
var crockford = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// Run returns a run id: 26 characters that sort by the millisecond t (the ULID layout: 48 bits of time, 80 random bits).
func Run(t time.Time) string {
	ms := uint64(t.UnixMilli())
	var b [17]byte // 130 bits of text hold 128 bits of id: two leading zero bits, then the id, six bits of padding dropped
	id := make([]byte, 16)
	for i := range 6 {
		id[i] = byte(ms >> (40 - 8*i))
	}
	copy(id[6:], Bytes(10))
	var carry byte
	for i, v := range id {
		b[i] = carry | v>>2
		carry = v << 6
	}
	b[16] = carry
	return crockford.EncodeToString(b[:])[:26]
}

// IsRun says whether a text has the form of a run id.
func IsRun(s string) bool {
	return len(s) == 26 && s[0] <= '7' && strings.Trim(s, "0123456789ABCDEFGHJKMNPQRSTVWXYZ") == ""
}

// RunPrefix is what the ids of runs of the millisecond t begin with.
func RunPrefix(t time.Time) string { return Run(t)[:10] }

// Time is when a run's id was made.
func Time(run string) (time.Time, error) {
	if !IsRun(run) {
		return time.Time{}, fmt.Errorf("%q is no run's id: 26 digits and upper-case letters", run)
	}
	var ms int64
	for _, c := range run[:10] {
		ms = ms<<5 | int64(strings.IndexRune("0123456789ABCDEFGHJKMNPQRSTVWXYZ", c))
	}
	return time.UnixMilli(ms), nil
}

// JobRun returns a Glue job run id: "jr_" and 64 hexadecimal digits.
func JobRun() string { return "jr_" + Hex(32) }

// Version returns an S3 version id: 32 characters of URL-safe text.
func Version() string { return base64.RawURLEncoding.EncodeToString(Bytes(24)) }

// Upper returns n random characters of A-Z and 2-7, the alphabet of access key ids.
func Upper(n int) string {
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(Bytes(n))[:n]
}

package pgwire

import (
	"encoding/binary"
	"math"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgproto3"
)

// decodeArgs turns Bind's parameters into text. redshift says that one of Redshift's own drivers sent them.
func decodeArgs(m *pgproto3.Bind, oids []uint32, redshift bool) ([]Arg, error) {
	if len(m.Parameters) != len(oids) {
		return nil, protocolError("bind message supplies %d parameters, but prepared statement \"%s\" requires %d", len(m.Parameters),
			m.PreparedStatement, len(oids))
	}
	codes := m.ParameterFormatCodes
	if len(codes) > 1 && len(codes) != len(oids) {
		return nil, protocolError("bind message has %d parameter formats but %d parameters", len(codes), len(oids))
	}
	args := make([]Arg, len(oids))
	for i, b := range m.Parameters {
		args[i] = Arg{OID: oids[i], Null: b == nil}
		if b == nil {
			continue
		}
		code := int16(0)
		switch {
		case len(codes) == 1:
			code = codes[0]
		case len(codes) > 1:
			code = codes[i]
		}
		text, ok := argText(b, oids[i], code, redshift)
		if !ok {
			return nil, &Error{Code: "22P03", Message: "incorrect binary data format in bind parameter " + string(appendInt(nil, int64(i+1)))}
		}
		if !utf8.ValidString(text) {
			return nil, &Error{Code: "22021", Message: "invalid byte sequence for encoding \"UTF8\" in bind parameter " +
				string(appendInt(nil, int64(i+1)))}
		}
		args[i].Text = text
	}
	return args, nil
}

// argText gives the text form of one parameter; ok is false when the bytes do not suit the type.
func argText(b []byte, oid uint32, code int16, redshift bool) (string, bool) {
	if code == 0 {
		return string(b), true
	}
	if code != 1 {
		return "", false
	}
	switch oid {
	case Bool:
		if len(b) != 1 {
			return "", false
		}
		return map[bool]string{true: "t", false: "f"}[b[0] != 0], true
	case Numeric:
		return numericText(b)
	case TimeTZ, Interval:
		return zonedText(b, oid, redshift)
	case Bytea, Varbyte:
		return string(appendHex(nil, b)), true
	case Text, Varchar, BPChar, Unknown, Name, Char, 0:
		return string(b), true
	}
	return fixedText(b, oid)
}

// fixedText decodes the types whose binary form has a fixed width.
func fixedText(b []byte, oid uint32) (string, bool) {
	if w := size(oid); w < 0 || len(b) != int(w) {
		return "", false
	}
	var v int64
	for _, x := range b {
		v = v<<8 | int64(x)
	}
	var out []byte
	switch oid {
	case Int2:
		out = appendInt(nil, int64(int16(v)))
	case Int4:
		out = appendInt(nil, int64(int32(v)))
	case Int8, OID:
		out = appendInt(nil, v)
	case Float4:
		out = appendFloat(nil, float64(math.Float32frombits(uint32(v))), true, 1)
	case Float8:
		out = appendFloat(nil, math.Float64frombits(uint64(v)), false, 1)
	case Date:
		out = appendDateOnly(nil, dateFrom(int32(v)))
	case Time:
		if v < 0 || v > dayMicros {
			return "", false
		}
		out = appendTime(nil, v)
	case Timestamp, TimestampTZ:
		at, ok := timestampFrom(int64(binary.BigEndian.Uint64(b)))
		if !ok {
			return "", false
		}
		out = appendTimestamp(nil, at, oid == TimestampTZ)
	default:
		return "", false
	}
	return string(out), true
}

func dateFrom(v int32) int32 {
	switch v {
	case math.MaxInt32:
		return infinityDays
	case math.MinInt32:
		return -infinityDays
	}
	if v > math.MaxInt32-epochDays-1 {
		return infinityDays
	}
	return v + epochDays
}

func timestampFrom(v int64) (int64, bool) {
	switch v {
	case math.MaxInt64:
		return infinityMicros, true
	case math.MinInt64:
		return -infinityMicros, true
	}
	return v + epochMicros, v < math.MaxInt64-epochMicros
}

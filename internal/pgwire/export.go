package pgwire

// AppendFloat appends a number with the fewest digits that read back the same.
func AppendFloat(dst []byte, v float64) []byte { return appendFloat(dst, v, false, 1) }

// AppendHex appends bytes in hexadecimal.
func AppendHex(dst, v []byte) []byte { return appendHex(dst, v) }

// AppendDate appends a date given in days since 1970-01-01.
func AppendDate(dst []byte, days int32) []byte { return appendDateOnly(dst, days) }

// AppendTime appends a time of day given in microseconds.
func AppendTime(dst []byte, micros int64) []byte { return appendTime(dst, micros) }

// AppendTimestamp appends an instant in microseconds since 1970-01-01, with +00 when zone is set.
func AppendTimestamp(dst []byte, micros int64, zone bool) []byte {
	return appendTimestamp(dst, micros, zone)
}

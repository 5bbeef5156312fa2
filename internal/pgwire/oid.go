package pgwire

// OIDs of the types that Redshift shows its clients.
const (
	Bool        = 16
	Bytea       = 17
	Char        = 18
	Name        = 19
	Int8        = 20
	Int2        = 21
	Int4        = 23
	Text        = 25
	OID         = 26
	Float4      = 700
	Float8      = 701
	Unknown     = 705
	BPChar      = 1042
	Varchar     = 1043
	Date        = 1082
	Time        = 1083
	Timestamp   = 1114
	TimestampTZ = 1184
	Interval    = 1186
	TimeTZ      = 1266
	Numeric     = 1700
	HLLSketch   = 2935
	Super       = 4000
	Varbyte     = 6551
)

// size is pg_type.typlen.
func size(oid uint32) int16 {
	switch oid {
	case Bool, Char:
		return 1
	case Int2:
		return 2
	case Int4, OID, Float4, Date:
		return 4
	case Int8, Float8, Time, Timestamp, TimestampTZ:
		return 8
	case TimeTZ:
		return 12
	case Interval:
		return 16
	case Name:
		return 64
	}
	return -1
}

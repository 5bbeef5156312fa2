package policy

import (
	"bytes"
	"encoding/base64"
	"math/big"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"penstock/internal/pattern"
)

// compare reports whether a value of a request is as one of the policy's wants it. What cannot be read as the operator's type is not.
func compare(name, want, value string, r *Request, variables bool) bool {
	switch {
	case strings.HasPrefix(name, "String"), strings.HasPrefix(name, "Arn"):
		return compareText(name, want, value, r, variables)
	case strings.HasPrefix(name, "Numeric"):
		a, b := number(value), number(want)
		return a != nil && b != nil && ordered(strings.TrimPrefix(name, "Numeric"), a.Cmp(b))
	case strings.HasPrefix(name, "Date"):
		a, okA := date(value)
		b, okB := date(want)
		return okA && okB && ordered(strings.TrimPrefix(name, "Date"), a.Compare(b))
	case name == "Bool":
		return boolean(want) && strings.EqualFold(want, value)
	case name == "BinaryEquals":
		a, errA := base64.StdEncoding.DecodeString(value)
		b, errB := base64.StdEncoding.DecodeString(want)
		return errA == nil && errB == nil && bytes.Equal(a, b)
	}
	prefix, okP := network(want)
	addr, err := netip.ParseAddr(value)
	return okP && err == nil && prefix.Contains(addr.Unmap().WithZone(""))
}

func compareText(name, want, value string, r *Request, variables bool) bool {
	g, ok := compile(want, name == "StringLike" || strings.HasPrefix(name, "Arn"), variables, r)
	switch {
	case !ok:
		return false
	case strings.HasPrefix(name, "Arn"):
		return g.matchARN(value)
	case name == "StringEqualsIgnoreCase":
		return g.fold().matches(glob(value).fold())
	}
	return g.matches([]rune(value))
}

func ordered(name string, cmp int) bool {
	switch name {
	case "Equals":
		return cmp == 0
	case "LessThan":
		return cmp < 0
	case "LessThanEquals":
		return cmp <= 0
	case "GreaterThan":
		return cmp > 0
	}
	return cmp >= 0
}

var decimal = pattern.Lazy(`^[+-]?([0-9]{1,64}(\.[0-9]{0,64})?|\.[0-9]{1,64})$`)

// number is exact, and nil for what is none. It takes no exponent: 1e999999999 would be a number of that many digits.
func number(s string) *big.Rat {
	if !decimal().MatchString(s) {
		return nil
	}
	n, _ := new(big.Rat).SetString(s)
	return n
}

// date reads the W3C forms of ISO 8601 and seconds since 1970. Four digits are a year.
func date(s string) (time.Time, bool) {
	for _, layout := range []string{"2006", "2006-01", "2006-01-02", "2006-01-02T15:04Z07:00", time.RFC3339Nano} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return time.Unix(n, 0), err == nil
}

func boolean(s string) bool { return strings.EqualFold(s, "true") || strings.EqualFold(s, "false") }

// network reads a CIDR block, or an address, which is a block of one.
func network(s string) (netip.Prefix, bool) {
	if addr, err := netip.ParseAddr(s); err == nil && addr.Zone() == "" {
		addr = addr.Unmap()
		return netip.PrefixFrom(addr, addr.BitLen()), true
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return p, false
	}
	if p.Addr().Is4In6() && p.Bits() >= 96 {
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	return p, true
}

// readable reports whether a policy's value can be one of the operator's type.
func readable(name, value string) bool {
	switch {
	case strings.HasPrefix(name, "Numeric"):
		return number(value) != nil
	case strings.HasPrefix(name, "Date"):
		_, ok := date(value)
		return ok
	case name == "Bool", name == "Null":
		return boolean(value)
	case name == "BinaryEquals":
		_, err := base64.StdEncoding.DecodeString(value)
		return err == nil
	}
	return true
}

package catalog

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"penstock/internal/schema"
)

func itoa(n int) string { return strconv.Itoa(n) }

// A number is an exact decimal: 0.digits times ten to the power of exp, without leading or trailing zeros in digits. Zero has no
// digits. Partition keys are compared without going through a float.
type number struct {
	negative bool
	digits   string
	exp      int
}

var errNotNumber = errors.New("not a number")

// maxExponent bounds what an exponent may say, far beyond any decimal.
const maxExponent = 1 << 20

// parseNumber reads -12, 3.50, .5 and 1e3.
func parseNumber(s string) (number, error) {
	var n number
	rest := s
	if strings.HasPrefix(rest, "-") || strings.HasPrefix(rest, "+") {
		n.negative = rest[0] == '-'
		rest = rest[1:]
	}
	mantissa, exponent, hasExponent := strings.Cut(strings.ToLower(rest), "e")
	if hasExponent {
		e, err := strconv.Atoi(exponent)
		if err != nil || e > maxExponent || e < -maxExponent {
			return number{}, errNotNumber
		}
		n.exp = e
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	all := whole + fraction
	if all == "" || strings.IndexFunc(all, func(r rune) bool { return r < '0' || r > '9' }) >= 0 {
		return number{}, errNotNumber
	}
	n.exp += len(whole)
	stripped := strings.TrimLeft(all, "0")
	n.exp -= len(all) - len(stripped)
	n.digits = strings.TrimRight(stripped, "0")
	if n.digits == "" {
		return number{}, nil
	}
	return n, nil
}

func (n number) sign() int {
	switch {
	case n.digits == "":
		return 0
	case n.negative:
		return -1
	}
	return 1
}

func (n number) integral() bool { return n.digits == "" || n.exp >= len(n.digits) }

func (n number) compare(o number) int {
	if s, t := n.sign(), o.sign(); s != t || s == 0 {
		return s - t
	}
	c := n.exp - o.exp
	if c == 0 {
		c = strings.Compare(n.digits, o.digits)
	}
	if n.negative {
		return -c
	}
	return c
}

// A value is a partition value or a literal, read as its key's type.
type value struct {
	text string // text, date and timestamp; the last two in a form whose byte order is their order
	num  number
}

// readValue reads text as a value of kind; the error says what it is not.
func readValue(k schema.Kind, text string) (value, error) {
	switch {
	case k.Text():
		return value{text: text}, nil
	case k.Integer():
		n, err := parseNumber(text)
		if err != nil || !n.integral() {
			return value{}, errors.New(strconv.Quote(text) + " is not an integer.")
		}
		return value{num: n}, nil
	case k == schema.Decimal:
		n, err := parseNumber(text)
		if err != nil {
			return value{}, errors.New(text + " is not a decimal.")
		}
		return value{num: n}, nil
	case k == schema.Date:
		if _, err := time.Parse("2006-01-02", text); err != nil {
			return value{}, errors.New(text + " is not a date.")
		}
		return value{text: text}, nil
	}
	return readTimestamp(text)
}

func readTimestamp(text string) (value, error) {
	whole, fraction, _ := strings.Cut(text, ".")
	_, err := time.Parse("2006-01-02 15:04:05", whole)
	if err != nil || len(fraction) > 9 || strings.IndexFunc(fraction, func(r rune) bool { return r < '0' || r > '9' }) >= 0 {
		return value{}, errors.New("Timestamp format must be yyyy-mm-dd hh:mm:ss[.fffffffff] " + text + " is not a timestamp.")
	}
	return value{text: whole + "." + fraction + "000000000"[len(fraction):]}, nil
}

func compareValues(k schema.Kind, a, b value) int {
	if k.Numeric() {
		return a.num.compare(b.num)
	}
	return strings.Compare(a.text, b.text)
}

// comparable reports whether partition expressions can compare keys of kind k.
func comparableKind(k schema.Kind) bool {
	return k.Text() || k.Integer() || k == schema.Decimal || k == schema.Date || k == schema.Timestamp
}

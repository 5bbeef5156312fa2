package intrinsic

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"penstock/internal/asl/value"
)

// maxText is the longest text that the encoding and hash functions take, in characters, as AWS says.
const maxText = 10000

func text(v value.Value, what string) (string, error) {
	s, ok := v.(string)
	if !ok {
		return "", fmt.Errorf("the %s must be a string, not %s", what, value.Kind(v))
	}
	return s, nil
}

func short(v value.Value) (string, error) {
	s, err := text(v, "argument")
	if err == nil && utf8.RuneCountInString(s) > maxText {
		return "", fmt.Errorf("the argument is longer than %d characters", maxText)
	}
	return s, err
}

func base64Encode(_ Env, args []value.Value) (value.Value, error) {
	s, err := short(args[0])
	return base64.StdEncoding.EncodeToString([]byte(s)), err
}

func base64Decode(_ Env, args []value.Value) (value.Value, error) {
	s, err := short(args[0])
	if err != nil {
		return nil, err
	}
	return strings.ToValidUTF8(string(decode(s)), "\uFFFD"), nil
}

// decode reads base64 as leniently as AWS does: of either alphabet, without what is in neither, up to the padding.
func decode(s string) []byte {
	s, _, _ = strings.Cut(s, "=")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '-':
			return '+'
		case r == '_':
			return '/'
		case r < utf8.RuneSelf && (r == '+' || r == '/' || unicode.IsLetter(r) || unicode.IsDigit(r)):
			return r
		}
		return -1
	}, s)
	if len(s)%4 == 1 { // six bits are no byte
		s = s[:len(s)-1]
	}
	b, _ := base64.RawStdEncoding.DecodeString(s) // nothing is left that it refuses
	return b
}

func hash(_ Env, args []value.Value) (value.Value, error) {
	data, ok := args[0].(string)
	if !ok {
		data = value.Text(args[0])
	}
	if utf8.RuneCountInString(data) > maxText {
		return nil, fmt.Errorf("the data is longer than %d characters", maxText)
	}
	algorithm, err := text(args[1], "algorithm")
	if err != nil {
		return nil, err
	}
	var sum []byte
	switch b := []byte(data); algorithm {
	case "MD5":
		h := md5.Sum(b)
		sum = h[:]
	case "SHA-1":
		h := sha1.Sum(b)
		sum = h[:]
	case "SHA-256":
		h := sha256.Sum256(b)
		sum = h[:]
	case "SHA-384":
		h := sha512.Sum384(b)
		sum = h[:]
	case "SHA-512":
		h := sha512.Sum512(b)
		sum = h[:]
	default:
		return nil, fmt.Errorf("the algorithm %q is none of MD5, SHA-1, SHA-256, SHA-384, SHA-512", algorithm)
	}
	return hex.EncodeToString(sum), nil
}

// format fills the {} of a template; its literal text still carries the backslashes of \{, \} and \\.
func format(_ Env, args []value.Value) (value.Value, error) {
	t, err := text(args[0], "template")
	if err != nil {
		return nil, err
	}
	rest := args[1:]
	var b strings.Builder
	for i := 0; i < len(t); i++ {
		switch {
		case t[i] == '\\' && i+1 < len(t) && strings.IndexByte(`{}\'`, t[i+1]) >= 0:
			i++
			b.WriteByte(t[i])
		case strings.HasPrefix(t[i:], "{}"):
			if len(rest) == 0 {
				return nil, errors.New("there are more {} in the template than arguments")
			}
			b.WriteString(value.Display(rest[0]))
			rest = rest[1:]
			i++
		default:
			b.WriteByte(t[i])
		}
	}
	if len(rest) > 0 {
		return nil, errors.New("there are more arguments than {} in the template")
	}
	return b.String(), nil
}

// stringSplit cuts at every character of the separator and leaves out empty parts, as AWS does.
func stringSplit(_ Env, args []value.Value) (value.Value, error) {
	s, err := text(args[0], "first argument")
	if err != nil {
		return nil, err
	}
	sep, err := text(args[1], "separator")
	if err != nil {
		return nil, err
	}
	out := []value.Value{}
	for _, part := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(sep, r) }) {
		out = append(out, part)
	}
	return out, nil
}

func uuid(env Env, _ []value.Value) (value.Value, error) { return env.UUID(), nil }

package meta

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
)

// tokenVersion begins every page token; a later layout takes another letter.
const tokenVersion = "1"

// ErrToken is answered for a token that this program did not make for this request.
var ErrToken = errors.New("the page token is not valid for this request")

// FilterHash condenses the parts of a request that select rows. A token of one selection is refused by another.
func FilterHash(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil)[:6])
}

// Token makes an opaque page token: the next page begins after lastKey of the same selection.
func Token(filterHash, lastKey string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(tokenVersion + filterHash + "\x00" + lastKey))
}

// ParseToken returns the last key of the page before.
func ParseToken(token, filterHash string) (lastKey string, err error) {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return "", ErrToken
	}
	rest, ok := strings.CutPrefix(string(raw), tokenVersion+filterHash+"\x00")
	if !ok {
		return "", ErrToken
	}
	return rest, nil
}

package logstore

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// A cursor is a place between two events in the order (timestamp, arrival).
type cursor struct{ ts, id int64 }

func cursorOf(e Stored) cursor { return cursor{e.Time.UnixMilli(), e.ID} }

// tokenVersion stands in every token; it rises when the layout changes, and old tokens are then refused.
const tokenVersion = "1"

func hashText(s string) string {
	h := sha256.Sum256([]byte(s))
	return hex.EncodeToString(h[:4])
}

// streamToken is the token of GetLogEvents: direction "f" or "b", version, hash of the query, last key.
func streamToken(direction, hash string, at cursor) string {
	return fmt.Sprintf("%s/%s%s%016x%016x/s", direction, tokenVersion, hash, uint64(at.ts), uint64(at.id))
}

func parseStreamToken(token, hash string) (forward bool, at cursor, err error) {
	p := strings.Split(token, "/")
	if len(p) != 3 || (p[0] != "f" && p[0] != "b") || p[2] != "s" {
		return false, cursor{}, ErrBadToken
	}
	at, err = parseBody(p[1], hash)
	return p[0] == "f", at, err
}

// groupToken is the token of a filter over a group.
func groupToken(hash string, at cursor) string {
	return fmt.Sprintf("%s%s%016x%016x", tokenVersion, hash, uint64(at.ts), uint64(at.id))
}

func parseBody(body, hash string) (cursor, error) {
	rest, ok := strings.CutPrefix(body, tokenVersion+hash)
	if !ok || len(rest) != 32 {
		return cursor{}, ErrBadToken
	}
	var ts, id uint64
	if _, err := fmt.Sscanf(rest, "%016x%016x", &ts, &id); err != nil {
		return cursor{}, ErrBadToken
	}
	return cursor{int64(ts), int64(id)}, nil
}

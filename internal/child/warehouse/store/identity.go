package store

import (
	"fmt"
	"strings"
)

// An Identity says how an IDENTITY column numbers its rows. In the file it is text: always:SEED,STEP:SEQUENCE or default:...
type Identity struct {
	ByDefault  bool // a statement may give values of its own
	Seed, Step int64
	Sequence   string // its quoted name; "" before it is made
}

// String is the text in the file; "" for nil.
func (i *Identity) String() string {
	if i == nil {
		return ""
	}
	kind := "always"
	if i.ByDefault {
		kind = "default"
	}
	text := fmt.Sprintf("%s:%d,%d", kind, i.Seed, i.Step)
	if i.Sequence != "" {
		text += ":" + i.Sequence
	}
	return text
}

// parseIdentity reads what String writes.
func parseIdentity(text string) (*Identity, error) {
	if text == "" {
		return nil, nil
	}
	kind, rest, _ := strings.Cut(text, ":")
	numbers, sequence, _ := strings.Cut(rest, ":")
	i := &Identity{ByDefault: kind == "default", Sequence: sequence}
	if _, err := fmt.Sscanf(numbers, "%d,%d", &i.Seed, &i.Step); err != nil || kind != "default" && kind != "always" {
		return nil, fmt.Errorf("%q is no identity", text)
	}
	return i, nil
}

package api

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
)

// Reads says of an operation that it changes nothing, where its name does not. A call of it needs no token.
func Reads() Option { return func(o *Op) { o.effect = reads } }

// Changes says of an operation that it changes something, where its name does not.
func Changes() Option { return func(o *Op) { o.effect = changes } }

type effect int

const (
	unknown effect = iota
	reads
	changes
)

// verbs are the first words of AWS's operation names, with what an operation of that name does. What stands here under neither says so
// by Reads or Changes; apitest.Check finds those that do not.
var verbs = map[effect][]string{ //nolint:gochecknoglobals // a constant in all but Go's syntax
	reads: {"BatchGet", "Describe", "Filter", "Get", "Head", "List", "Search", "Validate"},
	changes: {"Abort", "Assume", "Attach", "BatchCreate", "BatchDelete", "BatchExecute", "BatchStop", "BatchUpdate", "Cancel", "Complete",
		"Confirm", "Create", "Delete", "Detach", "Disable", "Enable", "Execute", "Publish", "Put", "Set", "Start", "Stop", "Subscribe", "Tag",
		"Unsubscribe", "Untag", "Update", "Upload"},
}

// Effect says whether an operation changes something; known is false when neither its name nor an option tells.
func (o Op) Effect() (changing, known bool) {
	if o.effect != unknown {
		return o.effect == changes, true
	}
	for e, words := range verbs {
		for _, w := range words {
			if rest, ok := strings.CutPrefix(o.Name, w); ok && (rest == "" || strings.ToLower(rest[:1]) != rest[:1]) {
				return e == changes, true
			}
		}
	}
	return true, false
}

// once runs the handler, or answers a repeat of a call whose token the store knows with the first answer. The handler's own calls of
// other operations carry no token: it names this call alone.
func (t *Table) once(ctx context.Context, s *tableService, o *tableOp, in any, raw json.RawMessage) (any, error) {
	token := TokenOf(ctx)
	if token == "" {
		return t.call(ctx, s, o, in)
	}
	ctx = WithToken(ctx, "")
	if changing, _ := o.Effect(); !changing || t.Once == nil {
		return t.call(ctx, s, o, in)
	}
	var out any
	answer, repeated, err := t.Once(ctx, token, s.Name, o.Name, raw, func(ctx context.Context) (answer []byte, err error) {
		if out, err = t.call(ctx, s, o, in); err != nil {
			return nil, err
		}
		return EncodeRaw(out)
	})
	if err != nil || !repeated {
		return out, err
	}
	out = reflect.New(o.Out).Interface()
	if err := DecodeRaw(answer, out, s.unions); err != nil {
		return nil, fmt.Errorf("the first answer to the token %s: %w", token, err)
	}
	return out, nil
}

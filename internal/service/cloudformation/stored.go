package cloudformation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"penstock/internal/api"
	"penstock/internal/service/cloudformation/template"
)

// lookup reads parameters of Parameter Store as the caller. What known has is not read again, and what is read is added to it, unless it is
// nil: so an operation carries out what it was planned with, however the parameters change meanwhile.
func (s *Service) lookup(ctx context.Context, known map[string]template.Stored) template.Lookup {
	var mu sync.Mutex // resources are worked on at the same time
	return func(selector string) (template.Stored, bool, error) {
		mu.Lock()
		defer mu.Unlock()
		if p, ok := known[selector]; ok {
			return p, true, nil
		}
		p, ok, err := s.storedParameter(ctx, selector)
		if ok && known != nil {
			known[selector] = p
		}
		return p, ok, err
	}
}

// storedParameter asks Parameter Store. Its refusal is a mistake of the template, in its words.
func (s *Service) storedParameter(ctx context.Context, selector string) (p template.Stored, ok bool, err error) {
	in, err := json.Marshal(map[string]any{"Names": []string{selector}})
	if err != nil {
		return p, false, fmt.Errorf("encode the name of a parameter: %w", err)
	}
	out, err := s.Invoker.Invoke(ctx, "ssm", "GetParameters", json.RawMessage(in))
	var refused *api.Error
	if errors.As(err, &refused) && refused.Status < 500 {
		return p, false, &template.Error{Text: refused.Message}
	}
	if err != nil {
		return p, false, err
	}
	raw, isRaw := out.(json.RawMessage)
	var found struct{ Parameters []template.Stored }
	if err := json.Unmarshal(raw, &found); !isRaw || err != nil {
		return p, false, fmt.Errorf("GetParameters answered %T: %w", out, err)
	}
	if len(found.Parameters) == 0 {
		return p, false, nil
	}
	return found.Parameters[0], true, nil
}

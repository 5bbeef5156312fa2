package sts

import (
	"context"
	"fmt"
	"strings"
	"time"

	"penstock/internal/meta"
)

// Keys are temporary keys of a role.
type Keys struct {
	ID, Secret, Token string
	Expires           time.Time
}

// Lend makes keys of a role, given by name or ARN, for a process that the server starts. They end after their life, by Return, or with
// this start of the server, whichever is first: a process that an earlier start has left can do nothing with its own. The role's longest
// session does not bound their life, since AWS's services renew theirs.
func (s *Service) Lend(ctx context.Context, role, name string, life time.Duration) (Keys, error) {
	arn, uniqueID, _, err := s.find(ctx, role[strings.LastIndexByte(role, '/')+1:])
	if err != nil {
		return Keys{}, fmt.Errorf("keys of role %s: %w", role, err)
	}
	x := session{arn: assumed(arn, name), userID: uniqueID + ":" + name, expires: s.Clock.Now().Add(life), lent: true}
	key, x, err := s.begin(ctx, x)
	if err != nil {
		return Keys{}, fmt.Errorf("keys of role %s: %w", role, err)
	}
	return Keys{ID: key, Secret: x.secret, Token: x.token(key), Expires: x.expires}, nil
}

// Return ends keys that were lent; it does nothing to others. Before it returns no call can be signed with them any more, even if it fails:
// then the row stays, which the next start removes.
func (s *Service) Return(ctx context.Context, accessKeyID string) error {
	if !s.forgetLent(accessKeyID) {
		return nil
	}
	err := s.Meta.Update(ctx, func(tx *meta.Tx) error {
		_, err := tx.Exec(`DELETE FROM sts_sessions WHERE access_key = ? AND lent = 1`, accessKeyID)
		return err
	})
	if err != nil {
		return fmt.Errorf("remove the row of keys that have ended (%s): %w", accessKeyID, err)
	}
	return nil
}

// forgetLent ends keys in memory, and reports whether they were lent.
func (s *Service) forgetLent(key string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	lent := s.sessions[key].lent
	if lent {
		delete(s.sessions, key)
	}
	return lent
}

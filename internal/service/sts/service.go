// Package sts is the Security Token Service: who am I, and temporary keys of a role. The keys work at the door until they expire, also
// after a restart. Trust policies are not enforced yet: any caller may assume any role that exists.
// API: https://docs.aws.amazon.com/STS/latest/APIReference/.
package sts

import (
	"context"
	"crypto/hmac"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"

	"penstock/internal/api"
	"penstock/internal/arn"
	"penstock/internal/id"
	"penstock/internal/meta"
	"penstock/internal/module"
	"penstock/internal/pattern"
)

// Schema is the service's part of the metadata database.
var Schema = meta.Schema{Name: "sts", Migrations: []string{`
CREATE TABLE sts_sessions (
  access_key TEXT PRIMARY KEY,
  secret     TEXT NOT NULL,
  arn        TEXT NOT NULL,
  user_id    TEXT NOT NULL,
  expires    INTEGER NOT NULL
);
`, `
ALTER TABLE sts_sessions ADD COLUMN lent INTEGER NOT NULL DEFAULT 0; -- to a process of one start of the server
`}}

// A Role finds a role by name: iam.Service.Lookup.
type Role func(ctx context.Context, name string) (arn, uniqueID string, longest time.Duration, err error)

// A Service answers the operations and knows the secrets of the sessions it has begun.
type Service struct {
	module.Env
	find     Role
	mu       sync.RWMutex
	sessions map[string]session
}

type session struct {
	secret, arn, userID string
	expires             time.Time
	lent                bool // to a process of this start
}

// New returns the service; Load makes it know the sessions of earlier starts.
func New(env module.Env, find Role) *Service {
	return &Service{Env: env, find: find, sessions: map[string]session{}}
}

// Module is what the server runs.
func (s *Service) Module() module.Module {
	return module.Module{API: s.API(), Schema: Schema, Load: s.Load}
}

// API lists the operations.
func (s *Service) API() api.Service {
	return api.Service{Name: "sts", Global: true, Access: access(), SDK: "Sts", Ops: []api.Op{
		api.Handle(s.GetCallerIdentity),
		api.Handle(s.AssumeRole, api.Honours("RoleArn", "RoleSessionName", "DurationSeconds"),
			api.Inert("ExternalId", "a condition of trust policies, which are not enforced yet")),
	}}
}

// Load reads the sessions that have not expired and forgets the others, and those that an earlier start lent.
func (s *Service) Load(ctx context.Context) error {
	now := s.Clock.Now().Unix()
	err := s.Meta.Update(ctx, func(tx *meta.Tx) error {
		_, err := tx.Exec(`DELETE FROM sts_sessions WHERE expires <= ? OR lent = 1`, now)
		return err
	})
	if err != nil {
		return fmt.Errorf("forget expired sessions: %w", err)
	}
	err = s.Meta.View(ctx, func(tx *meta.Tx) error {
		rows, err := tx.Query(`SELECT access_key, secret, arn, user_id, expires FROM sts_sessions`)
		if err != nil {
			return err
		}
		defer rows.Close()
		s.mu.Lock()
		defer s.mu.Unlock()
		for rows.Next() {
			var key string
			var x session
			var expires int64
			if err := rows.Scan(&key, &x.secret, &x.arn, &x.userID, &expires); err != nil {
				return err
			}
			x.expires = time.Unix(expires, 0)
			s.sessions[key] = x
		}
		return rows.Err()
	})
	if err != nil {
		return fmt.Errorf("load sessions: %w", err)
	}
	return nil
}

func (s *Service) know(key string, x session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sessions[key] = x
}

// Lookup finds the secret of a temporary key, for the verification of signatures (a sigv4.Keys).
func (s *Service) Lookup(accessKeyID string) (secret string, p api.Principal, ok bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	x, ok := s.sessions[accessKeyID]
	if !ok || !s.Clock.Now().Before(x.expires) {
		return "", api.Principal{}, false
	}
	return x.secret, api.Principal{ARN: x.arn, Account: s.Account, AccessKeyID: accessKeyID, UserID: x.userID,
		SessionToken: x.token(accessKeyID)}, true
}

// token is the session's token. It is made of the key, so that it need not be stored, and cannot be made without the secret.
func (x session) token(accessKeyID string) string {
	h := hmac.New(sha512.New, []byte(x.secret))
	h.Write([]byte("session token of " + accessKeyID))
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// GetCallerIdentity says who signed the call.
func (s *Service) GetCallerIdentity(ctx context.Context, _ *sts.GetCallerIdentityInput) (*sts.GetCallerIdentityOutput, error) {
	p, ok := api.PrincipalOf(ctx)
	if !ok {
		return nil, errors.New("no principal")
	}
	user := p.Account
	s.mu.RLock()
	defer s.mu.RUnlock()
	if x, ok := s.sessions[p.AccessKeyID]; ok {
		user = x.userID
	}
	return &sts.GetCallerIdentityOutput{Account: aws.String(p.Account), Arn: aws.String(p.ARN), UserId: aws.String(user)}, nil
}

var sessionPattern = pattern.Lazy(`^[\w+=,.@-]{2,64}$`)

// usualDuration is how long a session lasts unless asked otherwise.
const usualDuration = time.Hour

// AssumeRole makes temporary keys of a role.
func (s *Service) AssumeRole(ctx context.Context, in *sts.AssumeRoleInput) (*sts.AssumeRoleOutput, error) {
	role, uniqueID, longest, err := s.role(ctx, aws.ToString(in.RoleArn))
	if err != nil {
		return nil, err
	}
	d := usualDuration
	if in.DurationSeconds != nil {
		d = time.Duration(*in.DurationSeconds) * time.Second
	}
	if d > longest {
		return nil, api.Errorf("ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	}
	name := aws.ToString(in.RoleSessionName)
	if !sessionPattern().MatchString(name) {
		return nil, api.Errorf("ValidationError", "1 validation error detected: Value '%s' at 'roleSessionName' failed to satisfy constraint: "+
			"Member must satisfy regular expression pattern: [\\w+=,.@-]*", name)
	}
	key, x, err := s.begin(ctx, session{arn: assumed(role, name), userID: uniqueID + ":" + name, expires: s.Clock.Now().Add(d)})
	if err != nil {
		return nil, err
	}
	return &sts.AssumeRoleOutput{
		AssumedRoleUser: &types.AssumedRoleUser{Arn: aws.String(x.arn), AssumedRoleId: aws.String(x.userID)},
		Credentials: &types.Credentials{AccessKeyId: aws.String(key), SecretAccessKey: aws.String(x.secret), Expiration: aws.Time(x.expires),
			SessionToken: aws.String(x.token(key))},
	}, nil
}

// begin makes the keys of a session, which are known when they are durable.
func (s *Service) begin(ctx context.Context, x session) (key string, _ session, err error) {
	key = "ASIA" + id.Upper(16)
	x.secret, x.expires = base64.StdEncoding.EncodeToString(id.Bytes(30)), x.expires.Truncate(time.Second)
	err = s.Meta.Update(ctx, func(tx *meta.Tx) error {
		_, err := tx.Exec(`INSERT INTO sts_sessions (access_key, secret, arn, user_id, expires, lent) VALUES (?, ?, ?, ?, ?, ?)`,
			key, x.secret, x.arn, x.userID, x.expires.Unix(), x.lent)
		tx.AfterCommit(func() { s.know(key, x) })
		return err
	})
	if err != nil {
		return "", x, fmt.Errorf("store session: %w", err)
	}
	return key, x, nil
}

func (s *Service) role(ctx context.Context, text string) (role, uniqueID string, longest time.Duration, err error) {
	a, err := arn.Parse(text)
	if err != nil {
		return "", "", 0, api.Errorf("ValidationError", "%s is invalid", text)
	}
	denied := func() error {
		p, _ := api.PrincipalOf(ctx)
		return &api.Error{Code: "AccessDenied", Status: 403,
			Message: fmt.Sprintf("User: %s is not authorized to perform: sts:AssumeRole on resource: %s", p.ARN, text)}
	}
	name, ok := a.ResourceAfter("role/")
	if !ok || a.Service != "iam" || a.Account != s.Account {
		return "", "", 0, denied()
	}
	role, uniqueID, longest, err = s.find(ctx, name[strings.LastIndexByte(name, '/')+1:])
	if api.Code(err) == "NoSuchEntity" || err == nil && role != text {
		return "", "", 0, denied()
	}
	return role, uniqueID, longest, err
}

// assumed is the ARN of a session: the role's path does not occur in it.
func assumed(role, session string) string {
	a, _ := arn.Parse(role)
	name := a.Resource[strings.LastIndexByte(a.Resource, '/')+1:]
	return arn.New("sts", "", a.Account, "assumed-role/"+name+"/"+session).String()
}

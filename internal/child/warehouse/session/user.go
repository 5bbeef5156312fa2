package session

import (
	"context"
	"regexp"
	"strings"

	"penstock/internal/pgwire"
)

var (
	userName     = regexp.MustCompile(`(?is)^\s*(?:create|alter|drop)\s+user\s+(?:if\s+exists\s+)?("(?:[^"]|"")+"|[a-z_][a-z0-9_$:@.\-]*)\s*(.*?)[;\s]*$`)
	userPassword = regexp.MustCompile(`(?is)^(?:with\s+)?password\s+(disable|'(?:[^']|'')*')\s*`)
	userRight    = regexp.MustCompile(`(?is)^(createdb|createuser|nocreatedb|nocreateuser)\s*`)
)

// changeUser runs CREATE USER, ALTER USER and DROP USER. Users are the namespace's and lie with the control process: the change is
// not part of the transaction, and so is refused inside a block.
func (s *Session) changeUser(ctx context.Context, what, text string) (*answer, error) {
	if err := s.outside(what); err != nil {
		return nil, err
	}
	m := userName.FindStringSubmatch(text)
	if m == nil {
		return nil, failure("42601", "%s needs a user's name", what)
	}
	name, rest := strings.ToLower(strings.Trim(m[1], `"`)), m[2]
	secret, super := "", false
	for rest != "" {
		if p := userPassword.FindStringSubmatch(rest); p != nil {
			secret = passwordSecret(name, p[1])
			rest = rest[len(p[0]):]
			continue
		}
		if p := userRight.FindStringSubmatch(rest); p != nil {
			super = super || strings.EqualFold(p[1], "createuser")
			rest = rest[len(p[0]):]
			continue
		}
		return nil, unsupported("%s ... %s", what, rest)
	}
	action := strings.ToLower(strings.Fields(what)[0])
	if err := s.env.User(ctx, action, name, secret, super); err != nil {
		return nil, err
	}
	return &answer{tag: what}, nil
}

// passwordSecret is what is stored of a password: it may be given in clear text or as md5 of password and name.
func passwordSecret(name, literal string) string {
	if strings.EqualFold(literal, "disable") {
		return "disabled"
	}
	p := strings.ReplaceAll(strings.Trim(literal, "'"), "''", "'")
	if strings.HasPrefix(p, "md5") && len(p) == 35 {
		return p
	}
	return pgwire.MD5Secret(name, p)
}

package session

import (
	"context"
	"strings"

	"penstock/internal/child/warehouse/calls"
	"penstock/internal/pattern"
	"penstock/internal/pgwire"
)

var (
	userName = pattern.Lazy(
		`(?is)^\s*(?:create|alter|drop)\s+user\s+(if\s+exists\s+)?("(?:[^"]|"")+"|[a-z_][a-z0-9_$:@.\-]*)\s*(.*?)[;\s]*$`)
	userPassword = pattern.Lazy(`(?is)^(?:with\s+)?password\s+(disable|'(?:[^']|'')*')\s*`)
	userRight    = pattern.Lazy(`(?is)^(?:with\s+)?(createdb|createuser|nocreatedb|nocreateuser)\s*`)
	md5Form      = pattern.Lazy(`^md5[0-9a-f]{32}$`)
)

// changeUser runs CREATE USER, ALTER USER and DROP USER. Users are the namespace's and lie with the control process: the change is
// not part of the transaction, and so is refused inside a block.
func (s *Session) changeUser(ctx context.Context, what, text string) (*answer, error) {
	if err := s.outside(what); err != nil {
		return nil, err
	}
	m := userName().FindStringSubmatch(text)
	if m == nil {
		return nil, failure("42601", "%s needs a user's name", what)
	}
	u := calls.User{Action: strings.ToLower(strings.Fields(what)[0]), Name: strings.ToLower(strings.Trim(m[2], `"`))}
	if err := userClauses(&u, what, m[3]); err != nil {
		return nil, err
	}
	if u.Action == "drop" {
		if skip, err := s.droppable(ctx, u.Name, m[1] != ""); err != nil || skip {
			return &answer{tag: what}, err
		}
	}
	if err := s.env.User(ctx, u); err != nil {
		return nil, err
	}
	return &answer{tag: what}, nil
}

// userClauses reads what follows the name. CREATEDB is said of everybody: whoever may log in may create databases.
func userClauses(u *calls.User, what, rest string) error {
	for rest != "" {
		if p := userPassword().FindStringSubmatch(rest); p != nil && u.Action != "drop" {
			var err error
			if u.Secret, err = passwordSecret(u.Name, p[1]); err != nil {
				return err
			}
			rest = rest[len(p[0]):]
			continue
		}
		p := userRight().FindStringSubmatch(rest)
		if p == nil || u.Action == "drop" {
			return unsupported("%s ... %s", what, rest)
		}
		if right := strings.ToLower(p[1]); strings.HasSuffix(right, "createuser") {
			super := right == "createuser"
			u.Super = &super
		}
		rest = rest[len(p[0]):]
	}
	return nil
}

// droppable refuses to drop oneself and whoever owns something of this database. skip is for IF EXISTS.
func (s *Session) droppable(ctx context.Context, name string, ifExists bool) (skip bool, _ error) {
	if name == s.user {
		return false, failure("55006", "current user cannot be dropped")
	}
	cat, err := s.h.Catalog(ctx)
	if err != nil {
		return false, err
	}
	owns := false
	for _, sc := range cat.Schemas {
		owns = owns || sc.Owner == name
	}
	for _, tables := range cat.Tables {
		for _, t := range tables {
			owns = owns || t.Owner == name
		}
	}
	if owns {
		return false, failure("55006", "user \"%s\" can't be dropped because the user owns some object", name)
	}
	if !ifExists {
		return false, nil
	}
	users, err := s.env.Users(ctx)
	for _, u := range users {
		if u.Name == name {
			return false, nil
		}
	}
	return err == nil, err
}

// passwordSecret is what is stored of a password: it may be given in clear text, by Redshift's rules, or as md5 of password and name.
func passwordSecret(name, literal string) (string, error) {
	if strings.EqualFold(literal, "disable") {
		return "disabled", nil
	}
	p := strings.ReplaceAll(literal[1:len(literal)-1], "''", "'")
	if md5Form().MatchString(p) {
		return p, nil
	}
	if clear, ok := strings.CutPrefix(p, "sha256|"); ok {
		if strings.Contains(clear, "|") {
			return "", unsupported("a password given as a SHA-256 digest")
		}
		p = clear
	}
	if problem := pgwire.PasswordProblem(p); problem != "" {
		return "", failure("22023", "the password %s", problem)
	}
	return pgwire.MD5Secret(name, p), nil
}

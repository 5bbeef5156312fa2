package guard

import (
	"context"
	"crypto/tls"
	"maps"
	"math"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"penstock/internal/api"
	"penstock/internal/policy"
	"penstock/internal/service/s3/access"
)

// The condition keys of all requests: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html. Those of an
// operation are in the service's access.go. What is not here is not in requests: there are no users, organisations, VPCs, access points
// and calls on behalf of others' sessions.

// Unfilled returns the condition key of a policy that cannot be filled here though S3 fills it, "" when there is none.
func Unfilled(d *policy.Document) string {
	for _, key := range []string{"aws:CalledViaFirst", "aws:CalledViaLast", "aws:CalledVia", "aws:TokenIssueTime"} {
		if d.Asks(strings.ToLower(key)) {
			return key
		}
	}
	return ""
}

// principal is who asks, as policies name him.
func (s *subject) principal(ctx context.Context) (*policy.Principal, error) {
	if s.who != nil {
		return s.who, nil
	}
	p := s.call.Principal
	if p.Anonymous {
		s.who = &policy.Principal{}
		return s.who, nil
	}
	who := &policy.Principal{Account: p.Account, ARN: p.ARN, CanonicalID: s.g.Owner}
	name, session := roleName(p.ARN)
	if name != "" {
		r, _, err := s.g.role(ctx, name)
		if err != nil {
			return nil, err
		}
		if who.Role = p.ARN; r.arn != "" {
			who.Role = r.arn
		} else if session != "" {
			who.Role = "arn:aws:iam::" + p.Account + ":role/" + name
		}
	}
	s.who = who
	return who, nil
}

// roleName reads the role of a caller: a session's, with the session's name, or a role itself, as Penstock's own services call under one.
func roleName(arn string) (name, session string) {
	if _, rest, ok := strings.Cut(arn, ":assumed-role/"); ok {
		name, session, _ = strings.Cut(rest, "/")
		return name, session
	}
	if _, rest, ok := strings.Cut(arn, ":role/"); ok {
		return rest[strings.LastIndexByte(rest, '/')+1:], ""
	}
	return "", ""
}

// A role is what policies ask of a role.
type role struct {
	arn, id string
	tags    map[string]string
}

func (g *Guard) role(ctx context.Context, name string) (r role, ok bool, err error) {
	if g.Invoker == nil {
		return r, false, nil
	}
	root := api.Principal{ARN: "arn:aws:iam::" + g.Account + ":root", Account: g.Account}
	out, err := g.Invoker.Invoke(api.WithPrincipal(ctx, root), "iam", "GetRole", &iam.GetRoleInput{RoleName: aws.String(name)})
	if api.Code(err) == "NoSuchEntity" || api.Code(err) == "UnknownService" {
		return r, false, nil
	}
	got, ok := out.(*iam.GetRoleOutput)
	if err != nil || !ok || got.Role == nil {
		return r, false, err
	}
	r = role{arn: aws.ToString(got.Role.Arn), id: aws.ToString(got.Role.RoleId), tags: map[string]string{}}
	for _, t := range got.Role.Tags {
		r.tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return r, true, nil
}

// Exists reports whether a user or a role is there that a policy names. Other accounts are not asked; the account has no users.
func (g *Guard) Exists(ctx context.Context, arn string) (bool, error) {
	rest, own := strings.CutPrefix(arn, "arn:aws:iam::"+g.Account+":")
	if !own {
		return true, nil
	}
	name, _ := roleName(":" + rest)
	if name == "" {
		return false, nil
	}
	r, ok, err := g.role(ctx, name)
	return ok && r.arn == arn, err
}

// fill gathers the condition keys of an ask: those of all requests, those that the operation gives, and what must be looked up.
func (a *ask) fill(ctx context.Context, given map[string][]string) error {
	if v := given[versionKey]; len(v) == 1 {
		a.version = v[0]
	}
	if a.r.doc == nil {
		return nil
	}
	if err := a.s.common(ctx, a.r.doc); err != nil {
		return err
	}
	a.keys = maps.Clone(a.s.keys)
	maps.Copy(a.keys, given)
	if until := a.keys["s3:object-lock-retain-until-date"]; len(until) == 1 {
		if at, err := time.Parse(time.RFC3339, until[0]); err == nil {
			days := math.Ceil(at.Sub(a.s.g.Clock.Now()).Hours() / 24)
			a.keys["s3:object-lock-remaining-retention-days"] = []string{strconv.Itoa(int(days))}
		}
	}
	if err := a.source(); err != nil {
		return err
	}
	return a.tags(ctx)
}

const versionKey = "s3:versionid"

// source names what a copy is made of as policies do, bucket/key, and its version.
func (a *ask) source() error {
	header := copySource(a.s.call.In)
	if header == nil {
		return nil
	}
	src, err := access.Source(header)
	if err != nil {
		return err
	}
	if a.keys["s3:x-amz-copy-source"] != nil {
		a.keys["s3:x-amz-copy-source"] = []string{src.Bucket + "/" + src.Key}
	}
	if a.action == "s3:GetObjectVersion" {
		a.version, a.keys[versionKey] = src.VersionID, []string{src.VersionID}
	}
	return nil
}

// tagged are the actions that ask for the tags of the object that is there.
var tagged = []string{ //nolint:gochecknoglobals // a constant in all but Go's syntax
	"s3:DeleteObjectTagging", "s3:DeleteObjectVersionTagging", "s3:GetObject", "s3:GetObjectAcl", "s3:GetObjectAttributes",
	"s3:GetObjectTagging", "s3:GetObjectVersion", "s3:GetObjectVersionAcl", "s3:GetObjectVersionAttributes", "s3:GetObjectVersionTagging",
	"s3:PutObjectAcl", "s3:PutObjectTagging", "s3:PutObjectVersionAcl", "s3:PutObjectVersionTagging",
}

// tags looks up the object's tags if the policy asks for one.
func (a *ask) tags(ctx context.Context) error {
	const prefix = "s3:ExistingObjectTag/"
	if a.key == "" || !slices.Contains(tagged, a.action) || !a.r.doc.Asks(strings.ToLower(prefix)) {
		return nil
	}
	if err := a.look(ctx); err != nil || a.found == nil {
		return err
	}
	for k, v := range a.found.Tags {
		a.keys[prefix+k] = []string{v}
	}
	return nil
}

// common makes the keys that all of the call's asks have.
func (s *subject) common(ctx context.Context, d *policy.Document) error {
	if s.keys == nil {
		now := s.g.Clock.Now().UTC()
		s.keys = map[string][]string{}
		s.set("aws:currenttime", now.Format(time.RFC3339), "aws:epochtime", strconv.FormatInt(now.Unix(), 10), "aws:resourceaccount", s.g.Account,
			"s3:resourceaccount", s.g.Account, "aws:requestedregion", s.g.Region, "aws:viaawsservice", "false")
		s.wire(api.WireOf(ctx), now)
		if err := s.caller(ctx); err != nil {
			return err
		}
	}
	return s.callerTags(ctx, d)
}

// set sets keys; those without a value are left out.
func (s *subject) set(pairs ...string) {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			s.keys[pairs[i]] = []string{pairs[i+1]}
		}
	}
}

// wire fills what the HTTP request tells. A service's own call has no address, and is safe on its way.
func (s *subject) wire(w *api.Wire, now time.Time) {
	if w == nil {
		s.set("aws:securetransport", "true")
		if name, _ := roleName(s.call.Principal.ARN); name == "" { // on behalf of who asked the service
			s.set("aws:viaawsservice", "true")
		}
		return
	}
	host, _, err := net.SplitHostPort(w.Request.RemoteAddr)
	if err != nil {
		host = w.Request.RemoteAddr
	}
	h := w.Request.Header
	s.set("aws:securetransport", strconv.FormatBool(w.Request.TLS != nil), "aws:sourceip", host, "aws:useragent", h.Get("User-Agent"),
		"aws:referer", h.Get("Referer"), "s3:authtype", w.Form, "s3:signatureversion", w.Scheme,
		"s3:x-amz-content-sha256", h.Get("X-Amz-Content-Sha256"))
	if !w.Signed.IsZero() {
		s.set("s3:signatureage", strconv.FormatInt(now.Sub(w.Signed).Milliseconds(), 10))
	}
	if w.Request.TLS != nil {
		s.set("s3:tlsversion", map[uint16]string{tls.VersionTLS12: "1.2", tls.VersionTLS13: "1.3"}[w.Request.TLS.Version])
	}
}

// caller fills what is known of who asks.
func (s *subject) caller(ctx context.Context) error {
	p := s.call.Principal
	if p.Anonymous {
		s.set("aws:principaltype", "Anonymous", "aws:principalaccount", "anonymous")
		return nil
	}
	who, err := s.principal(ctx)
	if err != nil {
		return err
	}
	s.set("aws:principalaccount", p.Account, "aws:principalisawsservice", "false")
	name, _ := roleName(p.ARN)
	if name == "" {
		s.set("aws:principaltype", "Account", "aws:principalarn", p.ARN, "aws:userid", p.Account)
		return nil
	}
	id := p.UserID
	if id == "" { // a service's own call under the role, whose session it names itself
		r, _, err := s.g.role(ctx, name)
		if err != nil {
			return err
		}
		if r.id != "" {
			id = r.id + ":penstock"
		}
	}
	s.set("aws:principaltype", "AssumedRole", "aws:principalarn", who.Role, "aws:userid", id, "aws:multifactorauthpresent", "false")
	return nil
}

// callerTags fills the tags of the caller's role if the policy asks for one.
func (s *subject) callerTags(ctx context.Context, d *policy.Document) error {
	const prefix = "aws:PrincipalTag/"
	name, _ := roleName(s.call.Principal.ARN)
	if name == "" || !d.Asks(strings.ToLower(prefix)) {
		return nil
	}
	r, _, err := s.g.role(ctx, name)
	for k, v := range r.tags {
		s.keys[prefix+k] = []string{v}
	}
	return err
}

// Package guard decides who may do what with a bucket: by its policy, by its access lists and its objects', and by its public access block.
// What IAM allows an identity it does not know: within the account everything is allowed that no policy of a bucket denies. It answers no
// operation, and writes nothing.
//
// How the parts are combined: https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-s3-evaluates-access-control.html. What strangers
// cannot do though a policy allows it, and the words of it, are those that versitygw's authors have seen of S3.
package guard

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"

	"penstock/internal/api"
	"penstock/internal/clock"
	"penstock/internal/object"
	"penstock/internal/policy"
	"penstock/internal/service/s3/fault"
)

// A Guard decides calls. Its fields are set once.
type Guard struct {
	Objects *object.Store
	Clock   clock.Clock
	Account string
	Region  string
	Owner   string // the canonical id of the account
	// Invoker answers IAM's GetRole; nil knows no roles.
	Invoker api.Invoker

	buckets map[string]int // of an operation: which field of its input names the bucket
}

// Know tells the operations that the guard will be asked about.
func (g *Guard) Know(ops []api.Op) {
	g.buckets = map[string]int{}
	for _, op := range ops {
		if f, ok := op.In.FieldByName("Bucket"); ok {
			g.buckets[op.Name] = f.Index[0]
		}
	}
}

func (g *Guard) bucket(c api.Call) string {
	i, ok := g.buckets[c.Op]
	if !ok {
		return ""
	}
	if name, _ := reflect.ValueOf(c.In).Elem().Field(i).Interface().(*string); name != nil {
		return *name
	}
	return ""
}

// Plain reports whether the account may do everything with a bucket: it has no policy.
func (g *Guard) Plain(ctx context.Context, bucket string) bool {
	r, err := g.rules(ctx, bucket)
	return err == nil && r.doc == nil
}

// Decide is the api.Guard of the service.
func (g *Guard) Decide(ctx context.Context, c api.Call) (context.Context, error) {
	switch {
	case c.In == nil && c.Principal.Anonymous:
		return ctx, g.gate(ctx, c)
	case c.In == nil, c.Principal.Anonymous, c.Op == "CopyObject", c.Op == "UploadPartCopy":
	default:
		bucket := g.bucket(c)
		if bucket == "" || g.Plain(ctx, bucket) {
			return ctx, nil
		}
	}
	if c.Principal.Anonymous {
		if err := g.gate(ctx, api.Call{Op: c.Op, First: g.bucket(c), Served: true}); err != nil {
			return ctx, err
		}
	}
	s := &subject{g: g, call: c}
	if c.Op == "DeleteObjects" {
		return s.deleteObjects(ctx)
	}
	requests, err := c.Asks()
	if err != nil {
		return ctx, err
	}
	for _, r := range requests {
		for _, resource := range r.Resources {
			if err := s.decide(ctx, r.Action, resource, r.Conditions); err != nil {
				return ctx, err
			}
		}
	}
	if c.Principal.Anonymous && (c.Op == "GetObject" || c.Op == "HeadObject") {
		return ctx, responseHeaders(c.In)
	}
	return ctx, nil
}

// A subject is who asks, with what conditions ask of him and his request; it is made once a call.
type subject struct {
	g    *Guard
	call api.Call
	who  *policy.Principal
	keys map[string][]string
}

// decide decides one action on one resource.
func (s *subject) decide(ctx context.Context, action, resource string, given map[string][]string) error {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(resource, "arn:aws:s3:::"), "/")
	if resource == "*" { // of the account
		return s.unless(!s.call.Principal.Anonymous)
	}
	r, err := s.g.rules(ctx, bucket)
	if err != nil {
		if errors.Is(err, object.ErrNoBucket) || errors.Is(err, object.ErrBucketName) {
			return s.absent(bucket)
		}
		return err
	}
	if r.doc == nil && !s.call.Principal.Anonymous {
		return nil
	}
	a := &ask{s: s, r: r, action: action, bucket: bucket, key: key, resource: resource}
	if err := a.fill(ctx, given); err != nil {
		return err
	}
	if s.call.Principal.Anonymous {
		return a.stranger(ctx)
	}
	return a.insider(ctx)
}

func (s *subject) unless(allowed bool) error {
	if allowed {
		return nil
	}
	return denied()
}

// absent is for a bucket that is not there: the account is told by the operation itself, in its words, and a stranger here, since the
// bucket may be made meanwhile.
func (s *subject) absent(bucket string) error {
	if !s.call.Principal.Anonymous {
		return nil
	}
	return noBucket(bucket)
}

func noBucket(name string) error {
	return fault.New(404, "NoSuchBucket", "The specified bucket does not exist", "BucketName", name)
}

func denied() error { return fault.New(403, "AccessDenied", "Access Denied") }

// An ask is one action on one resource.
type ask struct {
	s                             *subject
	r                             *rules
	action, bucket, key, resource string
	version                       string
	keys                          map[string][]string
	found                         *object.Info // of the object; nil: not there, or not looked for
	looked                        bool
}

// decision is what the bucket's policy says.
func (a *ask) decision(ctx context.Context, action, resource string, keys map[string][]string) (policy.Decision, error) {
	if a.r.doc == nil {
		return policy.Neither, nil
	}
	who, err := a.s.principal(ctx)
	if err != nil {
		return policy.Neither, err
	}
	return a.r.doc.Evaluate(policy.Request{Principal: *who, Action: action, Resource: resource, Keys: keys}), nil
}

// insider decides for the account: what no policy denies is allowed. Its root can always free itself of a policy.
func (a *ask) insider(ctx context.Context) error {
	d, err := a.decision(ctx, a.action, a.resource, a.keys)
	if err != nil {
		return err
	}
	if d == policy.Deny && !(a.s.root() && policyAction(a.action)) {
		return a.explicit(a.action, a.resource)
	}
	if !slices.Contains(readsObject, a.action) {
		return nil
	}
	return a.listed(ctx)
}

// listed hides that an object is not there from those of the account who may not list the bucket.
func (a *ask) listed(ctx context.Context) error {
	bucket := "arn:aws:s3:::" + a.bucket
	d, err := a.decision(ctx, "s3:ListBucket", bucket, a.s.keys)
	if err != nil || d != policy.Deny {
		return err
	}
	if err := a.look(ctx); err != nil || a.found != nil {
		return err
	}
	return a.explicit("s3:ListBucket", bucket)
}

func (a *ask) explicit(action, resource string) error {
	return fault.New(403, "AccessDenied", "User: "+a.s.call.Principal.ARN+" is not authorized to perform: "+action+" on resource: \""+resource+
		"\" with an explicit deny in a resource-based policy")
}

func policyAction(action string) bool {
	return action == "s3:PutBucketPolicy" || action == "s3:GetBucketPolicy" || action == "s3:DeleteBucketPolicy"
}

func (s *subject) root() bool {
	return s.call.Principal.ARN == "arn:aws:iam::"+s.g.Account+":root"
}

// readsObject are the actions on an object that S3 hides the absence of.
var readsObject = []string{ //nolint:gochecknoglobals // a constant in all but Go's syntax
	"s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectAcl", "s3:GetObjectVersionAcl", "s3:GetObjectTagging", "s3:GetObjectVersionTagging",
	"s3:GetObjectAttributes", "s3:GetObjectVersionAttributes",
}

// look finds the object that is asked for. Who may not see it is told nothing of what went wrong.
func (a *ask) look(ctx context.Context) error {
	if a.looked {
		return nil
	}
	i, err := a.s.g.Objects.Head(ctx, a.bucket, a.key, a.version, object.Conditions{})
	var marker *object.MarkerError
	switch {
	case err == nil:
		a.found = &i
	case errors.As(err, &marker), errors.Is(err, object.ErrNoKey), errors.Is(err, object.ErrNoVersion), errors.Is(err, object.ErrNoBucket),
		errors.Is(err, object.ErrKey), errors.Is(err, object.ErrKeyText), errors.Is(err, object.ErrKeyPath):
	default:
		return err
	}
	a.looked = true
	return nil
}

package states

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"penstock/internal/api"
	"penstock/internal/api/shapes"
	"penstock/internal/arn"
	"penstock/internal/asl"
	"penstock/internal/asl/value"
	"penstock/internal/id"
)

// perform runs a task and reports what comes of it. A cancelled context means that nobody waits for the result.
func (l *loop) perform(ctx context.Context, t asl.Task) {
	to, problem := l.s.targetOf(t.Service, t.Resource)
	if problem != "" {
		l.report(ctx, outcome{id: t.ID, failure: &asl.Failure{Error: "States.Runtime", Cause: problem}})
		return
	}
	ctx = l.caller(ctx, t.ID)
	output := t.Submitted
	if output == "" {
		var ok bool
		if output, ok = l.start(ctx, t, to); !ok {
			return
		}
	}
	if to.pattern == "" {
		l.report(ctx, outcome{id: t.ID, output: output})
		return
	}
	l.follow(ctx, t, to, output)
}

// start makes the task's call. ok is false when the task is over, because it failed or nobody waits any more.
func (l *loop) start(ctx context.Context, t asl.Task, to target) (output string, ok bool) {
	params, err := parameters(t.Parameters, to)
	if err == nil {
		callCtx := ctx
		if to.pattern != "" { // its answer says what to stop, so an abort must not lose it
			callCtx = context.WithoutCancel(ctx)
		}
		output, err = l.invoke(callCtx, to.service, to.op, params)
	}
	l.s.Kill.At("states.invoked")
	if err != nil {
		if f := l.s.failureOf(err, to); ctx.Err() == nil {
			l.report(ctx, outcome{id: t.ID, failure: &f})
		}
		return "", false
	}
	if to.pattern == "" {
		return output, true
	}
	if !l.report(ctx, outcome{id: t.ID, submitted: true, output: output}) {
		l.follow(ctx, t, to, output) // started and cancelled: it must be stopped
		return "", false
	}
	return output, true
}

// caller is the context of a task's calls: the machine's role, and the token that names this task for ever.
func (l *loop) caller(ctx context.Context, id int64) context.Context {
	p := api.Principal{ARN: l.role, Account: l.s.Account}
	if a, err := arn.Parse(l.role); err == nil {
		name, _ := a.ResourceAfter("role/")
		name = name[strings.LastIndexByte(name, '/')+1:]
		p.Account = a.Account
		p.ARN = arn.New("sts", "", a.Account, "assumed-role/"+name+"/"+l.e.Name).String()
	}
	return api.WithToken(api.WithPrincipal(ctx, p), l.token(id))
}

// token names a task's calls. The metadata store keeps their answers until the task's outcome is in the history.
func (l *loop) token(id int64) string { return l.e.ARN + "#" + strconv.FormatInt(id, 10) }

// invoke calls an operation once there is a place.
func (l *loop) invoke(ctx context.Context, service, op, params string) (string, error) {
	select {
	case l.s.calls <- struct{}{}:
	case <-ctx.Done():
		return "", ctx.Err()
	}
	defer func() { <-l.s.calls }()
	out, err := l.s.Invoker.Invoke(ctx, service, op, json.RawMessage(params))
	if err != nil {
		return "", err
	}
	raw, ok := out.(json.RawMessage)
	if !ok {
		return "", fmt.Errorf("%s.%s answered %T, want JSON", service, op, out)
	}
	return string(raw), nil
}

// jsonText are members that take JSON as text; an object given for them is written out, as the optimized integrations do.
var jsonText = map[string]string{"sns.Publish": "Message", "states.StartExecution": "Input"}

// parameters puts a task's parameters into the form of the operation.
func parameters(text string, to target) (string, error) {
	member := jsonText[to.service+"."+to.op]
	if to.sdk && to.service != "states" || member == "" {
		return text, nil
	}
	v, err := value.Parse(text)
	if err != nil {
		return "", fmt.Errorf("parameters: %w", err)
	}
	o, ok := v.(*value.Object)
	if !ok {
		return text, nil
	}
	m, ok := o.Get(member)
	if _, isText := m.(string); !ok || isText {
		return text, nil
	}
	return value.Text(o.With(member, value.Text(m))), nil
}

// unmodelled are codes that AWS names after the service, though one or the other model has them by now.
var unmodelled = map[string]bool{
	"": true, "AccessDenied": true, "IncompleteSignature": true, "InternalError": true, "InternalFailure": true, "InvalidAction": true,
	"InvalidArgument": true, "MalformedXML": true, "NotImplemented": true, "PreconditionFailed": true, "RequestTimeout": true,
	"SerializationException": true, "UnknownOperationException": true, "UnknownService": true, "ValidationError": true,
}

// models knows the shapes of services.
type models interface {
	Shapes(service string) (*shapes.Service, error)
}

// named reports whether the service's model has an error of that code. The others are all one to the SDK.
func (s *Service) named(service, code string) bool {
	if unmodelled[code] {
		return false
	}
	m, ok := s.Invoker.(models)
	if !ok {
		return true
	}
	svc, err := m.Shapes(service)
	return err != nil || svc.Exception(code) != nil
}

// failureOf names an error as Step Functions does: "Glue.EntityNotFoundException", with the text of the SDK for Java.
func (s *Service) failureOf(err error, to target) asl.Failure {
	code, message, status := api.Code(err), err.Error(), http.StatusBadRequest
	var e *api.Error
	if errors.As(err, &e) {
		message = e.Message
		if e.Status != 0 {
			status = e.Status
		}
	}
	f := asl.Failure{Error: to.prefix + "." + code}
	if !s.named(to.service, code) {
		f.Error = to.prefix + "." + to.prefix + "Exception"
	} else if !strings.HasSuffix(code, "Exception") {
		f.Error += "Exception"
	}
	if to.sdk {
		f.Cause = fmt.Sprintf("%s (Service: %s, Status Code: %d, Request ID: %s)", message, to.prefix, status, id.UUID())
		if to.secondID {
			f.Cause = strings.TrimSuffix(f.Cause, ")") + ", Extended Request ID: " + id.Hex(16) + ")"
		}
		return f
	}
	f.Cause = fmt.Sprintf("%s (Service: %s; Status Code: %d; Error Code: %s; Request ID: %s; Proxy: null)", message,
		longName(to.prefix), status, code, id.UUID())
	return f
}

// longName is what the older SDK calls a service.
func longName(prefix string) string {
	return map[string]string{"Glue": "AWSGlue", "SNS": "AmazonSNS", "StepFunctions": "AWSStepFunctions"}[prefix]
}

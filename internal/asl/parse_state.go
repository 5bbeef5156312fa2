package asl

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"penstock/internal/asl/value"
)

func (p *parsing) state(name string, r *reader) *State {
	outer := p.current
	p.current = name
	defer func() { p.current = outer }()
	s := &State{Name: name, Type: r.required("Type")}
	r.str("Comment")
	r.language()
	switch s.Type {
	case "Pass":
		p.pass(s, r)
	case "Task":
		p.task(s, r)
	case "Choice":
		p.choice(s, r)
	case "Wait":
		p.wait(s, r)
	case "Succeed":
		s.Input, s.Output = r.field("InputPath", false), r.field("OutputPath", false)
	case "Fail":
		p.fail(s, r)
	case "Map":
		p.mapState(s, r)
	case "Parallel":
		p.parallel(s, r)
	default:
		if s.Type != "" {
			r.fail("Type", "The field 'Type' should have one of these values: [Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map]")
		}
		r.lacks()
		return s
	}
	r.rest()
	return s
}

// flow reads what every state but Choice, Succeed and Fail has: Next or End, and the paths.
func (r *reader) flow(s *State) {
	s.Input, s.Output = r.field("InputPath", false), r.field("OutputPath", false)
	s.Assign = r.assign()
	s.Next = r.name("Next")
	end := r.boolean("End")
	switch {
	case r.has("Next") && end:
		r.fail("", "There should only be one of the following fields: [Next, End]")
	case !r.has("Next") && !end:
		r.fail("", "This object should have only one of the following fields: [Next, End]")
	}
}

// assign reads Assign, whose members are names of variables.
func (r *reader) assign() *template {
	v, _ := r.get("Assign")
	if o, ok := v.(*value.Object); ok {
		for _, k := range o.Keys() {
			name := strings.TrimSuffix(k, ".$")
			switch {
			case name == "states":
				r.p.add("RESERVED_VARIABLE_NAME", r.at+"/Assign", "Cannot assign to reserved variable '$states'.")
			case !variable().MatchString(name):
				r.p.add("INVALID_VARIABLE_NAME", r.at+"/Assign", "Invalid variable name '%s': the variable name contains invalid characters.", name)
			}
		}
	}
	return r.template("Assign")
}

var variable = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\p{L}[\p{L}\p{N}_]*$`) })

// result reads what states with a result have.
func (r *reader) result(s *State) {
	s.Parameters = r.template("Parameters")
	s.Result = r.field("ResultPath", true)
}

func (p *parsing) pass(s *State, r *reader) {
	r.flow(s)
	r.result(s)
	s.Fixed, s.HasFixed = r.get("Result")
	if hasExpr(s.Fixed) {
		p.warn("PASS_RESULT_IS_STATIC", r.at+"/Result", "The Result of a Pass state is passed on as it stands; use Parameters for paths")
	}
}

// hasExpr reports whether a constant holds what looks like an expression.
func hasExpr(v value.Value) bool {
	switch x := v.(type) {
	case string:
		return looksLikeExpr(x)
	case []value.Value:
		return slices.ContainsFunc(x, hasExpr)
	case *value.Object:
		for i := range x.Len() {
			if _, e := x.At(i); hasExpr(e) {
				return true
			}
		}
	}
	return false
}

func (p *parsing) task(s *State, r *reader) {
	r.flow(s)
	r.result(s)
	s.Selector = r.template("ResultSelector")
	s.Resource = r.required("Resource")
	if p.resource != nil && s.Resource != "" {
		if msg := p.resource(s.Resource); msg != "" {
			r.fail("Resource", "%s", msg)
		}
	}
	r.exclusive("TimeoutSeconds", "TimeoutSecondsPath")
	r.exclusive("HeartbeatSeconds", "HeartbeatSecondsPath")
	s.Timeout = r.integer("TimeoutSeconds", 0, 1, maxTimeout)
	s.TimeoutPath = r.path("TimeoutSecondsPath")
	s.Heartbeat = r.integer("HeartbeatSeconds", 0, 1, maxTimeout)
	s.HeartbeatPath = r.path("HeartbeatSecondsPath")
	if s.Timeout > 0 && s.Heartbeat >= s.Timeout {
		r.fail("HeartbeatSeconds", "HeartbeatSeconds must be smaller than TimeoutSeconds")
	}
	if v, ok := r.get("Credentials"); ok {
		c := p.object(v, r.at+"/Credentials")
		if !c.has("RoleArn") && !c.has("RoleArn.$") {
			c.fail("", "The field 'RoleArn' is required but was missing")
		} else {
			r.refuse("Credentials")
		}
	}
	r.handlers(s)
}

func (p *parsing) wait(s *State, r *reader) {
	r.flow(s)
	r.one("SecondsPath", "Seconds", "TimestampPath", "Timestamp")
	s.hasSeconds = r.has("Seconds")
	s.Seconds = r.integer("Seconds", 0, 0, maxTimeout)
	s.SecondsPath, s.TimestampPath = r.path("SecondsPath"), r.path("TimestampPath")
	if r.has("Timestamp") {
		var ok bool
		if s.Timestamp, ok = timestamp(r.str("Timestamp")); !ok {
			r.fail("Timestamp", "String does not match RFC3339 timestamp")
		}
	}
}

// timestamp reads the ISO 8601 profile of the language: RFC 3339 with an upper-case T and a zone.
func timestamp(s string) (time.Time, bool) {
	t, err := time.Parse(time.RFC3339Nano, s)
	return t, err == nil
}

func (p *parsing) fail(s *State, r *reader) {
	r.exclusive("Error", "ErrorPath")
	r.exclusive("Cause", "CausePath")
	s.Error, s.Cause = r.str("Error"), r.str("Cause")
	s.ErrorExpr, s.CauseExpr = r.expr("ErrorPath"), r.expr("CausePath")
}

func (r *reader) expr(name string) *expr {
	if !r.has(name) {
		return nil
	}
	e, err := r.p.expr(r.str(name))
	if err != nil {
		r.fail(name, "The value for the field '%s' must be a valid JSONPath or a valid intrinsic function call", name)
		return nil
	}
	return e
}

func (p *parsing) mapState(s *State, r *reader) {
	r.flow(s)
	s.Result = r.field("ResultPath", true)
	s.Selector = r.template("ResultSelector")
	s.ItemsPath = r.path("ItemsPath")
	r.exclusive("ItemSelector", "Parameters")
	if s.ItemSelector = r.template("ItemSelector"); s.ItemSelector == nil {
		s.ItemSelector = r.template("Parameters")
	}
	r.exclusive("MaxConcurrency", "MaxConcurrencyPath")
	s.MaxConcurrency = r.integer("MaxConcurrency", 0, 0, maxTimeout)
	s.MaxConcurrencyPath = r.path("MaxConcurrencyPath")
	r.refuse("ItemReader", "ItemBatcher", "ResultWriter", "Label", "ToleratedFailureCount", "ToleratedFailureCountPath",
		"ToleratedFailurePercentage", "ToleratedFailurePercentagePath")
	r.one("ItemProcessor", "Iterator")
	field := "ItemProcessor"
	if r.has("Iterator") {
		field = "Iterator"
	}
	v, ok := r.get(field)
	if !ok {
		return
	}
	b := p.object(v, r.at+"/"+field)
	if c, ok := b.get("ProcessorConfig"); ok {
		cfg := p.object(c, b.at+"/ProcessorConfig")
		if mode := cfg.str("Mode"); mode != "" && mode != "INLINE" {
			cfg.fail("Mode", "Penstock does not support the Mode '%s' of Map states yet", mode)
			cfg.str("ExecutionType")
		}
		cfg.rest()
	}
	b.str("Comment")
	b.language()
	blk := p.block(b)
	s.Processor = &blk
	b.rest()
	r.handlers(s)
}

func (p *parsing) parallel(s *State, r *reader) {
	r.flow(s)
	r.result(s)
	s.Selector = r.template("ResultSelector")
	for i, v := range r.some("Branches") {
		b := p.object(v, fmt.Sprintf("%s/Branches[%d]", r.at, i))
		b.str("Comment")
		b.language()
		blk := p.block(b)
		s.Branches = append(s.Branches, &blk)
		b.rest()
	}
	r.handlers(s)
}

// handlers reads Retry and Catch.
func (r *reader) handlers(s *State) {
	for i, v := range r.list("Retry") {
		e := r.p.object(v, fmt.Sprintf("%s/Retry[%d]", r.at, i))
		t := retrier{errors: e.errorNames(i == len(r.list("Retry"))-1)}
		e.str("Comment")
		t.interval = e.integer("IntervalSeconds", 1, 1, maxTimeout)
		t.attempts = e.integer("MaxAttempts", 3, 0, maxTimeout)
		t.maxGap = e.integer("MaxDelaySeconds", 0, 1, 31622400)
		t.backoff = e.backoff()
		t.jitter = e.word("JitterStrategy", "NONE", "FULL") == "FULL"
		e.rest()
		s.Retry = append(s.Retry, t)
	}
	for i, v := range r.list("Catch") {
		e := r.p.object(v, fmt.Sprintf("%s/Catch[%d]", r.at, i))
		e.str("Comment")
		c := catcher{errors: e.errorNames(i == len(r.list("Catch"))-1), next: e.required("Next"),
			result: e.field("ResultPath", true), assign: e.assign()}
		e.rest()
		s.Catch = append(s.Catch, c)
	}
}

// errorNames reads ErrorEquals: States.ALL must stand alone and in the last entry.
func (r *reader) errorNames(last bool) []string {
	var out []string
	for _, v := range r.some("ErrorEquals") {
		s, ok := v.(string)
		if !ok {
			r.fail("ErrorEquals", "Expected value of type String")
		}
		out = append(out, s)
	}
	for _, n := range out {
		if n == "States.ALL" && (len(out) > 1 || !last) {
			r.fail("ErrorEquals", "States.ALL must appear alone and at end of list")
		}
	}
	return out
}

func (r *reader) backoff() float64 {
	v, ok := r.get("BackoffRate")
	if !ok {
		return 2
	}
	n, isNum := v.(value.Number)
	f, err := n.Float64()
	if !isNum || err != nil || f < 1 {
		r.fail("BackoffRate", "Value is less than the minimum of 1.0")
		return 2
	}
	return f
}

package rest

import (
	"net/http"
	"net/url"
	"sort"
	"strings"

	"penstock/internal/api/shapes"
)

// A Router finds the operation that a request means.
type Router struct {
	routes []*route
	subs   map[string]bool // query keys that choose operations: acl, tagging, ...
}

type route struct {
	op       *shapes.Op
	segments []segment
	query    []param  // that must be there
	headers  []string // that must be there
}

type segment struct {
	text   string // literal, or a label's name
	label  bool
	greedy bool
}

type param struct {
	key, value string
	any        bool // any value
}

// NewRouter reads the operations of a service.
func NewRouter(svc *shapes.Service) *Router {
	r := &Router{subs: map[string]bool{}}
	for _, op := range svc.Ops {
		r.add(op)
	}
	sort.Slice(r.routes, func(i, j int) bool { return r.routes[i].op.Name < r.routes[j].op.Name })
	return r
}

func (r *Router) add(op *shapes.Op) {
	path, query, _ := strings.Cut(op.URI, "?")
	rt := &route{op: op}
	for _, s := range strings.Split(strings.TrimPrefix(path, "/"), "/") {
		if s == "" {
			continue
		}
		if name, ok := strings.CutPrefix(s, "{"); ok {
			name = strings.TrimSuffix(name, "}")
			label, greedy := strings.CutSuffix(name, "+")
			rt.segments = append(rt.segments, segment{text: label, label: true, greedy: greedy})
			continue
		}
		rt.segments = append(rt.segments, segment{text: s})
	}
	for _, p := range strings.Split(query, "&") {
		if p != "" {
			k, v, has := strings.Cut(p, "=")
			rt.query = append(rt.query, param{key: k, value: v, any: !has})
			r.subs[k] = true
		}
	}
	if op.Input != nil {
		rt.required(op.Input.Shape)
	}
	r.routes = append(r.routes, rt)
}

// required adds the required members that tell an operation from its neighbours: uploadId, partNumber, x-amz-copy-source.
func (rt *route) required(in *shapes.Shape) {
	for _, m := range in.Members {
		switch {
		case !m.Required:
		case m.Location == "querystring":
			rt.query = append(rt.query, param{key: m.WireName(), any: true})
		case m.Location == "header" && strings.EqualFold(m.WireName(), "x-amz-copy-source"):
			rt.headers = append(rt.headers, m.WireName())
		}
	}
}

// A Match is an operation that a request may mean, with its path's labels.
type Match struct {
	Op     *shapes.Op
	Labels map[string]string
	Keys   []string // query keys that chose it
	Heads  []string // headers that chose it: x-amz-copy-source
	// Stray is a query key that chooses operations, but not this one: the request means an operation that is not known.
	Stray string
	score int
}

// Match returns the operations that fit a request, the best first.
func (r *Router) Match(method, escapedPath string, query url.Values, header http.Header) []Match {
	var out []Match
	for _, rt := range r.routes {
		if rt.op.Method != method || !rt.holds(query, header) { // cheaper than the path
			continue
		}
		labels, ok := rt.path(escapedPath)
		if !ok {
			continue
		}
		m := Match{Op: rt.op, Labels: labels, Heads: rt.headers, score: len(rt.query) + len(rt.headers), Stray: r.stray(rt, query)}
		for _, s := range rt.segments {
			if !s.label {
				m.score++
			}
		}
		for _, p := range rt.query {
			m.Keys = append(m.Keys, p.key)
		}
		out = append(out, m)
	}
	sort.SliceStable(out, func(i, j int) bool {
		if (out[i].Stray == "") != (out[j].Stray == "") {
			return out[i].Stray == ""
		}
		return out[i].score > out[j].score
	})
	return out
}

func (r *Router) stray(rt *route, query url.Values) string {
	for k := range query {
		if !r.subs[k] {
			continue
		}
		used := false
		for _, p := range rt.query {
			used = used || p.key == k
		}
		if !used && !bindsQuery(rt.op, k) {
			return k
		}
	}
	return ""
}

func bindsQuery(op *shapes.Op, key string) bool {
	if op.Input == nil {
		return false
	}
	for _, m := range op.Input.Shape.Members {
		if m.Location == "querystring" && m.WireName() == key {
			return true
		}
	}
	return false
}

func (rt *route) holds(query url.Values, header http.Header) bool {
	for _, p := range rt.query {
		v, ok := query[p.key]
		if !ok || !p.any && (len(v) == 0 || v[0] != p.value) {
			return false
		}
	}
	for _, h := range rt.headers {
		if header.Get(h) == "" {
			return false
		}
	}
	return true
}

// path matches an escaped path. A greedy label takes all that is left but what later segments need; it may be anything but empty,
// slashes included.
func (rt *route) path(escaped string) (map[string]string, bool) {
	rest := strings.TrimPrefix(escaped, "/")
	var labels map[string]string
	for i, s := range rt.segments {
		if labels == nil && s.label {
			labels = make(map[string]string, 2)
		}
		if s.greedy {
			return labels, rt.greedy(labels, i, rest)
		}
		head, tail, more := strings.Cut(rest, "/")
		if head == "" || !s.label && head != s.text {
			return nil, false
		}
		if s.label {
			v, err := url.PathUnescape(head)
			if err != nil {
				return nil, false
			}
			labels[s.text] = v
		}
		rest = tail
		if i == len(rt.segments)-1 && more && tail != "" {
			return nil, false
		}
	}
	return labels, rest == ""
}

func (rt *route) greedy(labels map[string]string, i int, rest string) bool {
	for _, s := range rt.segments[i+1:] {
		cut, ok := strings.CutSuffix(rest, "/"+s.text)
		if !ok || s.label {
			return false
		}
		rest = cut
	}
	v, err := url.PathUnescape(rest)
	if err != nil || v == "" {
		return false
	}
	labels[rt.segments[i].text] = v
	return true
}

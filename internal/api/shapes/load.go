package shapes

import (
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"sort"
	"sync"
)

//go:embed tables/*.json.gz tables/*.traits.json
var tables embed.FS

// A Set loads the tables of services when they are first asked for.
type Set struct {
	mu     sync.Mutex
	loaded map[string]*Service
}

// NewSet returns a set with nothing loaded.
func NewSet() *Set { return &Set{loaded: map[string]*Service{}} }

// Service returns the table of a service by its signing name; a service without a table is an error.
func (s *Set) Service(name string) (*Service, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if svc, ok := s.loaded[name]; ok {
		return svc, nil
	}
	svc, err := load(name)
	if err != nil {
		return nil, err
	}
	s.loaded[name] = svc
	return svc, nil
}

// Put adds a table that is not among the embedded ones: a conformance suite's.
func (s *Set) Put(svc *Service) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.loaded[svc.Name] = svc
}

func load(name string) (*Service, error) {
	packed, err := tables.ReadFile("tables/" + name + ".json.gz")
	if err != nil {
		return nil, fmt.Errorf("no shape table for service %q", name)
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("shape table of %s: %w", name, err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		return nil, fmt.Errorf("shape table of %s: %w", name, err)
	}
	svc, err := Parse(name, text)
	if err != nil {
		return nil, err
	}
	return svc, svc.addTraits()
}

// traits are what AWS's models say of a service on the wire and botocore's form of them has no place for: tables/NAME.traits.json.
type traits struct {
	XMLNamespace     string            `json:"xmlNamespace"`     // of every answer
	BareErrors       bool              `json:"bareErrors"`       // an error's root is Error, without ErrorResponse around it
	CheckedByService []string          `json:"checkedByService"` // texts and numbers that have an error code of their own there
	Status           map[string]int    `json:"status"`           // of successes, by operation, where the model's is another
	Roots            map[string]string `json:"roots"`            // of answers' documents, by operation
	Text             []string          `json:"text"`             // operations whose answer is one member, the root's text
}

func (s *Service) addTraits() error {
	text, err := tables.ReadFile("tables/" + s.Name + ".traits.json")
	if err != nil {
		return nil // it has none
	}
	var t traits
	if err := json.Unmarshal(text, &t); err != nil {
		return fmt.Errorf("traits of %s: %w", s.Name, err)
	}
	s.AnswerNamespace, s.BareErrors = t.XMLNamespace, t.BareErrors
	for _, n := range t.CheckedByService {
		if s.Shapes[n] == nil {
			return fmt.Errorf("traits of %s: no shape %q", s.Name, n)
		}
		sh := s.Shapes[n]
		sh.Enum, sh.Pattern, sh.re, sh.Min, sh.Max = nil, "", nil, nil, nil
	}
	for op, status := range t.Status {
		if s.Ops[op] == nil {
			return fmt.Errorf("traits of %s: no operation %q", s.Name, op)
		}
		s.Ops[op].Status = status
	}
	for op, root := range t.Roots {
		if s.Ops[op] == nil {
			return fmt.Errorf("traits of %s: no operation %q", s.Name, op)
		}
		s.Ops[op].Root, s.Ops[op].Text = root, slices.Contains(t.Text, op)
	}
	return nil
}

type model struct {
	Metadata struct {
		APIVersion   string    `json:"apiVersion"`
		Protocol     string    `json:"protocol"`
		Protocols    []string  `json:"protocols"`
		JSONVersion  string    `json:"jsonVersion"`
		TargetPrefix string    `json:"targetPrefix"`
		XMLNamespace string    `json:"xmlNamespace"`
		Query        *struct{} `json:"awsQueryCompatible"`
	} `json:"metadata"`
	Operations map[string]modelOp    `json:"operations"`
	Shapes     map[string]modelShape `json:"shapes"`
}

type modelOp struct {
	HTTP struct {
		Method string `json:"method"`
		URI    string `json:"requestUri"`
		Code   int    `json:"responseCode"`
	} `json:"http"`
	Input            *modelRef `json:"input"`
	Output           *modelRef `json:"output"`
	Errors           []string  `json:"errors"`
	Checksum         Checksum  `json:"httpChecksum"`
	ChecksumRequired bool      `json:"httpChecksumRequired"`
}

type modelRef struct {
	Shape           string    `json:"shape"`
	Location        string    `json:"location"`
	LocationName    string    `json:"locationName"`
	Flattened       bool      `json:"flattened"`
	Streaming       bool      `json:"streaming"`
	XMLNamespace    Namespace `json:"xmlNamespace"`
	XMLAttribute    bool      `json:"xmlAttribute"`
	TimestampFormat string    `json:"timestampFormat"`
	Token           bool      `json:"idempotencyToken"`
	JSONValue       bool      `json:"jsonvalue"`
	EventPayload    bool      `json:"eventpayload"`
	EventHeader     bool      `json:"eventheader"`
	ResultWrapper   string    `json:"resultWrapper"`
}

type modelShape struct {
	Type            Kind                 `json:"type"`
	Members         map[string]*modelRef `json:"members"`
	Member          *modelRef            `json:"member"`
	Key             *modelRef            `json:"key"`
	Value           *modelRef            `json:"value"`
	Required        []string             `json:"required"`
	Enum            []string             `json:"enum"`
	Min             *float64             `json:"min"`
	Max             *float64             `json:"max"`
	Pattern         string               `json:"pattern"`
	Flattened       bool                 `json:"flattened"`
	Payload         string               `json:"payload"`
	TimestampFormat string               `json:"timestampFormat"`
	XMLNamespace    Namespace            `json:"xmlNamespace"`
	LocationName    string               `json:"locationName"`
	Union           bool                 `json:"union"`
	Document        bool                 `json:"document"`
	EventStream     bool                 `json:"eventstream"`
	Exception       bool                 `json:"exception"`
	Fault           bool                 `json:"fault"`
	Error           struct {
		Code   string `json:"code"`
		Status int    `json:"httpStatusCode"`
	} `json:"error"`
}

// Parse reads a table in the form of botocore's service-2.json.
func Parse(name string, text []byte) (*Service, error) {
	var m model
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, fmt.Errorf("shape table of %s: %w", name, err)
	}
	md := m.Metadata
	svc := &Service{
		Name: name, Protocol: md.Protocol, Protocols: md.Protocols, Version: md.APIVersion, JSONVersion: md.JSONVersion,
		TargetPrefix: md.TargetPrefix, XMLNamespace: md.XMLNamespace, QueryCompatible: md.Query != nil,
		Ops: map[string]*Op{}, Shapes: map[string]*Shape{},
	}
	b := builder{m: &m, out: svc.Shapes}
	for n, o := range m.Operations {
		svc.Ops[n] = b.op(n, o)
	}
	for n := range m.Shapes {
		b.shape(n)
	}
	if b.err != nil {
		return nil, fmt.Errorf("shape table of %s: %w", name, b.err)
	}
	return svc, nil
}

type builder struct {
	m   *model
	out map[string]*Shape
	err error
}

func (b *builder) op(name string, o modelOp) *Op {
	op := &Op{Name: name, Method: o.HTTP.Method, URI: o.HTTP.URI, Status: o.HTTP.Code, Checksum: o.Checksum,
		Input: b.ref("", o.Input), Output: b.ref("", o.Output)}
	op.Checksum.Required = op.Checksum.Required || o.ChecksumRequired
	if op.Status == 0 {
		op.Status = 200
	}
	if o.Output != nil {
		op.ResultWrapper = o.Output.ResultWrapper
	}
	for _, e := range o.Errors {
		op.Errors = append(op.Errors, b.shape(e))
	}
	return op
}

func (b *builder) ref(name string, r *modelRef) *Ref {
	if r == nil {
		return nil
	}
	return &Ref{Name: name, Shape: b.shape(r.Shape), Location: r.Location, LocationName: r.LocationName, Flattened: r.Flattened,
		Streaming: r.Streaming, XMLNamespace: r.XMLNamespace, XMLAttribute: r.XMLAttribute, TimestampFormat: r.TimestampFormat, Token: r.Token,
		JSONValue: r.JSONValue, EventPayload: r.EventPayload, EventHeader: r.EventHeader}
}

func (b *builder) shape(name string) *Shape {
	if s, ok := b.out[name]; ok {
		return s
	}
	m, ok := b.m.Shapes[name]
	if !ok {
		b.err = fmt.Errorf("no shape %q", name)
		return &Shape{Name: name}
	}
	s := &Shape{Name: name, Kind: m.Type, Enum: m.Enum, Min: m.Min, Max: m.Max, Pattern: m.Pattern, Flattened: m.Flattened,
		Union: m.Union, Document: m.Document, Events: m.EventStream, Payload: m.Payload, TimestampFormat: m.TimestampFormat,
		LocationName: m.LocationName, XMLNamespace: m.XMLNamespace, Exception: m.Exception, Fault: m.Fault,
		ErrorCode: m.Error.Code, Status: m.Error.Status}
	b.out[name] = s // before its parts: shapes refer to themselves
	if m.Pattern != "" {
		s.re, _ = regexp.Compile(m.Pattern) // what RE2 cannot compile is not checked
	}
	s.Elem, s.Key, s.Value = b.ref("", m.Member), b.ref("", m.Key), b.ref("", m.Value)
	b.members(s, m)
	return s
}

func (b *builder) members(s *Shape, m modelShape) {
	required := map[string]bool{}
	for _, r := range m.Required {
		required[r] = true
	}
	for n, r := range m.Members {
		ref := b.ref(n, r)
		ref.Required = required[n]
		s.Members = append(s.Members, ref)
	}
	sort.Slice(s.Members, func(i, j int) bool { return s.Members[i].Name < s.Members[j].Name })
}

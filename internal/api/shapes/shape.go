package shapes

import (
	"encoding/json"
	"regexp"
)

// A Kind is the type of a shape.
type Kind string

// The kinds, named as in the tables.
const (
	Structure Kind = "structure"
	List      Kind = "list"
	Map       Kind = "map"
	String    Kind = "string"
	Blob      Kind = "blob"
	Boolean   Kind = "boolean"
	Byte      Kind = "byte"
	Short     Kind = "short"
	Integer   Kind = "integer"
	Long      Kind = "long"
	Float     Kind = "float"
	Double    Kind = "double"
	Timestamp Kind = "timestamp"
)

// A Shape is one type of a service: a structure, a list, a map or a scalar with its constraints.
type Shape struct {
	Name    string
	Kind    Kind
	Members []*Ref // of a structure, sorted by name
	Elem    *Ref   // of a list
	Key     *Ref   // of a map
	Value   *Ref   // of a map

	Enum      []string
	Min, Max  *float64 // length of strings, blobs, lists, maps; range of numbers
	Pattern   string
	Flattened bool
	Union     bool
	Document  bool
	Events    bool // an event stream

	Payload         string // the member that is the HTTP body
	TimestampFormat string // iso8601, rfc822, unixTimestamp; "" is the protocol's own
	LocationName    string
	XMLNamespace    Namespace

	Exception bool
	ErrorCode string // the code on the wire of query protocols; "" is the shape's name
	Status    int    // HTTP status of an exception, or 0
	Fault     bool   // the server's

	re *regexp.Regexp
}

// A Namespace is an XML namespace of an element.
type Namespace struct {
	URI    string `json:"uri"`
	Prefix string `json:"prefix"`
}

// UnmarshalJSON reads {"uri": ..., "prefix": ...}, or the address alone.
func (n *Namespace) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, &n.URI)
	}
	type plain Namespace
	return json.Unmarshal(b, (*plain)(n))
}

// A Ref is the use of a shape by a member, a list or a map, with the traits of that use.
type Ref struct {
	Name            string // the member's name; "" for elements, keys and values
	Shape           *Shape
	Required        bool
	Location        string // header, headers, querystring, uri, statusCode; "" is the body; "newer": not known
	LocationName    string
	Flattened       bool
	Streaming       bool
	XMLNamespace    Namespace
	XMLAttribute    bool
	TimestampFormat string
	Token           bool // an idempotency token
	EventPayload    bool // the payload of an event, alone
	EventHeader     bool // a header of an event
	JSONValue       bool // JSON, which stands in a header as base64
	Newer           bool // not in the table: derived from the Go field
}

// WireName is the member's name on the wire.
func (r *Ref) WireName() string {
	if r.LocationName != "" {
		return r.LocationName
	}
	return r.Name
}

// IsFlat says whether a list or map stands without a wrapper.
func (r *Ref) IsFlat() bool { return r.Flattened || r.Shape.Flattened }

// Format is the timestamp format of this use: the use's own, the shape's, or def.
func (r *Ref) Format(def string) string {
	switch {
	case r.TimestampFormat != "":
		return r.TimestampFormat
	case r.Shape != nil && r.Shape.TimestampFormat != "":
		return r.Shape.TimestampFormat
	}
	return def
}

// Member returns the member of a structure by its name, or nil.
func (s *Shape) Member(name string) *Ref {
	for _, m := range s.Members {
		if m.Name == name {
			return m
		}
	}
	return nil
}

// An Op is one operation of a service.
type Op struct {
	Name          string
	Method        string
	URI           string // "/{Bucket}/{Key+}?uploads"
	Status        int    // of a success
	Input         *Ref   // nil: none
	Output        *Ref   // nil: none
	ResultWrapper string
	Root          string // the name of the answer's root element, where the shapes do not tell
	Text          bool   // the answer's only member is the root's text
	Errors        []*Shape
	Checksum      Checksum
}

// A Checksum is what an S3 operation does with checksums.
type Checksum struct {
	RequestAlgorithmMember string   `json:"requestAlgorithmMember"`
	Required               bool     `json:"requestChecksumRequired"`
	ValidationModeMember   string   `json:"requestValidationModeMember"`
	ResponseAlgorithms     []string `json:"responseAlgorithms"`
}

// A Service is the table of one AWS service.
type Service struct {
	Name            string // the signing name
	Protocol        string
	Protocols       []string
	Version         string
	JSONVersion     string
	TargetPrefix    string
	XMLNamespace    string
	QueryCompatible bool
	AnswerNamespace string // of every XML answer; "": the shapes tell
	BareErrors      bool   // an XML error's root is Error
	Ops             map[string]*Op
	Shapes          map[string]*Shape
}

// Speaks says whether the service answers a protocol: json, query, rest-xml, smithy-rpc-v2-cbor.
func (s *Service) Speaks(protocol string) bool {
	for _, p := range s.Protocols {
		if p == protocol {
			return true
		}
	}
	return s.Protocol == protocol
}

// Exception finds an exception by its shape name or by its code on the wire, or returns nil.
func (s *Service) Exception(code string) *Shape {
	if sh := s.Shapes[code]; sh != nil && sh.Exception {
		return sh
	}
	for _, sh := range s.Shapes {
		if sh.Exception && sh.ErrorCode == code {
			return sh
		}
	}
	return nil
}

// DropPatterns stops patterns from being checked; tests with random values need it.
func (s *Service) DropPatterns() {
	for _, sh := range s.Shapes {
		sh.re = nil
	}
}

// Package policy reads AWS policy documents and decides requests by them. It knows the language (statements, principals, actions,
// resources, conditions, policy variables) and what S3 asks of a bucket's policy. It is pure: no clock, no store, no request. What a
// request carries (the time, the address, tags) its caller puts into Request.Keys.
//
// It is not the whole decision. Whether an owner's own account may do what no policy forbids, what identity policies, access lists and
// public access blocks add, and whether a principal exists, the caller knows. Service control policies and permission boundaries are
// documents like others and are combined by the caller too.
//
// The language: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies.html. S3's texts are those that S3 was seen to
// answer; testdata/bucket.test says for each where it was seen, and where versitygw's suite asks for another.
package policy

// Version2012 is the version of the language that has policy variables; Version2008 is what a document without a version is.
const (
	Version2012 = "2012-10-17"
	Version2008 = "2008-10-17"
)

// Depth is the deepest nesting a document may have; the grammar needs seven.
const Depth = 10

// A Document is a parsed policy.
type Document struct {
	version    string
	statements []statement
}

// A Malformed error is the text that AWS answers to a wrong document; S3's code for it is MalformedPolicy.
type Malformed string

// Error returns the text.
func (m Malformed) Error() string { return string(m) }

// The texts with which AWS refuses what it cannot read.
const (
	errFirstByte = Malformed("Policies must be valid JSON and the first byte must be '{'")
	errJSON      = Malformed("This policy contains invalid Json")
	errSyntax    = Malformed("Invalid policy syntax.")
)

// A statement has each of its parts as written or its Not form, never both.
type statement struct {
	sid       string
	deny      bool
	principal *principals // nil where an identity's policy leaves it out
	actions   words
	resources words
	conds     []condition
}

// words are a list of patterns, and whether what they do not match is meant.
type words struct {
	not  bool
	list []string
}

// principals are those that a statement names, by the kinds of the Principal element.
type principals struct {
	not       bool
	everyone  bool // "*" or {"AWS": "*"}, which mean the same, also with strangers
	aws       []string
	service   []string
	federated []string
	canonical []string
}

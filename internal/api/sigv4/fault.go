package sigv4

import (
	"time"

	"penstock/internal/api"
)

// A Kind is why a signature is refused.
type Kind int

// The kinds of faults, with what Text and Want hold.
const (
	Anonymous     Kind = iota // no signature at all
	StrangeChunks             // a stranger's body is framed as one that is signed
	TwoForms                  // signed in two ways; Text: the Authorization header
	NoSpace                   // an Authorization header of one word; Text: the header
	NoScheme                  // an Authorization header of another kind; Text: its first word
	OldVersion                // a signature of version 2 where it is not taken
	BadURI                    // the query cannot be decoded
	Missing                   // parts are missing; Text: their names, joined by ","; Want: the one that stands in another's place
	BadPart                   // a part of the Authorization header is no name with a value; Text: the part
	Missing2                  // the same of version 2
	BadAlgorithm              // X-Amz-Algorithm
	NoDate                    // no date at all
	BadDate                   // Text: the date
	BadExpires                // X-Amz-Expires; Text: what is wrong with it
	BadSeconds                // Expires of version 2; Text: as sent
	BadCredential             // the credential has not five parts; Text: as sent
	BadScopeDate              // the credential's date; Text: as sent
	NoRegion                  // the credential's region is empty
	WrongRegion               // Text: the credential's region, Want: those expected, joined by ", ", the likely one first
	WrongService              // Text: the credential's service, Want: the one expected
	WrongTerminal             // Text: the credential's last part
	OtherDay                  // the credential's date is not the request's; Text and Want: both
	UnknownKey                // no such access key id; Text: the id
	BadToken                  // the session token is not that of the temporary key
	Mismatch                  // the signature is not the one that the secret makes of the request
	Skewed                    // the date is too far from the server's; Text: as sent
	NotYet                    // a presigned URL's date lies in the future; Text: in milliseconds
	Expired                   // a presigned URL's time is over; Text: its lifetime in seconds as sent, "" in version 2
	Unsigned                  // headers are not signed; Text: their names
	MissingHash               // S3: x-amz-content-sha256 is missing
	BadHash                   // S3: x-amz-content-sha256 is no hash and no known word; Text: as sent
	BodyHash                  // the body has not the signed hash
	BadChunk                  // aws-chunked framing is broken; Text: what is wrong with it
	SmallChunk                // a chunk before the last is too small; Text: the number of the chunk behind it, Want: its size
	BadTrailer                // what follows the chunks is not what x-amz-trailer names
	NoLength                  // x-amz-decoded-content-length is missing or no number
	Incomplete                // the body ended early, or has not the length that it claims
	TooLarge                  // the body is larger than the service takes; Text: the limit in bytes
)

// A Fault is the error of a request whose signature does not hold.
type Fault struct {
	Kind       Kind
	Text, Want string
	Auth       string // the Authorization header, where AWS names it
	Presigned  bool
	At, Now    time.Time
	Fields     map[string]string // further members of S3's answer
	Err        error
}

// Error implements error.
func (f *Fault) Error() string {
	e := f.For(api.ObjectWords)
	return e.Code + ": " + e.Message
}

// Unwrap gives the cause.
func (f *Fault) Unwrap() error { return f.Err }

const oldVersionText = "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."

// For words the fault as a service does.
func (f *Fault) For(words api.Words) *api.Error {
	if words == api.ObjectWords {
		return f.s3()
	}
	return f.general(words == api.QueryWords)
}

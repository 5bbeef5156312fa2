package sigv4

import (
	"fmt"
	"time"

	"penstock/internal/api"
)

// A Kind is why a signature is refused.
type Kind int

// The kinds of faults.
const (
	Anonymous   Kind = iota // no signature at all
	OldVersion              // a signature of version 2, as boto3's presigned URLs have by default
	Malformed               // the Authorization header
	BadQuery                // the query of a presigned URL
	UnknownKey              // no such access key id
	BadToken                // the session token is not that of the temporary key
	Mismatch                // the signature is not the one that the secret makes of the request
	Skewed                  // the date is too far from the server's
	NotYet                  // a presigned URL's date lies in the future
	Expired                 // a presigned URL's time is over
	Unsigned                // an x-amz- header is not signed
	MissingHash             // S3: x-amz-content-sha256 is missing
	BadHash                 // S3: x-amz-content-sha256 is no hash and no known word
	BodyHash                // the body has not the signed hash
	BadChunk                // aws-chunked framing is broken
	Incomplete              // the body ended early, or has not the length that it claims
	TooLarge                // the body is larger than the service takes
)

// A Fault is the error of a request whose signature does not hold.
type Fault struct {
	Kind    Kind
	Text    string
	At, Now time.Time
	Err     error
}

// Error implements error.
func (f *Fault) Error() string {
	e := f.For("s3", false)
	return e.Code + ": " + e.Message
}

// Unwrap gives the cause.
func (f *Fault) Unwrap() error { return f.Err }

const oldVersionText = "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256 (boto3: Config(signature_version='s3v4'))."

const mismatchText = "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. " +
	"Consult the service documentation for details."

// For words the fault as a service does: S3, a query service, or one that speaks JSON or CBOR.
func (f *Fault) For(service string, query bool) *api.Error {
	switch {
	case service == "s3":
		return f.s3()
	case f.Kind == TooLarge:
		return &api.Error{Code: "RequestEntityTooLarge", Message: "The request is larger than " + f.Text + " bytes", Status: 413, Err: f}
	case query:
		return f.query()
	}
	return f.json()
}

func (f *Fault) s3() *api.Error {
	e := func(code string, status int, msg string) *api.Error {
		return &api.Error{Code: code, Message: msg, Status: status, Err: f.Err}
	}
	switch f.Kind {
	case Anonymous:
		return e("AccessDenied", 403, "Access Denied: the request is not signed")
	case OldVersion:
		return e("InvalidRequest", 400, oldVersionText)
	case Malformed:
		return e("AuthorizationHeaderMalformed", 400, "The authorization header is malformed; "+f.Text+".")
	case BadQuery:
		return e("AuthorizationQueryParametersError", 400, f.Text)
	case UnknownKey:
		x := e("InvalidAccessKeyId", 403, "The AWS Access Key Id you provided does not exist in our records.")
		x.Fields = map[string]string{"AWSAccessKeyId": f.Text}
		return x
	case BadToken:
		return e("InvalidToken", 400, "The provided token is malformed or otherwise invalid.")
	case Mismatch:
		return e("SignatureDoesNotMatch", 403, "The request signature we calculated does not match the signature you provided. Check your key and signing method.")
	case Skewed:
		x := e("RequestTimeTooSkewed", 403, "The difference between the request time and the current time is too large.")
		x.Fields = map[string]string{"RequestTime": f.At.Format(stampLayout), "ServerTime": f.Now.Format(time.RFC3339), "MaxAllowedSkewMilliseconds": "900000"}
		return x
	case NotYet:
		return e("AccessDenied", 403, "Request is not valid yet")
	case Expired:
		x := e("AccessDenied", 403, "Request has expired")
		x.Fields = map[string]string{"Expires": f.At.Format(time.RFC3339), "ServerTime": f.Now.Format(time.RFC3339)}
		return x
	case Unsigned:
		x := e("AccessDenied", 403, "There were headers present in the request which were not signed")
		x.Fields = map[string]string{"HeadersNotSigned": f.Text}
		return x
	}
	return f.s3Body(e)
}

func (f *Fault) s3Body(e func(code string, status int, msg string) *api.Error) *api.Error {
	switch f.Kind {
	case MissingHash:
		return e("InvalidRequest", 400, "Missing required header for this request: x-amz-content-sha256")
	case BadHash:
		return e("InvalidArgument", 400, "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, "+
			"STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.")
	case BodyHash:
		return e("XAmzContentSHA256Mismatch", 400, "The provided 'x-amz-content-sha256' header does not match what was computed.")
	case BadChunk:
		return e("InvalidChunkSizeError", 400, "The chunked body is malformed: "+f.Text)
	case TooLarge:
		return e("EntityTooLarge", 400, "Your proposed upload exceeds the maximum allowed size of "+f.Text+" bytes")
	}
	return e("IncompleteBody", 400, "You did not provide the number of bytes specified by the Content-Length HTTP header")
}

func (f *Fault) query() *api.Error {
	switch f.Kind {
	case Anonymous:
		return &api.Error{Code: "MissingAuthenticationToken", Message: "Request is missing Authentication Token", Status: 403}
	case OldVersion, Malformed, BadQuery, Unsigned, Incomplete:
		return &api.Error{Code: "IncompleteSignature", Message: f.detail(), Status: 400, Err: f.Err}
	case UnknownKey, BadToken:
		return &api.Error{Code: "InvalidClientTokenId", Message: "The security token included in the request is invalid.", Status: 403}
	}
	return &api.Error{Code: "SignatureDoesNotMatch", Message: f.detail(), Status: 403, Err: f.Err}
}

func (f *Fault) json() *api.Error {
	switch f.Kind {
	case Anonymous:
		return &api.Error{Code: "MissingAuthenticationTokenException", Message: "Missing Authentication Token", Status: 400}
	case OldVersion, Malformed, BadQuery, Unsigned, Incomplete:
		return &api.Error{Code: "IncompleteSignatureException", Message: f.detail(), Status: 400, Err: f.Err}
	case UnknownKey, BadToken:
		return &api.Error{Code: "UnrecognizedClientException", Message: "The security token included in the request is invalid.", Status: 400}
	}
	return &api.Error{Code: "InvalidSignatureException", Message: f.detail(), Status: 400, Err: f.Err}
}

func (f *Fault) detail() string {
	switch f.Kind {
	case Unsigned:
		return fmt.Sprintf("'%s' must be a 'SignedHeader' in the AWS Authorization.", f.Text)
	case Skewed:
		word := "Signature expired"
		if f.At.After(f.Now) {
			word = "Signature not yet current"
		}
		return fmt.Sprintf("%s: %s is not within 15 min. of %s", word, f.At.Format(stampLayout), f.Now.Format(stampLayout))
	case Expired, NotYet:
		return fmt.Sprintf("Signature expired: %s is not valid at %s", f.At.Format(stampLayout), f.Now.Format(stampLayout))
	case OldVersion:
		return oldVersionText
	case Incomplete:
		return "the body ended early"
	case Mismatch:
		return mismatchText
	}
	return f.Text
}

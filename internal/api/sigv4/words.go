package sigv4

import (
	"fmt"
	"strings"

	"penstock/internal/api"
)

// The codes of a service that speaks JSON, and those of a query service, with their status.
type codes struct {
	json, query string
	status      int // of the query service
}

func (f *Fault) codes() codes {
	switch f.Kind {
	case TooLarge:
		return codes{"RequestEntityTooLarge", "RequestEntityTooLarge", 413}
	case Anonymous, NoSpace, NoScheme:
		return codes{"MissingAuthenticationTokenException", "MissingAuthenticationToken", 403}
	case TwoForms, OldVersion, BadURI, Missing, Missing2, BadAlgorithm, NoDate, BadDate, BadExpires, BadSeconds, BadCredential, BadPart,
		Incomplete, NoLength:
		return codes{"IncompleteSignatureException", "IncompleteSignature", 400}
	case UnknownKey, BadToken:
		return codes{"UnrecognizedClientException", "InvalidClientTokenId", 403}
	}
	return codes{"InvalidSignatureException", "SignatureDoesNotMatch", 403}
}

// general words the fault as all services but S3 do, which share one front end. Source: what clients recorded of DynamoDB, STS and SQS.
func (f *Fault) general(query bool) *api.Error {
	c := f.codes()
	e := &api.Error{Code: c.json, Message: f.scopeText(), Status: 400, Err: f.Err}
	if query {
		e.Code, e.Status = c.query, c.status
	}
	if f.Kind == TooLarge {
		e.Status = c.status
	}
	return e
}

func (f *Fault) scopeText() string {
	switch f.Kind {
	case BadCredential:
		return "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '" + f.Text + "'"
	case NoRegion:
		return "Credential should be scoped to a valid region. "
	case WrongRegion:
		return "Credential should be scoped to a valid region. This server serves " + f.Want + ", not " + f.Text + "."
	case WrongService:
		return "Credential should be scoped to correct service: '" + f.Want + "'. "
	case WrongTerminal:
		return "Credential should be scoped with a valid terminator: 'aws4_request', not '" + f.Text + "'. "
	case BadScopeDate, OtherDay:
		return fmt.Sprintf("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '%s' != '%s', from '%s'. ",
			f.Text, f.Want, f.At.Format(stampLayout))
	case Unsigned:
		var b strings.Builder
		for name := range strings.SplitSeq(f.Text, ", ") {
			if name == "host" {
				name = "Host"
			}
			fmt.Fprintf(&b, "'%s' must be a 'SignedHeader' in the AWS Authorization. ", name)
		}
		return strings.TrimSpace(b.String())
	}
	return f.timeText()
}

func (f *Fault) timeText() string {
	switch f.Kind {
	case BadDate:
		return "Date must be in ISO-8601 'basic format'. Got '" + f.Text + "'. See http://en.wikipedia.org/wiki/ISO_8601"
	case Skewed:
		if f.At.After(f.Now) {
			return fmt.Sprintf("Signature not yet current: %s is still later than %s (%s + 15 min.)", f.Text,
				f.Now.Add(Skew).UTC().Format(stampLayout),
				f.Now.UTC().Format(stampLayout))
		}
		return fmt.Sprintf("Signature expired: %s is now earlier than %s (%s - 15 min.)", f.Text, f.Now.Add(-Skew).UTC().Format(stampLayout),
			f.Now.UTC().Format(stampLayout))
	case Expired, NotYet:
		return fmt.Sprintf("Signature expired: %s is not valid at %s", f.At.Format(stampLayout), f.Now.UTC().Format(stampLayout))
	case Anonymous, NoSpace, NoScheme:
		return "Request is missing Authentication Token"
	case UnknownKey, BadToken:
		return "The security token included in the request is invalid."
	case Mismatch, BodyHash, BadChunk, SmallChunk, BadTrailer, BadHash, MissingHash:
		return "The request signature we calculated does not match the signature you provided. " +
			"Check your AWS Secret Access Key and signing method. " +
			"Consult the service documentation for details."
	}
	return f.formText()
}

func (f *Fault) formText() string {
	switch f.Kind {
	case TwoForms:
		return onlyOne
	case OldVersion:
		return oldVersionText
	case BadURI:
		return "The query string is malformed: " + f.Err.Error()
	case BadAlgorithm:
		return "Unsupported AWS 'algorithm': '" + f.Text + "' (only AWS4-HMAC-SHA256 for now). "
	case Missing:
		return f.missingText()
	case Incomplete:
		return "The body ended early."
	case BadPart:
		return "Authorization header requires parts of the form name=value, got '" + f.Text + "'. Authorization=" + f.Auth
	case NoLength:
		return "The request has no x-amz-decoded-content-length"
	case TooLarge:
		return "The request is larger than " + f.Text + " bytes"
	}
	return f.Text
}

func (f *Fault) missingText() string {
	var b strings.Builder
	for name := range strings.SplitSeq(f.Text, ",") {
		switch {
		case f.Presigned:
			b.WriteString("AWS query-string parameters must include '" + name + "'. ")
		case name == "Date":
			b.WriteString("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ")
		default:
			b.WriteString("Authorization header requires '" + name + "' parameter. ")
		}
	}
	if f.Presigned {
		return b.String() + "Re-examine the query-string parameters."
	}
	return b.String() + "Authorization=" + f.Auth
}

package sigv4

import (
	"fmt"
	"maps"
	"strings"
	"time"

	"penstock/internal/api"
)

const onlyOne = "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, " +
	"Signature query string parameter or the Authorization " +
	"header should be specified"

// s3 words the fault as S3 does.
func (f *Fault) s3() *api.Error {
	e := f.s3Form()
	for _, word := range []func() *api.Error{f.s3Scope, f.s3Key, f.s3Body} {
		if e == nil {
			e = word()
		}
	}
	e.Err = f.Err
	if len(f.Fields) > 0 {
		e.Fields = maps.Clone(f.Fields)
	}
	return e
}

func word(code string, status int, text string, fields ...string) *api.Error {
	e := &api.Error{Code: code, Status: status, Message: text}
	for i := 0; i+1 < len(fields); i += 2 {
		if e.Fields == nil {
			e.Fields = map[string]string{}
		}
		e.Fields[fields[i]] = fields[i+1]
	}
	return e
}

// s3Form words what is wrong with the form of a signature.
func (f *Fault) s3Form() *api.Error {
	switch f.Kind {
	case Anonymous:
		return word("AccessDenied", 403, "Access Denied")
	case StrangeChunks:
		return word("InvalidRequest", 400, "Anonymous requests don't support this x-amz-content-sha256 value. "+
			"Please use UNSIGNED-PAYLOAD or STREAMING-UNSIGNED-PAYLOAD-TRAILER.")
	case TwoForms, NoSpace, NoScheme:
		text := map[Kind]string{TwoForms: onlyOne, NoSpace: "Authorization header is invalid -- one and only one ' ' (space) required",
			NoScheme: "Unsupported Authorization Type"}[f.Kind]
		e := word("InvalidArgument", 400, text, "ArgumentName", "Authorization")
		if f.Text != "" {
			e.Fields["ArgumentValue"] = f.Text
		}
		return e
	case OldVersion:
		return word("InvalidRequest", 400, oldVersionText)
	case BadURI:
		return word("InvalidURI", 400, "Couldn't parse the specified URI.")
	case Missing:
		if f.Presigned {
			return word("AuthorizationQueryParametersError", 400,
				"Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, "+
					"X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.")
		}
		if f.Want != "" {
			return word("AuthorizationHeaderMalformed", 400, "The authorization header is malformed; missing "+f.Want+".")
		}
		return word("AuthorizationHeaderMalformed", 400,
			"The authorization header is malformed; the authorization header requires three components: "+
				"Credential, SignedHeaders, and Signature.")
	case BadPart:
		return word("AuthorizationHeaderMalformed", 400,
			fmt.Sprintf("The authorization header is malformed; the authorization component %q is malformed.", f.Text))
	case Missing2:
		return word("AccessDenied", 403, "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters")
	case BadAlgorithm:
		return word("AuthorizationQueryParametersError", 400, `X-Amz-Algorithm only supports "AWS4-HMAC-SHA256"`)
	case NoDate:
		return word("AccessDenied", 403, "AWS authentication requires a valid Date or x-amz-date header")
	case BadDate:
		if f.Presigned {
			return word("AuthorizationQueryParametersError", 400, `X-Amz-Date must be in the ISO8601 Long Format "yyyyMMdd'T'HHmmss'Z'"`)
		}
		return word("AccessDenied", 403, "AWS authentication requires a valid Date or x-amz-date header")
	case BadExpires:
		return word("AuthorizationQueryParametersError", 400, f.Text)
	case BadSeconds:
		return word("AccessDenied", 403, "Invalid date (should be seconds since epoch): "+f.Text)
	}
	return nil
}

// s3Scope words what is wrong with the credential's scope: the text of a header and that of a presigned URL differ in their beginning.
func (f *Fault) s3Scope() *api.Error {
	text, fields := "", []string(nil)
	switch f.Kind {
	case BadCredential:
		text = `the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".`
	case BadScopeDate:
		text = fmt.Sprintf(`incorrect date format "%s". This date in the credential must be in the format "yyyyMMdd".`, f.Text)
	case NoRegion:
		text = "a non-empty region must be provided in the credential."
	case WrongRegion:
		likely, _, _ := strings.Cut(f.Want, ", ")
		text, fields = fmt.Sprintf("the region '%s' is wrong; expecting %s", f.Text, either(f.Want, "'")), []string{"Region", likely}
	case WrongService:
		text = fmt.Sprintf(`incorrect service "%s". This endpoint belongs to "%s".`, f.Text, f.Want)
	case WrongTerminal:
		text = fmt.Sprintf(`incorrect terminal "%s". This endpoint uses "aws4_request".`, f.Text)
	case OtherDay:
		if f.Presigned {
			return word("AuthorizationQueryParametersError", 400,
				fmt.Sprintf(`Invalid credential date "%s". This date is not the same as X-Amz-Date: "%s".`, f.Text, f.Want))
		}
		text = "Invalid credential date. Date is not the same as X-Amz-Date."
	default:
		return nil
	}
	if f.Presigned {
		return word("AuthorizationQueryParametersError", 400, "Error parsing the X-Amz-Credential parameter; "+text, fields...)
	}
	return word("AuthorizationHeaderMalformed", 400, "The authorization header is malformed; "+text, fields...)
}

// either quotes one of several, which are joined by ", ".
func either(all, quote string) string {
	return quote + strings.ReplaceAll(all, ", ", quote+" or "+quote) + quote
}

// s3Key words what is wrong with the key, the signature or its time.
func (f *Fault) s3Key() *api.Error {
	now := f.Now.UTC().Format(time.RFC3339)
	switch f.Kind {
	case UnknownKey:
		return word("InvalidAccessKeyId", 403, "The AWS Access Key Id you provided does not exist in our records.", "AWSAccessKeyId", f.Text)
	case BadToken:
		return word("InvalidToken", 400, "The provided token is malformed or otherwise invalid.")
	case Mismatch:
		return word("SignatureDoesNotMatch", 403,
			"The request signature we calculated does not match the signature you provided. Check your key and signing method.")
	case Skewed:
		return word("RequestTimeTooSkewed", 403, "The difference between the request time and the current time is too large.",
			"RequestTime", f.Text, "ServerTime", now, "MaxAllowedSkewMilliseconds", "900000")
	case NotYet:
		return word("AccessDenied", 403, "Request is not yet valid", "X-Amz-Date", f.Text, "Expires",
			f.At.Format(time.RFC3339), "ServerTime", now)
	case Expired:
		e := word("AccessDenied", 403, "Request has expired", "Expires", f.At.Format(time.RFC3339), "ServerTime", now)
		if f.Text != "" {
			e.Fields["X-Amz-Expires"] = f.Text
		}
		return e
	case Unsigned:
		return word("AccessDenied", 403, "There were headers present in the request which were not signed", "HeadersNotSigned", f.Text)
	}
	return nil
}

// s3Body words what is wrong with the body.
func (f *Fault) s3Body() *api.Error {
	switch f.Kind {
	case MissingHash:
		return word("InvalidRequest", 400, "Missing required header for this request: x-amz-content-sha256")
	case BadHash:
		return word("InvalidArgument", 400, "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, "+
			"STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD, "+
			"STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER or a valid sha256 value.",
			"ArgumentName", "x-amz-content-sha256", "ArgumentValue", f.Text)
	case BodyHash:
		return word("XAmzContentSHA256Mismatch", 400, "The provided 'x-amz-content-sha256' header does not match what was computed.")
	case BadChunk:
		return word("IncompleteBody", 400, "The request body terminated unexpectedly")
	case SmallChunk:
		return word("InvalidChunkSizeError", 400, "Only the last chunk is allowed to have a size less than 8192 bytes", "Chunk",
			f.Text, "BadChunkSize", f.Want)
	case BadTrailer:
		return word("MalformedTrailerError", 400,
			"The request contained trailing data that was not well-formed or did not conform to our published schema.")
	case NoLength:
		return word("MissingContentLength", 411, "You must provide the Content-Length HTTP header.")
	case TooLarge:
		return word("EntityTooLarge", 400, "Your proposed upload exceeds the maximum allowed size of "+f.Text+" bytes")
	}
	return word("IncompleteBody", 400, "You did not provide the number of bytes specified by the Content-Length HTTP header")
}

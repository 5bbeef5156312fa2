package sigv4

import (
	"bufio"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"penstock/internal/api"
)

// TestPresignedParameters alters one parameter of a presigned URL at a time; the texts are those that S3 answered on 2026-09-29.
func TestPresignedParameters(t *testing.T) {
	const missing = "AuthorizationQueryParametersError: Query-string authentication version 4 requires the X-Amz-Algorithm, " +
		"X-Amz-Credential, " +
		"X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters."
	const parsing = "AuthorizationQueryParametersError: Error parsing the X-Amz-Credential parameter; "
	const week = "AuthorizationQueryParametersError: X-Amz-Expires must be less than a week (in seconds); that is, " +
		"the given X-Amz-Expires must be less than " +
		"604800 seconds"
	const mismatch = "SignatureDoesNotMatch: The request signature we calculated does not match the signature you provided. " +
		"Check your key and signing method."
	for _, c := range [][3]string{
		{"X-Amz-Expires=86400", "X-Amz-Expires=-1", "AuthorizationQueryParametersError: X-Amz-Expires must be non-negative"},
		{"X-Amz-Expires=86400", "X-Amz-Expires=604801", week},
		{"X-Amz-Expires=86400", "X-Amz-Expires=soon", "AuthorizationQueryParametersError: X-Amz-Expires should be a number"},
		{"X-Amz-Expires=86400", "X-Amz-Expires=", "AuthorizationQueryParametersError: X-Amz-Expires should be a number"},
		{"X-Amz-Expires=86400", "X-Amz-Expires=604800", mismatch},
		{"&X-Amz-Expires=86400", "", missing},
		{"&X-Amz-SignedHeaders=host", "", missing},
		{"&X-Amz-Date=20130524T000000Z", "", missing},
		{"X-Amz-Credential=AKIA", "X-Other=AKIA", missing},
		{"X-Amz-Signature=", "X-Other=", missing},
		{"X-Amz-Algorithm=AWS4-HMAC-SHA256", "X-Amz-Algorithm=AWS4-HMAC-SHA1",
			`AuthorizationQueryParametersError: X-Amz-Algorithm only supports "AWS4-HMAC-SHA256"`},
		{"X-Amz-Date=20130524T000000Z", "X-Amz-Date=2013-05-24",
			`AuthorizationQueryParametersError: X-Amz-Date must be in the ISO8601 Long Format "yyyyMMdd'T'HHmmss'Z'"`},
		{"%2Faws4_request", "", parsing + `the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".`},
		{"aws4_request", "aws3_request", parsing + `incorrect terminal "aws3_request". This endpoint uses "aws4_request".`},
		{"us-east-1", "ap-south-1", parsing + "the region 'ap-south-1' is wrong; expecting 'us-east-1' or 'eu-west-1'"},
		{"us-east-1", "", parsing + "a non-empty region must be provided in the credential."},
		{"us-east-1", "eu-west-1", mismatch},
		{"%2F20130524%2F", "%2F201305%2F",
			parsing + `incorrect date format "201305". This date in the credential must be in the format "yyyyMMdd".`},
		{"%2F20130524%2F", "%2F20130523%2F",
			`AuthorizationQueryParametersError: Invalid credential date "20130523". This date is not the same as X-Amz-Date: "20130524".`},
		{exampleKey, "AKIAOTHER", "InvalidAccessKeyId: The AWS Access Key Id you provided does not exist in our records."},
		{"Host: ", "Authorization: x y\r\nHost: ", "InvalidArgument: " + onlyOne},
		{"X-Amz-SignedHeaders=host", "X-Amz-SignedHeaders=range",
			"AccessDenied: There were headers present in the request which were not signed"},
	} {
		text := strings.Replace(presignedExample, c[0], c[1], 1)
		if _, _, err := verify(t, text, exampleTime); text == presignedExample || err == nil || err.Error() != c[2] {
			t.Errorf("%s -> %s:\n got %v\nwant %s", c[0], c[1], err, c[2])
		}
	}
}

// TestHeaderWords alters one part of an Authorization header at a time, for S3 and for services whose words are shared.
func TestHeaderWords(t *testing.T) {
	const head = "AuthorizationHeaderMalformed: The authorization header is malformed; "
	const day = "20130524T000000Z"
	for _, c := range [][4]string{
		{"us-east-1", "ap-south-1", head + "the region 'ap-south-1' is wrong; expecting 'us-east-1' or 'eu-west-1'",
			"InvalidSignatureException: Credential should be scoped to a valid region. "},
		{"/aws4_request", "/aws3_request", head + `incorrect terminal "aws3_request". This endpoint uses "aws4_request".`,
			"InvalidSignatureException: Credential should be scoped with a valid terminator: 'aws4_request', not 'aws3_request'. "},
		{"/20130524/", "/20130523/", head + "Invalid credential date. Date is not the same as X-Amz-Date.",
			"InvalidSignatureException: Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: " +
				"'20130523' != '20130524', from '20130524T000000Z'. "},
		{",Signature=", ";Signature=", head + "the authorization header requires three components: Credential, SignedHeaders, and Signature.",
			"IncompleteSignatureException: Authorization header requires 'Signature' parameter. Authorization="},
		{"Credential=", "Cred=", head + "missing Credential.", "IncompleteSignatureException: "},
		{"SignedHeaders=", "SignedHeaders-",
			head + `the authorization component "SignedHeaders-host;range;x-amz-content-sha256;x-amz-date" is malformed.`,
			"IncompleteSignatureException: "},
		{"Signature=", "Sig=", head + "missing Signature.",
			"IncompleteSignatureException: Authorization header requires 'Signature' parameter. Authorization="},
		{"AWS4-HMAC-SHA256 ", "Bearer ", "InvalidArgument: Unsupported Authorization Type",
			"MissingAuthenticationTokenException: Request is missing Authentication Token"},
		{"AWS4-HMAC-SHA256 ", "token", "InvalidArgument: Authorization header is invalid -- one and only one ' ' (space) required",
			"MissingAuthenticationTokenException: Request is missing Authentication Token"},
		{"AWS4-HMAC-SHA256 ", "AWS ", "InvalidRequest: " + oldVersionText, "IncompleteSignatureException: " + oldVersionText},
		{"x-amz-date: " + day, "x-amz-date: today", "AccessDenied: AWS authentication requires a valid Date or x-amz-date header",
			"IncompleteSignatureException: Date must be in ISO-8601 'basic format'. Got 'today'. See http://en.wikipedia.org/wiki/ISO_8601"},
		{"x-amz-content-sha256: e3", "x-amz-content-sha256: 3", "InvalidArgument: x-amz-content-sha256 must be UNSIGNED-PAYLOAD, ",
			"InvalidSignatureException: "},
	} {
		for i, service := range []string{"s3", "glue"} {
			text := strings.Replace(strings.Replace(getExample, c[0], c[1], 1), "/s3/", "/"+service+"/", 1)
			_, _, err := verify(t, text, exampleTime)
			var f *Fault
			if !errors.As(err, &f) || !strings.HasPrefix(errorText(f, service), c[2+i]) {
				t.Errorf("%s -> %s for %s:\n got %s\nwant %s", c[0], c[1], service, errorText(f, service), c[2+i])
			}
			if f != nil && f.Kind == WrongRegion && service == "s3" && f.For(api.ObjectWords).Fields["Region"] != "us-east-1" {
				t.Error("the expected region is not named")
			}
		}
	}
}

func errorText(f *Fault, service string) string {
	if f == nil {
		return "no fault"
	}
	words := api.JSONWords
	if service == "s3" {
		words = api.ObjectWords
	}
	e := f.For(words)
	return e.Code + ": " + e.Message
}

// TestQueryOrder signs, with the SDK, a query whose names and values sort otherwise joined than apart.
func TestQueryOrder(t *testing.T) {
	for _, query := range []string{"a&a-b=2", "a-b=2&a", "a=1&a%2B=2&a.b=3&a=0", "k=%20&k=%21&k=a", "uploads", "a=b;c&A=%C3%A9", "b=&&a"} {
		r, err := http.ReadRequest(bufio.NewReader(
			strings.NewReader("GET /b?" + query + " HTTP/1.1\r\nHost: localhost\r\nx-amz-content-sha256: " + emptyHash + "\r\n\r\n")))
		if err != nil {
			t.Fatal(err)
		}
		creds := aws.Credentials{AccessKeyID: exampleKey, SecretAccessKey: exampleSecret}
		signed := r.Clone(t.Context())
		signed.URL.RawQuery = strings.ReplaceAll(query, ";", "%3B")
		if err := v4.NewSigner().SignHTTP(t.Context(), creds, signed, emptyHash, "s3", "us-east-1", exampleTime); err != nil {
			t.Fatal(err)
		}
		r.Header = signed.Header
		if _, err := testVerifier(exampleTime).Verify(r, Read(r), 0); err != nil {
			t.Errorf("%s: %v", query, err)
		}
	}
}

// TestParametersThatAreHeaders presigns a URL whose x-amz- headers stand in the query, as the SDK for JavaScript makes it.
func TestParametersThatAreHeaders(t *testing.T) {
	const uri = "http://localhost/b/k?X-Amz-Expires=60&x-amz-acl=private&x-amz-meta-colour=red&X-Amz-Content-Sha256=UNSIGNED-PAYLOAD"
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, uri, nil)
	if err != nil {
		t.Fatal(err)
	}
	creds := aws.Credentials{AccessKeyID: exampleKey, SecretAccessKey: exampleSecret}
	signed, _, err := v4.NewSigner().PresignHTTP(t.Context(), creds, r, unsignedPayload, "s3", "us-east-1", exampleTime)
	if err != nil {
		t.Fatal(err)
	}
	got, err := http.NewRequestWithContext(t.Context(), http.MethodPut, signed, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := testVerifier(exampleTime.Add(time.Minute)).Verify(got, Read(got), 0); err != nil {
		t.Fatal(err)
	}
	if got.Header.Get("X-Amz-Acl") != "private" || got.Header.Get("X-Amz-Meta-Colour") != "red" || got.Header.Get("X-Amz-Date") != "" {
		t.Errorf("%v of %s", got.Header, signed)
	}
}

// BenchmarkVerify is a GET of an object and a listing, as a client signs them.
func BenchmarkVerify(b *testing.B) {
	for name, text := range map[string]string{"get": getExample, "list": listExample, "presigned": presignedExample} {
		b.Run(name, func(b *testing.B) {
			r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(text)))
			if err != nil {
				b.Fatal(err)
			}
			v := testVerifier(exampleTime)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := v.Verify(r, Read(r), 0); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

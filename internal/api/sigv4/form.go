package sigv4

import (
	"crypto/subtle"
	"fmt"
	"slices"
	"strings"
	"time"

	"penstock/internal/api"
)

// keyLife is how long a signing key holds after its date.
const keyLife = 7 * 24 * time.Hour

// VerifyForm verifies the signature over the policy of a browser's form, by its fields' names in lower case. Version 4 signs it
// with the key of a scope, version 2 with the secret. A form without any of the fields is anonymous. The policy itself is not read.
// The region is that of the scope, "" in version 2.
func (v *Verifier) VerifyForm(fields map[string]string) (p api.Principal, region string, err error) {
	has := func(name string) bool { _, ok := fields[name]; return ok }
	names := []string{"policy", "x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature"}
	version2 := has("awsaccesskeyid") || has("signature")
	if version2 {
		names = []string{"policy", "awsaccesskeyid", "signature"}
	}
	if !slices.ContainsFunc(names, has) {
		return p, "", &Fault{Kind: Anonymous}
	}
	for _, name := range names {
		if !has(name) {
			return p, "", FormField(name)
		}
	}
	c := &Claim{accessKey: fields["awsaccesskeyid"], signature: fields["signature"]}
	if !version2 {
		if err := v.readForm(c, fields); err != nil {
			return p, "", err
		}
	}
	secret, principal, ok := v.Keys(c.accessKey)
	if !ok {
		return p, "", &Fault{Kind: UnknownKey, Text: c.accessKey}
	}
	want := principal.SessionToken
	principal.SessionToken = ""
	if subtle.ConstantTimeCompare([]byte(fields["x-amz-security-token"]), []byte(want)) != 1 {
		return p, "", &Fault{Kind: BadToken}
	}
	policy := fields["policy"]
	if version2 && !matches2(secret, policy, c.signature) || !version2 && !equalHex(c.signature, mac(v.signer(c, secret).key, policy)) {
		return p, "", mismatch(c, policy, "")
	}
	return principal, c.Region, nil
}

// readForm reads the fields of version 4.
func (v *Verifier) readForm(c *Claim, fields map[string]string) error {
	wrong := func(name, format string, args ...any) error {
		return word("InvalidArgument", 400, fmt.Sprintf(format, args...), "ArgumentName", name, "ArgumentValue", fields[strings.ToLower(name)])
	}
	if fields["x-amz-algorithm"] != algorithm {
		return wrong("X-Amz-Algorithm", "Only AWS4-HMAC-SHA256 is supported")
	}
	at, err := time.Parse(stampLayout, fields["x-amz-date"])
	if err != nil {
		return wrong("X-Amz-Date", "X-Amz-Date must be formated via ISO8601 Long format")
	}
	if v.Clock.Now().Sub(at) > keyLife {
		return word("AccessDenied", 403, "Invalid according to Policy: Policy expired.")
	}
	const name = "x-amz-credential"
	c.credential, c.signature = fields[name], fields["x-amz-signature"]
	c.split()
	if c.scope == "" {
		return wrong(name, `the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".`)
	}
	regions := v.Regions("s3")
	_, err = time.Parse("20060102", c.date)
	switch {
	case err != nil:
		return wrong(name, `incorrect date format %q. This date in the credential must be in the format "yyyyMMdd".`, c.date)
	case c.terminal != "aws4_request":
		return wrong(name, `incorrect terminal %q. This endpoint uses "aws4_request".`, c.terminal)
	case c.Service != "s3":
		return wrong(name, `incorrect service %q. This endpoint belongs to "s3".`, c.Service)
	case !slices.Contains(regions, c.Region):
		return wrong(name, "the region %q is wrong; expecting %s", c.Region, either(strings.Join(regions, ", "), `"`))
	}
	return nil
}

// FormField is the error of a form without a field that it needs.
func FormField(name string) *api.Error {
	return word("InvalidArgument", 400,
		"Bucket POST must contain a field named '"+name+"'.  If it is specified, please check the order of the fields.",
		"ArgumentName", name, "ArgumentValue", "")
}

package sigv4

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	maxExpires = 7 * 24 * time.Hour
	maxSigned  = 200       // names of signed headers
	maxSeconds = 1<<31 - 1 // of a version 2 signature's Expires
)

// check refuses what can be refused without the key, in the order in which S3 does.
func (v *Verifier) check(r *http.Request, c *Claim) *Fault {
	if c.fault != nil {
		return c.fault
	}
	var f *Fault
	switch c.form {
	case unsigned:
		return &Fault{Kind: Anonymous}
	case inQuery2:
		return c.checkSeconds(v.Clock.Now())
	case inHeader:
		f = c.checkHeader(r, v.Clock.Now())
	case inQuery:
		f = c.checkQuery(v.Clock.Now())
	}
	if f == nil {
		f = v.checkScope(r, c)
	}
	if f == nil {
		f = c.checkSigned(r)
	}
	return f
}

func (c *Claim) checkHeader(r *http.Request, now time.Time) *Fault {
	if c.Service == "s3" {
		hash := first(r.Header["X-Amz-Content-Sha256"])
		if hash == "" {
			return &Fault{Kind: MissingHash}
		}
		if !isHash(hash) {
			return &Fault{Kind: BadHash, Text: hash}
		}
	}
	var ok bool
	switch c.at, ok = parseDate(c.stamp); {
	case c.stamp == "" && c.Service != "s3":
		c.require("Date", false)
	case c.stamp == "":
		return &Fault{Kind: NoDate}
	case !ok:
		return &Fault{Kind: BadDate, Text: c.stamp}
	default:
		if d := now.Sub(c.at); d > Skew || d < -Skew {
			return &Fault{Kind: Skewed, Text: c.stamp, At: c.at, Now: now}
		}
	}
	switch {
	case c.badPart != "":
		return &Fault{Kind: BadPart, Text: c.badPart, Auth: c.auth}
	case c.missing != "":
		return &Fault{Kind: Missing, Text: c.missing, Want: c.misplaced, Auth: c.auth}
	}
	return nil
}

func isHash(s string) bool {
	switch s {
	case unsignedPayload, signedChunks, signedTrailer, unsignedTrailer:
		return true
	}
	if len(s) != 64 {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
			return false
		}
	}
	return true
}

// parseDate reads X-Amz-Date or Date.
func parseDate(s string) (time.Time, bool) {
	if t, ok := parseStamp(s); ok {
		return t, true
	}
	t, err := time.Parse(stampLayout, s)
	if err != nil {
		t, err = http.ParseTime(s)
	}
	return t.UTC(), err == nil
}

// parseStamp reads a date of the usual form, 20261124T093000Z. What it does not know is time.Parse's to judge.
func parseStamp(s string) (time.Time, bool) {
	if len(s) != len(stampLayout) || s[8] != 'T' || s[15] != 'Z' {
		return time.Time{}, false
	}
	var n [15]int
	for i := range n {
		n[i] = int(s[i]) - '0'
		if i != 8 && (n[i] < 0 || n[i] > 9) {
			return time.Time{}, false
		}
	}
	year, month, day := n[0]*1000+n[1]*100+n[2]*10+n[3], n[4]*10+n[5], n[6]*10+n[7]
	hour, minute, second := n[9]*10+n[10], n[11]*10+n[12], n[13]*10+n[14]
	if month < 1 || month > 12 || day < 1 || day > 28 || hour > 23 || minute > 59 || second > 59 { // time.Parse knows long months
		return time.Time{}, false
	}
	return time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC), true
}

func (c *Claim) checkQuery(now time.Time) *Fault {
	if alg, _ := c.param("X-Amz-Algorithm"); alg != algorithm {
		return &Fault{Kind: BadAlgorithm, Text: alg}
	}
	if c.missing != "" {
		return &Fault{Kind: Missing, Text: c.missing}
	}
	var err error
	if c.at, err = time.Parse(stampLayout, c.stamp); err != nil {
		return &Fault{Kind: BadDate, Text: c.stamp}
	}
	n, err := strconv.ParseInt(c.expires, 10, 64)
	switch {
	case err != nil:
		return &Fault{Kind: BadExpires, Text: "X-Amz-Expires should be a number"}
	case n < 0:
		return &Fault{Kind: BadExpires, Text: "X-Amz-Expires must be non-negative"}
	case n > int64(maxExpires/time.Second):
		return &Fault{Kind: BadExpires,
			Text: "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds"}
	}
	c.life = time.Duration(n) * time.Second
	end := c.at.Add(c.life)
	switch {
	case now.Before(c.at.Add(-Skew)):
		return &Fault{Kind: NotYet, Text: strconv.FormatInt(c.at.UnixMilli(), 10), At: end, Now: now}
	case now.After(end):
		return &Fault{Kind: Expired, Text: c.expires, At: end, Now: now}
	}
	return nil
}

// checkSeconds checks the times of a version 2 signature, which has an end only.
func (c *Claim) checkSeconds(now time.Time) *Fault {
	if c.missing != "" {
		return &Fault{Kind: Missing2, Text: c.missing}
	}
	n, err := strconv.ParseInt(c.expires, 10, 64)
	if err != nil || n > maxSeconds {
		return &Fault{Kind: BadSeconds, Text: c.expires}
	}
	if end := time.Unix(n, 0).UTC(); now.After(end) {
		return &Fault{Kind: Expired, At: end, Now: now}
	}
	return nil
}

// checkScope checks the credential's form, terminal, date and region, in this order.
func (v *Verifier) checkScope(r *http.Request, c *Claim) *Fault {
	if c.scope == "" {
		return &Fault{Kind: BadCredential, Text: c.credential}
	}
	day, wellFormed := c.date, true
	if len(day) != 8 || !strings.HasPrefix(c.stamp, day+"T") { // else the stamp, which was read, proves it
		_, err := time.Parse("20060102", c.date)
		wellFormed, day = err == nil, c.at.Format("20060102")
	}
	regions := v.Regions(c.Service)
	switch {
	case c.Service == "":
		return &Fault{Kind: WrongService, Want: "s3"}
	case c.terminal != "aws4_request":
		return &Fault{Kind: WrongTerminal, Text: c.terminal}
	case !wellFormed:
		return &Fault{Kind: BadScopeDate, Text: c.date}
	case c.Region == "":
		return &Fault{Kind: NoRegion, Want: regions[0]}
	case !slices.Contains(regions, c.Region):
		return &Fault{Kind: WrongRegion, Text: c.Region, Want: strings.Join(regions, ", ")}
	case c.date != day:
		return &Fault{Kind: OtherDay, Text: c.date, Want: day, At: c.at}
	}
	if want := v.Wanted(r, c.Service); want != "" {
		return &Fault{Kind: WrongService, Text: c.Service, Want: want}
	}
	return nil
}

// checkSigned wants host, Content-MD5 for S3, and every x-amz- header among the signed ones: otherwise a header could be added to a
// signed request, and a presigned upload be turned into a copy. x-amz-content-sha256 is signed as the payload's hash.
func (c *Claim) checkSigned(r *http.Request) *Fault {
	if strings.Count(c.signed, ";") >= maxSigned {
		return &Fault{Kind: Unsigned, Text: "host"}
	}
	if !c.signs("host") {
		return &Fault{Kind: Unsigned, Text: "host"}
	}
	var stray []string
	for name := range r.Header {
		if len(name) < 6 || !strings.EqualFold(name[:6], "x-amz-") && (name != "Content-Md5" || c.Service != "s3") {
			continue
		}
		if name != "X-Amz-Content-Sha256" && !c.signs(name) {
			stray = append(stray, strings.ToLower(name))
		}
	}
	if len(stray) > 0 {
		slices.Sort(stray)
		return &Fault{Kind: Unsigned, Text: strings.Join(stray, ", ")}
	}
	return nil
}

// signs reports whether a header is among the signed ones.
func (c *Claim) signs(name string) bool {
	for rest := c.signed; rest != ""; {
		var s string
		s, rest, _ = strings.Cut(rest, ";")
		if len(s) == len(name) && strings.EqualFold(s, name) {
			return true
		}
	}
	return false
}

// hoisted puts parameters of a URL that stand for x-amz- headers among the headers, as SDKs for Go and JavaScript make them of what they
// sign. A header that was sent is kept. Checksums are left: S3 does not look at them in a URL, and those SDKs write the checksum of the
// empty body that they have when they sign (https://github.com/aws/aws-sdk-go-v2/issues/2610).
func hoisted(r *http.Request, c *Claim) {
	for _, p := range c.query {
		if len(p.k) < 6 || !strings.EqualFold(p.k[:6], "x-amz-") {
			continue
		}
		switch name := http.CanonicalHeaderKey(p.k); name {
		case "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-Signedheaders",
			"X-Amz-Signature", "X-Amz-Security-Token",
			"X-Amz-Content-Sha256", "X-Amz-Sdk-Checksum-Algorithm":
		default:
			if value, ok := strings.CutPrefix(name, "X-Amz-Checksum-"); ok && value != "Mode" && value != "Algorithm" && value != "Type" {
				continue
			}
			if len(r.Header[name]) == 0 {
				r.Header.Set(name, p.v)
			}
		}
	}
}

package s3

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"penstock/internal/object"
	"penstock/internal/object/lock"
)

// A lockAsk is a request to a server with a bucket "lock" (object lock, no default), "lock-days" (a default), "plain" and "kept" (versioning
// alone), and what its answer has: the status and after a space pieces divided by " ... ".
type lockAsk struct {
	ask
	want string
}

const (
	lockedText  = "403 <Code>AccessDenied</Code><Message>Access Denied because object protected by object lock.</Message>"
	malformed   = "400 <Code>MalformedXML</Code><Message>The XML you provided was not well-formed or did not validate against our published schema</Message>"
	noLockText  = "400 <Code>InvalidRequest</Code><Message>Bucket is missing Object Lock Configuration</Message>"
	noLockWrite = "400 <Code>InvalidRequest</Code><Message>Bucket is missing ObjectLockConfiguration</Message>"
	never       = "404 <Code>NoSuchObjectLockConfiguration</Code><Message>The specified object does not have a ObjectLock configuration</Message>"
	future      = "400 <Code>InvalidArgument</Code><Message>The retain until date must be in the future!</Message>"
	unproven    = "400 <Code>InvalidRequest</Code><Message>Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters</Message>"
	lockedSum   = "X-Amz-Checksum-Crc32: 6tLIkQ==\n" // of "locked"
)

func (a lockAsk) check(t *testing.T, w *way) {
	t.Helper()
	got := w.send(a.ask)
	status, text, _ := strings.Cut(a.want, " ")
	ok := strings.HasPrefix(got, status+"\n")
	for _, piece := range strings.Split(text, " ... ") {
		ok = ok && strings.Contains(got, piece)
	}
	if !ok {
		t.Errorf("%s %s %s %s\nwant %s\ngot %s", a.method, a.path, a.header, a.body, a.want, got)
	}
}

func retention(mode, until string) string {
	return `<Retention xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Mode>` + mode + "</Mode><RetainUntilDate>" + until + "</RetainUntilDate></Retention>"
}

func lockRule(rule string) string {
	return "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled>" + rule + "</ObjectLockConfiguration>"
}

// TestLockConfigurations are put and read. Most answers are those that S3 was seen to give.
func TestLockConfigurations(t *testing.T) {
	w := newWay(t, false)
	put := func(bucket, body, want string) lockAsk {
		return lockAsk{ask{method: "PUT", path: "/" + bucket + "?object-lock", body: body}, want}
	}
	get := func(bucket, want string) lockAsk {
		return lockAsk{ask{method: "GET", path: "/" + bucket + "?object-lock"}, want}
	}
	rule := func(r string) string { return lockRule("<Rule><DefaultRetention>" + r + "</DefaultRetention></Rule>") }
	const period = "400 <Code>InvalidArgument</Code><Message>Default retention period "
	for _, a := range []lockAsk{
		get("plain", "404 <Code>ObjectLockConfigurationNotFoundError</Code><Message>Object Lock configuration does not exist for this bucket</Message><BucketName>plain</BucketName>"),
		get("none", "404 <Code>NoSuchBucket</Code>"),
		get("lock", `200 <ObjectLockConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>`),
		get("lock-days", "200 <Rule><DefaultRetention><Days>3</Days><Mode>COMPLIANCE</Mode></DefaultRetention></Rule>"),
		put("plain", lockRule(""), "409 <Code>InvalidBucketState</Code><Message>Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration</Message>"),
		put("none", lockRule(""), "404 <Code>NoSuchBucket</Code>"),
		put("lock", "", "400 <Code>MissingRequestBodyError</Code><Message>Request Body is empty</Message>"),
		put("lock", "<ObjectLockConfiguration/>", malformed),
		put("lock", strings.Replace(lockRule(""), ">Enabled", ">Disabled", 1), malformed),
		put("lock", lockRule("<Rule/>"), malformed),
		put("lock", rule(""), malformed),
		put("lock", rule("<Mode>GOVERNANCE</Mode>"), malformed),
		put("lock", rule("<Days>1</Days>"), malformed),
		put("lock", rule("<Mode>HARSH</Mode><Days>1</Days>"), malformed),
		put("lock", rule("<Mode>GOVERNANCE</Mode><Days>1</Days><Years>1</Years>"), malformed),
		put("lock", rule("<Mode>GOVERNANCE</Mode><Days>1</Days><Years>0</Years>"), malformed),
		put("lock", rule("<Mode>GOVERNANCE</Mode><Days>0</Days>"), period+"must be a positive integer value.</Message><ArgumentName>Days</ArgumentName>"),
		put("lock", rule("<Mode>GOVERNANCE</Mode><Years>-1</Years>"), period+"must be a positive integer value.</Message><ArgumentName>Years</ArgumentName>"),
		put("lock", rule("<Mode>GOVERNANCE</Mode><Days>36501</Days>"), period+"too large.</Message><ArgumentName>Days</ArgumentName>"),
		put("lock", rule("<Mode>GOVERNANCE</Mode><Years>101</Years>"), period+"too large.</Message><ArgumentName>Years</ArgumentName>"),
		put("lock", rule("<Mode>GOVERNANCE</Mode><DefaultEventHold><Days>1</Days></DefaultEventHold>"), "501 <Code>NotImplemented</Code> ... DefaultEventHold"),
		get("lock", "200 <ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>"),
		put("lock", rule("<Mode>GOVERNANCE</Mode><Years>100</Years>"), "200 "),
		get("lock", "200 <Rule><DefaultRetention><Mode>GOVERNANCE</Mode><Years>100</Years></DefaultRetention></Rule>"),
		put("lock", lockRule(""), "200 "),
		get("lock", "200 <ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>"),
		put("kept", lockRule(""), "200 "), // a bucket that was made without
		get("kept", "200 <ObjectLockEnabled>Enabled</ObjectLockEnabled>"),
		{ask{method: "PUT", path: "/kept?versioning", body: "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>"},
			"409 <Code>InvalidBucketState</Code><Message>An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.</Message>"},
		{ask{method: "PUT", path: "/kept?versioning", body: "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"}, "200 "},
		{ask{method: "PUT", path: "/made", header: "X-Amz-Bucket-Object-Lock-Enabled: true"}, "200 "},
		{ask{method: "PUT", path: "/made", header: "X-Amz-Bucket-Object-Lock-Enabled: true"}, "200 "},
		get("made", "200 <ObjectLockEnabled>Enabled</ObjectLockEnabled>"),
		{ask{method: "GET", path: "/made?versioning"}, "200 <Status>Enabled</Status>"},
		{ask{method: "PUT", path: "/plain", header: "X-Amz-Bucket-Object-Lock-Enabled: true"}, "409 <Code>BucketAlreadyOwnedByYou</Code>"}, // it would not have it
		{ask{method: "PUT", path: "/plain", header: "X-Amz-Bucket-Object-Lock-Enabled: false"}, "200 "},
	} {
		a.check(t, w)
	}
}

// TestRetentionsAndHolds are put on versions and read.
func TestRetentionsAndHolds(t *testing.T) {
	w := newWay(t, false)
	retain := func(path, body, want string) lockAsk {
		return lockAsk{ask{method: "PUT", path: path, body: body}, want}
	}
	const soon, later, before = "2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z", "2026-03-01T12:00:00Z"
	const bypass = "X-Amz-Bypass-Governance-Retention: true"
	version := ""
	for _, a := range []lockAsk{
		{ask{method: "PUT", path: "/plain/k", body: "x"}, "200 "},
		{ask{method: "PUT", path: "/lock/k", body: "x"}, "200 "},
		{ask{method: "GET", path: "/lock/k?retention"}, never},
		{ask{method: "GET", path: "/lock/k?legal-hold"}, never},
		{ask{method: "GET", path: "/plain/k?retention"}, noLockText},
		{ask{method: "GET", path: "/plain/k?legal-hold"}, noLockText},
		{ask{method: "GET", path: "/lock/absent?retention"}, "404 <Code>NoSuchKey</Code>"},
		{ask{method: "GET", path: "/none/k?legal-hold"}, "404 <Code>NoSuchBucket</Code>"},
		retain("/none/k?retention", "", "404 <Code>NoSuchBucket</Code>"),
		retain("/lock/k?retention", "", malformed),
		retain("/lock/k?retention", "<Retention><Mode>GOVERNANCE</Mode></Retention>", malformed),
		retain("/lock/k?retention", "<Retention><RetainUntilDate>"+soon+"</RetainUntilDate></Retention>", malformed),
		retain("/lock/k?retention", retention("HARSH", soon), malformed),
		retain("/lock/absent?retention", retention("GOVERNANCE", before), future+"<ArgumentName>RetainUntilDate</ArgumentName><ArgumentValue>Sun Mar 01 12:00:00 UTC 2026</ArgumentValue>"),
		retain("/lock/absent?retention", retention("GOVERNANCE", soon), "404 <Code>NoSuchKey</Code>"),
		retain("/lock/k?retention&versionId=00000000000000000000000000000000", retention("GOVERNANCE", soon), "404 <Code>NoSuchVersion</Code>"),
		retain("/plain/k?retention", retention("GOVERNANCE", soon), noLockText),
		retain("/lock/k?retention", "<Retention><EventHold>ON</EventHold></Retention>", "501 <Code>NotImplemented</Code> ... EventHold"),
		retain("/lock/k?retention", retention("GOVERNANCE", later), "200 "),
		{ask{method: "GET", path: "/lock/k?retention"}, `200 <Retention xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Mode>GOVERNANCE</Mode><RetainUntilDate>2026-03-03T00:00:00.000Z</RetainUntilDate></Retention>`},
		{ask{method: "HEAD", path: "/lock/k"}, "200 X-Amz-Object-Lock-Mode: GOVERNANCE ... X-Amz-Object-Lock-Retain-Until-Date: 2026-03-03T00:00:00.000Z"},
		{ask{method: "GET", path: "/lock/k"}, "200 X-Amz-Object-Lock-Mode: GOVERNANCE ... X-Amz-Object-Lock-Retain-Until-Date: 2026-03-03T00:00:00.000Z"},
		{ask{method: "GET", path: "/lock/k?legal-hold"}, never},
		retain("/lock/k?retention", retention("GOVERNANCE", soon), lockedText),
		retain("/lock/k?retention", "<Retention/>", lockedText),
		{ask{method: "PUT", path: "/lock/k?retention", body: "<Retention/>", header: bypass}, "200 "},
		{ask{method: "GET", path: "/lock/k?retention"}, never},
		retain("/lock/k?retention", retention("COMPLIANCE", soon), "200 "),
		{ask{method: "PUT", path: "/lock/k?retention", body: retention("GOVERNANCE", later), header: bypass}, lockedText},
		retain("/lock/k?legal-hold", "", malformed),
		retain("/lock/k?legal-hold", "<LegalHold/>", malformed),
		retain("/lock/k?legal-hold", "<LegalHold><Status>on</Status></LegalHold>", malformed),
		retain("/plain/k?legal-hold", "", malformed),
		retain("/plain/k?legal-hold", "<LegalHold><Status>ON</Status></LegalHold>", noLockText),
		retain("/lock/k?legal-hold", "<LegalHold><Status>ON</Status></LegalHold>", "200 "),
		{ask{method: "GET", path: "/lock/k?legal-hold"}, `200 <LegalHold xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Status>ON</Status></LegalHold>`},
		{ask{method: "HEAD", path: "/lock/k"}, "200 X-Amz-Object-Lock-Legal-Hold: ON ... X-Amz-Object-Lock-Mode: COMPLIANCE"},
		retain("/lock/k?legal-hold", "<LegalHold><Status>OFF</Status></LegalHold>", "200 "),
		{ask{method: "HEAD", path: "/lock/k"}, "200 X-Amz-Object-Lock-Legal-Hold: OFF"},
		{ask{method: "DELETE", path: "/lock/k"}, "204 X-Amz-Delete-Marker: true"},
		retain("/lock/k?retention&versionId=MARKER", retention("GOVERNANCE", soon), "405 <Code>MethodNotAllowed</Code> ... <Method>PUT</Method><ResourceType>DeleteMarker</ResourceType>"),
		{ask{method: "GET", path: "/lock/k?retention&versionId=MARKER"}, "405 <Code>MethodNotAllowed</Code> ... <Method>GET</Method><ResourceType>DeleteMarker</ResourceType>"},
		{ask{method: "DELETE", path: "/lock/k?versionId=VERSION", header: bypass}, lockedText},
		{ask{method: "POST", path: "/lock?delete", header: bypass, body: "<Delete><Object><Key>k</Key><VersionId>VERSION</VersionId></Object></Delete>"},
			"200 <Error><Code>AccessDenied</Code><Key>k</Key><Message>Access Denied because object protected by object lock.</Message>"},
		{ask{method: "DELETE", path: "/lock/k?versionId=MARKER"}, "204 "},
		{ask{method: "DELETE", path: "/plain/k", header: bypass}, "204 "},
	} {
		if version == "" || strings.Contains(a.path, "MARKER") {
			version = firstVersion(w, object.VersionQuery{Bucket: "lock"}, false)
		}
		marker := firstVersion(w, object.VersionQuery{Bucket: "lock"}, true)
		fill := strings.NewReplacer("MARKER", marker, "VERSION", version)
		a.path, a.body = fill.Replace(a.path), fill.Replace(a.body)
		a.check(t, w)
	}
}

// firstVersion is the id of the newest version or marker, "" without any.
func firstVersion(w *way, q object.VersionQuery, marker bool) string {
	p, err := w.objects.ListVersions(w.t.Context(), q)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, i := range p.Objects {
		if i.DeleteMarker == marker {
			return i.VersionID
		}
	}
	return ""
}

// TestLockHeaders go with new versions of each kind.
func TestLockHeaders(t *testing.T) {
	w := newWay(t, false)
	const name = "X-Amz-Object-Lock-"
	const until = name + "Retain-Until-Date: 2026-03-02T00:00:00Z"
	const both = "400 <Code>InvalidArgument</Code><Message>x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied</Message><ArgumentName>x-amz-object-lock-"
	if _, err := w.objects.Put(t.Context(), "plain", "src", strings.NewReader("locked"), object.PutOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, write := range []ask{
		{method: "PUT", path: "/lock/k", body: "locked", header: lockedSum},
		{method: "PUT", path: "/lock/k", header: "X-Amz-Copy-Source: plain/src\n"},
		{method: "POST", path: "/lock/k?uploads"},
	} {
		for header, want := range map[string]string{
			name + "Mode: GOVERNANCE": both + "retain-until-date</ArgumentName>",
			until:                     both + "mode</ArgumentName>",
			name + "Mode: HARSH\n" + until: "400 <Code>InvalidArgument</Code><Message>Unknown wormMode directive.</Message>" +
				"<ArgumentName>x-amz-object-lock-mode</ArgumentName><ArgumentValue>HARSH</ArgumentValue>",
			name + "Mode: GOVERNANCE\n" + name + "Retain-Until-Date: 2026-03-01T12:00:00Z": future + "<ArgumentName>x-amz-object-lock-retain-until-date</ArgumentName>",
			name + "Mode: GOVERNANCE\n" + name + "Retain-Until-Date: soon":                 "400 <Code>InvalidArgument</Code> ... <ArgumentName>x-amz-object-lock-retain-until-date</ArgumentName>",
			name + "Legal-Hold: maybe": "400 <Code>InvalidArgument</Code><Message>Legal Hold must be either of &apos;ON&apos; or &apos;OFF&apos;</Message>" +
				"<ArgumentName>x-amz-object-lock-legal-hold</ArgumentName><ArgumentValue>maybe</ArgumentValue>",
			name + "Event-Hold: ON": "501 <Code>NotImplemented</Code>",
		} {
			a := write
			a.header += header
			lockAsk{a, strings.ReplaceAll(want, "&apos;", "'")}.check(t, w)
		}
		a := write
		a.header += name + "Mode: COMPLIANCE\n" + until + "\n" + name + "Legal-Hold: ON"
		lockAsk{a, "200 "}.check(t, w)
		a.path = strings.Replace(a.path, "/lock/", "/plain/", 1)
		lockAsk{a, noLockWrite}.check(t, w)
		a.path = strings.Replace(a.path, "/plain/", "/none/", 1)
		lockAsk{a, "404 <Code>NoSuchBucket</Code>"}.check(t, w)
	}
	for _, a := range []lockAsk{
		{ask{method: "HEAD", path: "/lock/k"}, "200 X-Amz-Object-Lock-Legal-Hold: ON ... X-Amz-Object-Lock-Mode: COMPLIANCE ... X-Amz-Object-Lock-Retain-Until-Date: 2026-03-02T00:00:00.000Z"},
		{ask{method: "PUT", path: "/lock/k", body: "locked", header: name + "Legal-Hold: ON"}, unproven},
		{ask{method: "PUT", path: "/lock-days/k", body: "locked"}, unproven},
		{ask{method: "PUT", path: "/lock-days/k", body: "locked", header: "Content-Md5: TO8vMKx9M0GdAMHZOgkAlQ=="}, "200 "},
		{ask{method: "PUT", path: "/lock-days/k", body: "locked", header: lockedSum}, "200 "},
		{ask{method: "HEAD", path: "/lock-days/k"}, "200 X-Amz-Object-Lock-Mode: COMPLIANCE ... X-Amz-Object-Lock-Retain-Until-Date: 2026-03-04T12:00:00.000Z"},
		{ask{method: "PUT", path: "/lock/copy", header: "X-Amz-Copy-Source: lock/k\n"}, "200 "},
		{ask{method: "GET", path: "/lock/copy?retention"}, never},
		{ask{method: "GET", path: "/lock/copy?legal-hold"}, never},
		{ask{method: "PUT", path: "/lock-days/copy", header: "X-Amz-Copy-Source: lock/k\n"}, "200 "},
		{ask{method: "HEAD", path: "/lock-days/copy"}, "200 X-Amz-Object-Lock-Mode: COMPLIANCE ... X-Amz-Object-Lock-Retain-Until-Date: 2026-03-04T12:00:00.000Z"},
	} {
		a.check(t, w)
	}
}

// TestLockOfUploads is given at the beginning and holds for the finished object; parts need a checksum.
func TestLockOfUploads(t *testing.T) {
	w := newWay(t, false)
	u, err := w.objects.CreateUpload(t.Context(), object.Upload{Bucket: "lock", Key: "m", Attrs: object.Attrs{
		Lock: lock.Lock{Mode: lock.Governance, Until: t0.Add(time.Hour).UnixMilli()}}})
	if err != nil {
		t.Fatal(err)
	}
	part := "/lock/m?partNumber=1&uploadId=" + u.ID
	for _, a := range []lockAsk{
		{ask{method: "PUT", path: part, body: "locked"}, strings.Replace(unproven, "Put Object", "Put Part", 1)},
		{ask{method: "PUT", path: part, body: "locked", header: lockedSum}, "200 "},
		{ask{method: "POST", path: "/lock/m?uploadId=" + u.ID, body: "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>4cef2f30ac7d33419d00c1d93a090095</ETag></Part></CompleteMultipartUpload>"}, "200 "},
		{ask{method: "HEAD", path: "/lock/m"}, "200 X-Amz-Object-Lock-Mode: GOVERNANCE ... X-Amz-Object-Lock-Retain-Until-Date: 2026-03-01T13:00:00.000Z"},
	} {
		a.check(t, w)
	}
}

// TestBypassIsTheCallersWord: the header decides, also where it says false.
func TestBypassIsTheCallersWord(t *testing.T) {
	for value, status := range map[string]string{"true": "204 ", "false": "403 ", "": "403 "} {
		w := newWay(t, false)
		v, err := w.objects.Put(t.Context(), "lock", "k", strings.NewReader("x"), object.PutOptions{Attrs: object.Attrs{
			Lock: lock.Lock{Mode: lock.Governance, Until: t0.Add(time.Hour).UnixMilli()}}})
		if err != nil {
			t.Fatal(err)
		}
		header := ""
		if value != "" {
			header = http.CanonicalHeaderKey("x-amz-bypass-governance-retention") + ": " + value
		}
		lockAsk{ask{method: "DELETE", path: "/lock/k?versionId=" + v.VersionID, header: header}, status}.check(t, w)
	}
}

package form

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"strings"
	"testing"
	"time"

	"penstock/internal/api"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func message(err error) string {
	var e *api.Error
	if errors.As(err, &e) {
		return e.Code + ": " + e.Message
	}
	return fmt.Sprint(err)
}

// check reads a policy with conditions and holds fields against it.
func check(policy string, fields map[string]string) string {
	p, err := ParsePolicy(base64.StdEncoding.EncodeToString([]byte(policy)))
	if err != nil {
		return message(err)
	}
	least, most, err := p.Check(now, fields)
	if err != nil {
		return message(err)
	}
	return fmt.Sprint(least, most)
}

func TestPolicyDocuments(t *testing.T) {
	const late = `{"expiration":"2026-03-01T12:00:01.000Z","conditions":`
	for policy, want := range map[string]string{
		``:                                         "Expecting '{' but found End-of-Input",
		`nonsense`:                                 "Invalid JSON.",
		`{"conditions":[]}`:                        "Policy missing expiration.",
		`{"expiration":true,"conditions":[]}`:      "Invalid JSON.",
		`{"expiration":"soon","conditions":[]}`:    "Invalid 'expiration' value: 'soon'",
		`{"expiration":"2026-03-01T12:00:01Z"}`:    "Policy missing conditions.",
		late + `true}`:                             "Invalid 'conditions' value: must be a List.",
		late + `[true]}`:                           "Invalid condition test: must be a List or Object.",
		late + `[],"extra":1}`:                     `Unexpected: "extra"`,
		late + `[[]]}`:                             "Invalid Condition: missing operation identifier.",
		late + `[["ne","$key","x"]]}`:              "Invalid Condition: unknown operation 'ne'.",
		late + `[["eq","$key"]]}`:                  "Invalid eq: wrong number of arguments.",
		late + `[["eq",false,"x"]]}`:               "Invalid JSON.",
		late + `[["content-length-range",1,"x"]]}`: "Invalid JSON.",
		late + `[{"a":"b","c":"d"}]}`:              "Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.",
		late + `[{"a":true}]}`:                     "Invalid Simple-Condition: value must be a string.",
	} {
		if got := check(policy, nil); got != "InvalidPolicyDocument: Invalid Policy: "+want {
			t.Errorf("%s: %s, want %s", policy, got, want)
		}
	}
	if _, err := ParsePolicy("?"); message(err) != "InvalidPolicyDocument: Invalid Policy: invalid Base64 encoding." {
		t.Error(err)
	}
}

func TestPolicyConditions(t *testing.T) {
	for _, c := range []struct{ conditions, fields, want string }{
		{`{"bucket":"b"},["starts-with","$key","in/"]`, "bucket=b key=in/x", "0 9223372036854775807"},
		{`{"Bucket":"b"},["STARTS-WITH","$Key",""]`, "bucket=b key=any", "0 9223372036854775807"},
		{`["content-length-range",5,"10"],["content-length-range",0,7]`, "", "5 7"},
		{`{"bucket":"b"}`, "bucket=c", `Policy Condition failed: ["eq", "$bucket", "b"]`},
		{`["eq", "$key", "x"]`, "key=y", `Policy Condition failed: ["eq","$key","x"]`},
		{`["eq","key","x"]`, "key=x", `Policy Condition failed: ["eq","key","x"]`},
		{`["eq","$key","x"]`, "", `Policy Condition failed: ["eq","$key","x"]`},
		{`["starts-with","$content-type","text/"]`, "content-type=text/plain,text/html", "0 9223372036854775807"},
		{`["starts-with","$content-type","text/"]`, "content-type=text/plain,image/png",
			`Policy Condition failed: ["starts-with","$content-type","text/"]`},
		{`{"bucket":"b"}`, "bucket=b key=x acl=private", "Extra input fields: acl, key"},
		{`{"bucket":"b"}`, "bucket=b x-ignore-me=1 policy=p x-amz-signature=s signature=s awsaccesskeyid=a", "0 9223372036854775807"},
	} {
		fields := map[string]string{}
		for _, f := range strings.Fields(c.fields) {
			k, v, _ := strings.Cut(f, "=")
			fields[k] = v
		}
		got := check(`{"expiration":"2026-03-01T12:00:01Z","conditions":[`+c.conditions+`]}`, fields)
		if strings.TrimPrefix(got, "AccessDenied: Invalid according to Policy: ") != c.want {
			t.Errorf("%s with %s: %s, want %s", c.conditions, c.fields, got, c.want)
		}
	}
	if got := check(`{"expiration":"2026-03-01T11:59:59Z","conditions":[]}`,
		nil); got != "AccessDenied: Invalid according to Policy: Policy expired." {
		t.Error(got)
	}
}

// written is a form's body, with its content type.
func written(fields [][2]string, filename, content string) (string, string) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, f := range fields {
		w.WriteField(f[0], f[1])
	}
	if filename != "" {
		p, _ := w.CreateFormFile("file", filename)
		io.WriteString(p, content)
		w.WriteField("after", "ignored")
	}
	w.Close()
	return b.String(), w.FormDataContentType()
}

func TestReadForm(t *testing.T) {
	body, kind := written([][2]string{{"Key", "in/${filename}"}, {"X-Amz-Meta-A", "b"}}, `C:\tmp\a.csv`, "x,y\n")
	f, err := Read(strings.NewReader(body), kind)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(f.File)
	if string(content) != "x,y\n" || err != nil || f.Fields["key"] != "in/a.csv" || f.Fields["x-amz-meta-a"] != "b" || len(f.Fields) != 2 {
		t.Errorf("%q %v %v", content, err, f.Fields)
	}
	cut, err := Read(strings.NewReader(body[:strings.Index(body, "x,y\n")+2]), kind)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(cut.File); message(err) != "IncompleteBody: The request body terminated unexpectedly" {
		t.Errorf("a file that is cut: %v", err)
	}
	none, kindNone := written([][2]string{{"key", "k"}}, "", "")
	long, kindLong := written([][2]string{{"key", strings.Repeat("x", 21<<10)}}, "f", "")
	head, kindHead := written([][2]string{{strings.Repeat("n", 200<<10), ""}}, "f", "")
	for _, c := range []struct{ body, kind, want string }{
		{body, "application/json", "PreconditionFailed"},
		{body, "multipart/form-data", "MalformedPOSTRequest"},
		{"no form", "multipart/form-data; boundary=b", "MalformedPOSTRequest"},
		{none, kindNone, "InvalidArgument"},
		{long, kindLong, "MaxPostPreDataLengthExceededError"},
		{head, kindHead, "MaxPostPreDataLengthExceededError"},
	} {
		if _, err := Read(strings.NewReader(c.body), c.kind); api.Code(err) != c.want {
			t.Errorf("%.40q %s: %v, want %s", c.body, c.kind, err, c.want)
		}
	}
}

func TestHeaderOfForm(t *testing.T) {
	f := &Form{Fields: map[string]string{"acl": "private", "content-type": "a/b", "x-amz-meta-k": "v", "x-amz-date": "d",
		"success_action_status": "201", "tagging": "<Tagging><TagSet><Tag><Key>a b</Key><Value>c&amp;d</Value></Tag></TagSet></Tagging>"}}
	h, err := f.Header()
	if err != nil || h.Get("X-Amz-Acl") != "private" || h.Get("Content-Type") != "a/b" || h.Get("X-Amz-Meta-K") != "v" ||
		h.Get("X-Amz-Tagging") != "a+b=c%26d" || len(h) != 4 {
		t.Errorf("%v %v", h, err)
	}
	f.Fields["tagging"] = "a=b"
	if _, err := f.Header(); api.Code(err) != "MalformedXML" {
		t.Error(err)
	}
}

func FuzzReadForm(f *testing.F) {
	body, _ := written([][2]string{{"key", "k"}, {"policy", "e30="}}, "f", "content")
	f.Add(body, "multipart/form-data; boundary=x")
	f.Fuzz(func(t *testing.T, body, kind string) {
		r, err := Read(strings.NewReader(body), kind)
		if err != nil {
			return
		}
		io.Copy(io.Discard, r.File)
		if p, err := ParsePolicy(r.Fields["policy"]); err == nil {
			p.Check(now, r.Fields)
		}
	})
}

// A file's name that the fields want many times is counted before it is put there.
func TestNameIsCountedAsOftenAsItIsWanted(t *testing.T) {
	body := "--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n" + strings.Repeat("${filename}", 1850) +
		"\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + strings.Repeat("a", 100000) + "\"\r\n\r\nx\r\n--b--\r\n"
	_, err := Read(strings.NewReader(body), "multipart/form-data; boundary=b")
	if api.Code(err) != "MaxPostPreDataLengthExceededError" {
		t.Errorf("185 MB of fields: %v", err)
	}
}

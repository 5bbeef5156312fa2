package api_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"penstock/internal/api"
	"penstock/internal/api/door"
	"penstock/internal/api/shapes"
	"penstock/internal/clock"
	"penstock/internal/testcorpus"
)

var update = flag.Bool("update", false, "add newly passing conformance cases to testdata/protocols-pass.txt")

// served are the suites of the protocols that the door speaks.
var served = []string{"json", "json_1_0", "json_1_0-query-compatible", "query", "rest-xml", "smithy-rpc-v2-cbor",
	"rest-json", "smithy-rpc-v2-cbor-query-compatible", "smithy-rpc-v2-cbor-non-query-compatible"}

// A suite is one operation's cases with its shapes.
type suite struct {
	Metadata json.RawMessage            `json:"metadata"`
	Shapes   map[string]json.RawMessage `json:"shapes"`
	Cases    []wireCase                 `json:"cases"`
}

type wireCase struct {
	ID         string          `json:"id"`
	Given      json.RawMessage `json:"given"`
	Params     any             `json:"params"`
	Serialized struct {
		Method  string            `json:"method"`
		URI     string            `json:"uri"`
		Body    string            `json:"body"`
		Headers map[string]string `json:"headers"`
	} `json:"serialized"`
	Result       any    `json:"result"`
	Error        any    `json:"error"`
	ErrorCode    string `json:"errorCode"`
	ErrorMessage string `json:"errorMessage"`
	Response     struct {
		Status  int               `json:"status_code"`
		Headers map[string]string `json:"headers"`
		Body    string            `json:"body"`
	} `json:"response"`
}

// TestProtocols runs every case of the served protocols through the door. The cases that pass are listed in
// testdata/protocols-pass.txt, which may only grow; the others in testdata/protocols-fail.txt with the reason.
func TestProtocols(t *testing.T) {
	pass, fail := readReasons(t, "testdata/protocols-pass.txt"), readReasons(t, "testdata/protocols-fail.txt")
	var now []string
	seen := map[string]bool{}
	eachCase(t, func(key, side, protocol string, s suite, c wireCase) {
		seen[key] = true
		err := runCase(side, protocol, s, c, false)
		_, mustPass := pass[key]
		_, mayFail := fail[key]
		switch {
		case err == nil && mayFail:
			t.Errorf("%s passes now: move it from the list of failures", key)
		case err == nil:
			now = append(now, key)
			if !mustPass && !*update {
				t.Errorf("%s passes and is on no list: run with -update", key)
			}
		case mustPass || !mayFail:
			t.Errorf("%s: %v", key, err)
		}
	})
	for key := range pass {
		if !seen[key] {
			t.Errorf("%s is listed, but there is no such case", key)
		}
	}
	t.Logf("%d of %d cases pass", len(now), len(seen))
	if *update && !t.Failed() {
		sort.Strings(now)
		if err := os.WriteFile("testdata/protocols-pass.txt",
			[]byte("# Conformance cases that pass. This list may only grow.\n"+strings.Join(now, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestProtocolsCanFail alters one value of every passing case's expectation, and sees every one fail.
func TestProtocolsCanFail(t *testing.T) {
	pass := readReasons(t, "testdata/protocols-pass.txt")
	eachCase(t, func(key, side, protocol string, s suite, c wireCase) {
		if _, ok := pass[key]; ok && runCase(side, protocol, s, c, true) == nil {
			t.Errorf("%s passes with an altered expectation", key)
		}
	})
}

func eachCase(t *testing.T, run func(key, side, protocol string, s suite, c wireCase)) {
	dir := filepath.Join(testcorpus.Dir(t), "conformance", "protocols")
	for _, side := range []string{"input", "output"} {
		for _, protocol := range served {
			text, err := os.ReadFile(filepath.Join(dir, side, protocol+".json"))
			if os.IsNotExist(err) {
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			var suites []suite
			if err := json.Unmarshal(text, &suites); err != nil {
				t.Fatal(err)
			}
			for _, s := range suites {
				for _, c := range s.Cases {
					run(side+"/"+protocol+"/"+c.ID, side, protocol, s, c)
				}
			}
		}
	}
}

// parseSuite makes a shape table of a case's operation.
func parseSuite(s suite, c wireCase) (*shapes.Service, string, error) {
	var given map[string]any
	if err := json.Unmarshal(c.Given, &given); err != nil {
		return nil, "", err
	}
	var errs []any
	list, _ := given["errors"].([]any)
	for _, e := range list {
		errs = append(errs, e.(map[string]any)["shape"])
	}
	given["errors"] = errs
	name := given["name"].(string)
	text, err := json.Marshal(map[string]any{"metadata": s.Metadata, "operations": map[string]any{name: given}, "shapes": s.Shapes})
	if err != nil {
		return nil, "", err
	}
	svc, err := shapes.Parse("suite", text)
	return svc, name, err
}

// runCase sends a case through the door. With alter, one value of the expectation is changed before.
func runCase(side, protocol string, s suite, c wireCase, alter bool) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	svc, name, err := parseSuite(s, c)
	if err != nil {
		return err
	}
	op := svc.Ops[name]
	in, out := goStruct(op.Input), goStruct(op.Output)
	var got any
	handler := func(_ context.Context, v any) (any, error) {
		got = v
		if c.ErrorCode != "" {
			return nil, exceptionOf(c, svc)
		}
		answer := reflect.New(out)
		if op.Output != nil && side == "output" {
			if err := fillFrom(svc, op.Output.Shape, answer.Elem(), c.Result); err != nil {
				return nil, err
			}
		}
		return answer.Interface(), nil
	}
	table := api.NewTable([]api.Service{{Name: "suite", Ops: []api.Op{api.NewOp(name, in, out, handler)}}}, nil)
	table.PutShapes(svc)
	if err := table.Relax("suite"); err != nil {
		return err
	}
	r, err := caseRequest(side, protocol, svc, op, c)
	if err != nil {
		return err
	}
	keys := func(string) (string, api.Principal, bool) { return "secret", api.Principal{Account: "0"}, true }
	w := httptest.NewRecorder()
	door.New(api.Only("us-east-1", table), keys, clock.Real{}, nil).ServeHTTP(w, r)
	if side == "output" {
		return compareResponse(protocol, c, w, alter)
	}
	if w.Code >= 300 && got == nil {
		return fmt.Errorf("answer %d: %s", w.Code, w.Body)
	}
	have := map[string]any{}
	if op.Input != nil {
		have = generic(shapes.NewBinder(svc, nil).Bind(in, op.Input.Shape), reflect.ValueOf(got).Elem(), nil).(map[string]any)
	}
	want := normal(c.Params)
	if alter {
		want = altered(want)
	}
	if !reflect.DeepEqual(normal(have), want) {
		return fmt.Errorf("got %v, want %v", normal(have), want)
	}
	return nil
}

// caseRequest is the case's request, or, for an answer's case, any request that reaches the operation; signed.
func caseRequest(side, protocol string, svc *shapes.Service, op *shapes.Op, c wireCase) (*http.Request, error) {
	method, uri, body, header := c.Serialized.Method, c.Serialized.URI, []byte(c.Serialized.Body), c.Serialized.Headers
	if side == "output" {
		method, uri, body, header = op.Method, op.URI, nil, map[string]string{}
		switch {
		case strings.HasPrefix(protocol, "json"):
			header = map[string]string{"X-Amz-Target": svc.TargetPrefix + "." + op.Name, "Content-Type": "application/x-amz-json-" + svc.JSONVersion}
			body = []byte("{}")
		case protocol == "query":
			header, body = map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, []byte("Action="+op.Name+"&Version="+svc.Version)
		case strings.HasPrefix(protocol, "smithy"):
			header, uri = map[string]string{"Smithy-Protocol": "rpc-v2-cbor"}, "/service/"+svc.TargetPrefix+"/operation/"+op.Name
		}
	} else if strings.HasPrefix(protocol, "smithy") {
		raw, err := base64.StdEncoding.DecodeString(c.Serialized.Body)
		if err != nil {
			return nil, err
		}
		body = raw
	}
	r, err := http.NewRequest(method, "http://example.com"+uri, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	for k, v := range header {
		r.Header.Set(k, v)
	}
	sum := sha256.Sum256(body)
	err = v4.NewSigner().SignHTTP(context.Background(), aws.Credentials{AccessKeyID: "AKIATEST", SecretAccessKey: "secret"}, r,
		hex.EncodeToString(sum[:]), "suite", "us-east-1", time.Now())
	return r, err
}

// Exceptions that occur in the suites, as the SDK would have them.
type (
	InvalidGreeting struct{ Message *string }
	CustomCodeError struct{ Message *string }
	FooError        struct{ Message *string }
	ComplexError    struct {
		Header, TopLevel, Message *string
		Nested                    *complexNested
	}
	complexNested struct{ Foo *string }
)

func (e *InvalidGreeting) Error() string        { return "InvalidGreeting" }
func (e *InvalidGreeting) ErrorCode() string    { return "InvalidGreeting" }
func (e *InvalidGreeting) ErrorMessage() string { return str(e.Message) }
func (e *CustomCodeError) Error() string        { return "CustomCodeError" }
func (e *CustomCodeError) ErrorCode() string    { return "CustomCodeError" }
func (e *CustomCodeError) ErrorMessage() string { return str(e.Message) }
func (e *FooError) Error() string               { return "FooError" }
func (e *FooError) ErrorCode() string           { return "FooError" }
func (e *FooError) ErrorMessage() string        { return str(e.Message) }
func (e *ComplexError) Error() string           { return "ComplexError" }
func (e *ComplexError) ErrorCode() string       { return "ComplexError" }
func (e *ComplexError) ErrorMessage() string    { return str(e.Message) }

func str(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func exceptionOf(c wireCase, svc *shapes.Service) error {
	var e error
	switch c.ErrorCode {
	case "InvalidGreeting":
		e = &InvalidGreeting{}
	case "Customized":
		e = &CustomCodeError{}
	case "FooError":
		e = &FooError{}
	case "ComplexError":
		e = &ComplexError{}
	default:
		return &api.Error{Code: c.ErrorCode, Message: c.ErrorMessage, Status: c.Response.Status}
	}
	if err := fillFrom(svc, svc.Exception(c.ErrorCode), reflect.ValueOf(e).Elem(), c.Error); err != nil {
		return err
	}
	if m := reflect.ValueOf(e).Elem().FieldByName("Message"); c.ErrorMessage != "" && m.IsNil() {
		m.Set(reflect.ValueOf(&c.ErrorMessage))
	}
	return e
}

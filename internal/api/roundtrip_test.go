package api_test

import (
	"context"
	"fmt"
	"io"
	"math/rand"
	"net/http/httptest"
	"os"
	"reflect"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"penstock/internal/api"
	"penstock/internal/api/apitest"
	"penstock/internal/api/door"
	"penstock/internal/clock"
)

// rounds is how many random inputs and outputs each operation gets.
const rounds = 3

// TestRoundTrip lets the real SDK client of each service send random inputs of every operation, and compares what the handler got and
// what the client got back. Operations that do not come through whole are listed in testdata/roundtrip.txt with the reason; the list
// must be exact.
func TestRoundTrip(t *testing.T) {
	want := readReasons(t, "testdata/roundtrip.txt")
	var mu sync.Mutex
	failed := map[string]string{}
	ran := 0
	for _, c := range clients {
		t.Run(c.service, func(t *testing.T) {
			tr := newTrip(t, c.service, c.unions, c.make)
			for _, name := range tr.names {
				err := tr.op(t, name)
				mu.Lock()
				ran++
				key := c.service + "." + name
				if err != nil {
					failed[key] = err.Error()
					if _, listed := want[key]; !listed {
						t.Errorf("%s: %v", name, err)
					}
				} else if _, listed := want[key]; listed {
					t.Errorf("%s passes now: take it off the list", name)
				}
				mu.Unlock()
			}
		})
	}
	t.Logf("%d operations, %d exact", ran, ran-len(failed))
	if ran < 900 {
		t.Errorf("only %d operations ran", ran)
	}
}

func readReasons(t *testing.T, file string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, line := range strings.Split(string(text), "\n") {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		k, why, _ := strings.Cut(line, " ")
		out[k] = why
	}
	return out
}

type trip struct {
	service string
	client  reflect.Value
	names   []string
	table   *api.Table
	got     any // by the handler
	answer  any
	unions  []api.Union
	alter   bool
}

// fewRetries bears with a race inside the SDK's client, seen under the race detector: it closes a request's body when the answer's
// head is there, which here is sooner than its writer has looked for the body's end, and then breaks the connection.
func fewRetries() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = 5
		o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return time.Millisecond, nil })
	})
}

func newTrip(t *testing.T, service string, unions []api.Union, mk func(aws.Config) any) *trip {
	tr := &trip{service: service, unions: unions}
	svc := api.Service{Name: service, Unions: unions}
	cfg := aws.Config{Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("AKIATEST", "secret", ""),
		Retryer:                    fewRetries,
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenRequired,
		ResponseChecksumValidation: aws.ResponseChecksumValidationWhenRequired}
	ct := reflect.TypeOf(mk(cfg))
	for i := range ct.NumMethod() {
		m := ct.Method(i)
		if m.Type.NumIn() != 4 || m.Type.NumOut() != 2 || m.Type.In(2).Kind() != reflect.Pointer || m.Type.In(2).Elem().Name() != m.Name+"Input" {
			continue
		}
		if _, stream := reflect.PointerTo(m.Type.Out(0).Elem()).MethodByName("GetStream"); stream {
			continue // an event stream: not served
		}
		tr.names = append(tr.names, m.Name)
		svc.Ops = append(svc.Ops, api.NewOp(m.Name, m.Type.In(2).Elem(), m.Type.Out(0).Elem(), func(_ context.Context, in any) (any, error) {
			drain(reflect.ValueOf(in).Elem())
			tr.got = in
			return tr.answer, nil
		}))
	}
	sort.Strings(tr.names)
	tr.table = api.NewTable([]api.Service{svc}, nil)
	if err := tr.table.Relax(service); err != nil {
		t.Fatal(err)
	}
	keys := func(string) (string, api.Principal, bool) {
		return "secret", api.Principal{Account: "000000000000"}, true
	}
	srv := httptest.NewServer(door.New(api.Only("us-east-1", tr.table), keys, clock.Real{}, nil))
	t.Cleanup(srv.Close)
	cfg.BaseEndpoint = aws.String(srv.URL)
	tr.client = reflect.ValueOf(mk(cfg))
	return tr
}

func (tr *trip) op(t *testing.T, name string) error {
	b, err := tr.table.Bound(tr.service, name)
	if err != nil {
		return err
	}
	m := tr.client.MethodByName(name)
	ctx := smithyhttp.DisableEndpointHostPrefix(apitest.Context(t), true)
	for seed := range int64(rounds) {
		f := &filler{Rand: rand.New(rand.NewSource(seed)), unions: tr.table.Unions(tr.service), service: tr.service}
		in, out := reflect.New(b.Op.In), reflect.New(b.Op.Out)
		f.structure(in.Elem(), b.In, 7)
		f.structure(out.Elem(), b.Out, 7)
		wantIn, wantOut := clone(in), clone(out)
		tr.got, tr.answer = nil, out.Interface()
		if tr.alter {
			other := reflect.New(b.Op.Out)
			f.structure(other.Elem(), b.Out, 7)
			tr.answer = other.Interface()
		}
		res := m.Call([]reflect.Value{reflect.ValueOf(ctx), in})
		if err, _ := res[1].Interface().(error); err != nil {
			return fmt.Errorf("seed %d: %w", seed, err)
		}
		drain(res[0].Elem())
		if d := differ("in", wantIn, reflect.ValueOf(tr.got)); d != "" {
			return fmt.Errorf("seed %d: %s", seed, d)
		}
		if d := differ("out", wantOut, res[0]); d != "" {
			return fmt.Errorf("seed %d: %s", seed, d)
		}
	}
	return nil
}

// drain replaces the readers of a struct by their text, so that they can be compared.
func drain(v reflect.Value) {
	for _, f := range api.Fields(v.Type()) {
		fv := v.FieldByIndex(f.Index)
		if r, ok := fv.Interface().(io.Reader); ok && fv.Kind() == reflect.Interface && !fv.IsNil() {
			b, _ := io.ReadAll(r)
			fv.Set(reflect.ValueOf(io.NopCloser(strings.NewReader(string(b)))))
		}
	}
}

// reader makes a reader for a field; the SDK wants uploads that it can seek in.
func reader(text string, t reflect.Type) reflect.Value {
	if t == reflect.TypeFor[io.Reader]() {
		return reflect.ValueOf(strings.NewReader(text))
	}
	return reflect.ValueOf(io.NopCloser(strings.NewReader(text)))
}

// clone copies a struct; readers are read and made anew in both.
func clone(v reflect.Value) reflect.Value {
	out := reflect.New(v.Type().Elem())
	out.Elem().Set(v.Elem())
	for _, f := range api.Fields(v.Type().Elem()) {
		fv := v.Elem().FieldByIndex(f.Index)
		if r, ok := fv.Interface().(io.Reader); ok && fv.Kind() == reflect.Interface && !fv.IsNil() {
			b, _ := io.ReadAll(r)
			fv.Set(reader(string(b), f.Type))
			out.Elem().FieldByIndex(f.Index).Set(reader(string(b), f.Type))
		}
	}
	return out
}

// differ describes the first difference between two values, ignoring ResultMetadata.
func differ(at string, want, got reflect.Value) string {
	if want.Type() != got.Type() {
		return fmt.Sprintf("%s: want a %s, got a %s", at, want.Type(), got.Type())
	}
	switch want.Kind() {
	case reflect.Pointer, reflect.Interface:
		if want.IsNil() != got.IsNil() {
			if !want.IsNil() && want.Elem().Kind() == reflect.Struct && emptyStruct(want.Elem()) {
				return "" // an empty structure is nothing in a form
			}
			return fmt.Sprintf("%s: want nil %v, got nil %v: want %s got %s", at, want.IsNil(), got.IsNil(), show(want), show(got))
		}
		if want.IsNil() {
			return ""
		}
		if wr, ok := want.Interface().(io.Reader); ok {
			gr := got.Interface().(io.Reader)
			a, _ := io.ReadAll(wr)
			b, _ := io.ReadAll(gr)
			if string(a) != string(b) {
				return fmt.Sprintf("%s: want body %q, got %q", at, a, b)
			}
			return ""
		}
		return differ(at, want.Elem(), got.Elem())
	case reflect.Struct:
		if wt, ok := want.Interface().(time.Time); ok {
			if gt := got.Interface().(time.Time); !wt.Equal(gt) {
				return fmt.Sprintf("%s: want %s, got %s", at, wt, gt)
			}
			return ""
		}
		for _, f := range api.Fields(want.Type()) {
			if at == "in" && strings.HasPrefix(want.Type().PkgPath(), s3Package) && computed(f.Name) ||
				strings.HasPrefix(want.Type().PkgPath(), s3Package) && (f.Name == "Expires" || f.Name == "ContentLength") {
				continue
			}
			if d := differ(at+"."+f.Name, want.FieldByIndex(f.Index), got.FieldByIndex(f.Index)); d != "" {
				return d
			}
		}
		return ""
	case reflect.Slice:
		if want.Len() != got.Len() {
			return fmt.Sprintf("%s: want %d elements, got %d", at, want.Len(), got.Len())
		}
		for i := range want.Len() {
			if d := differ(fmt.Sprintf("%s[%d]", at, i), want.Index(i), got.Index(i)); d != "" {
				return d
			}
		}
		return ""
	case reflect.Map:
		if want.Len() != got.Len() {
			return fmt.Sprintf("%s: want %d entries, got %d", at, want.Len(), got.Len())
		}
		for it := want.MapRange(); it.Next(); {
			g := got.MapIndex(it.Key())
			if !g.IsValid() {
				return fmt.Sprintf("%s: no key %q", at, it.Key())
			}
			if d := differ(at+"{}", it.Value(), g); d != "" {
				return d
			}
		}
		return ""
	}
	if !reflect.DeepEqual(want.Interface(), got.Interface()) {
		return fmt.Sprintf("%s: want %#v, got %#v", at, want.Interface(), got.Interface())
	}
	return ""
}

const s3Package = "github.com/aws/aws-sdk-go-v2/service/s3"

func emptyStruct(v reflect.Value) bool {
	for _, f := range api.Fields(v.Type()) {
		if !v.FieldByIndex(f.Index).IsZero() {
			return false
		}
	}
	return true
}

func show(v reflect.Value) string {
	if v.IsNil() {
		return "nil"
	}
	return fmt.Sprintf("%+v", reflect.Indirect(v))
}

// TestRoundTripCanFail answers with other values than are expected, and sees every operation that answers anything fail.
func TestRoundTripCanFail(t *testing.T) {
	for _, c := range clients {
		if c.service != "sns" && c.service != "sts" && c.service != "redshift-data" && c.service != "monitoring" {
			continue
		}
		tr := newTrip(t, c.service, c.unions, c.make)
		tr.alter = true
		for _, name := range tr.names {
			b, err := tr.table.Bound(tr.service, name)
			if err != nil {
				t.Fatal(err)
			}
			if len(b.Out.Fields) > 0 && b.Out.Fields[0].Name != "IsInSandbox" && tr.op(t, name) == nil {
				t.Errorf("%s.%s: an altered answer was not noticed", c.service, name)
			}
		}
	}
}

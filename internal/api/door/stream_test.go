package door_test

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"penstock/internal/api"
	"penstock/internal/api/apitest"
	"penstock/internal/api/door"
	"penstock/internal/clock"
)

// tail answers a live tail of two events and then fails as the name of the log group says; "wait" waits until the context ends.
func (s *stopping) tail(ctx context.Context,
	in *cloudwatchlogs.StartLiveTailInput) (*cloudwatchlogs.StartLiveTailOutput, api.Events, error) {
	group := in.LogGroupIdentifiers[0]
	if group == "none" {
		return nil, nil, &types.ResourceNotFoundException{Message: aws.String("no such group")}
	}
	return &cloudwatchlogs.StartLiveTailOutput{}, func(yield func(any, error) bool) {
		start := types.LiveTailSessionStart{SessionId: aws.String("s"), LogGroupIdentifiers: in.LogGroupIdentifiers}
		if !yield(&types.StartLiveTailResponseStreamMemberSessionStart{Value: start}, nil) {
			return
		}
		update := types.LiveTailSessionUpdate{SessionResults: []types.LiveTailSessionLogEvent{{Message: aws.String("grüße"),
			Timestamp: aws.Int64(7)}}}
		if !yield(&types.StartLiveTailResponseStreamMemberSessionUpdate{Value: update}, nil) {
			return
		}
		switch group {
		case "wait":
			s.waiting <- struct{}{}
			<-ctx.Done()
		case "timeout":
			yield(nil, &types.SessionTimeoutException{Message: aws.String("over")})
		case "broken":
			yield(nil, errors.New("disk on fire"))
		case "other":
			yield(struct{}{}, nil)
		}
	}, nil
}

// A stopping is a server of a service whose calls wait, that can be told to stop.
type stopping struct {
	cfg     aws.Config
	stop    context.CancelFunc
	waiting chan struct{} // a call waits
}

func newStopping(t *testing.T) *stopping {
	s := &stopping{waiting: make(chan struct{}, 2)}
	poll := func(ctx context.Context, in *cloudwatchlogs.GetLogEventsInput) (*cloudwatchlogs.GetLogEventsOutput, error) {
		s.waiting <- struct{}{}
		<-ctx.Done()
		return nil, ctx.Err()
	}
	table := api.NewTable([]api.Service{{Name: "logs", Ops: []api.Op{
		api.HandleStream(s.tail, api.Honours("LogGroupIdentifiers[]")), api.Handle(poll, api.Honours("LogStreamName"), api.Waits()),
	}}}, nil)
	keys := func(string) (string, api.Principal, bool) {
		return "secret", api.Principal{Account: "000000000000", AccessKeyID: "AKIATEST"}, true
	}
	stop, end := context.WithCancel(t.Context())
	s.stop = end
	h := door.New(api.Only("us-east-1", table), keys, clock.Real{}, nil)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r.WithContext(door.WithStop(r.Context(), stop)))
	}))
	t.Cleanup(srv.Close)
	t.Cleanup(end)
	s.cfg = aws.Config{Region: "us-east-1", BaseEndpoint: &srv.URL, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("AKIATEST", "secret", ""), HTTPClient: dialTo(srv.Listener.Addr().String())}
	if _, err := table.Invoke(apitest.Context(t), "logs", "StartLiveTail",
		json.RawMessage(`{"LogGroupIdentifiers":["g"]}`)); !strings.Contains(err.Error(), "by HTTP only") {
		t.Errorf("a stream without HTTP: %v", err)
	}
	return s
}

// dialTo makes a client that connects to one address whatever the host: the SDK puts "stream-" before that of a stream.
func dialTo(addr string) *http.Client {
	return &http.Client{Transport: &http.Transport{DisableKeepAlives: true,
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, addr)
		}}}
}

func (s *stopping) start(t *testing.T, group string) (*cloudwatchlogs.StartLiveTailOutput, error) {
	t.Helper()
	return cloudwatchlogs.NewFromConfig(s.cfg).StartLiveTail(t.Context(),
		&cloudwatchlogs.StartLiveTailInput{LogGroupIdentifiers: []string{group}})
}

// TestStreamsOfEvents reads streams with the SDK's own decoder, to each of the ends that they may have.
func TestStreamsOfEvents(t *testing.T) {
	s := newStopping(t)
	for group, check := range map[string]func(error) bool{
		"end": func(err error) bool { return err == nil },
		"timeout": func(err error) bool {
			var e *types.SessionTimeoutException
			return errors.As(err, &e) && *e.Message == "over"
		},
		"broken": func(err error) bool {
			return err != nil && strings.Contains(err.Error(), "InternalFailure") && !strings.Contains(err.Error(), "disk")
		},
		"other": func(err error) bool { return err != nil && strings.Contains(err.Error(), "InternalFailure") },
	} {
		out, err := s.start(t, group)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for e := range out.GetStream().Events() {
			switch e := e.(type) {
			case *types.StartLiveTailResponseStreamMemberSessionStart:
				got = append(got, *e.Value.SessionId+" "+e.Value.LogGroupIdentifiers[0])
			case *types.StartLiveTailResponseStreamMemberSessionUpdate:
				got = append(got, *e.Value.SessionResults[0].Message)
			}
		}
		if err := out.GetStream().Err(); !check(err) || strings.Join(got, ",") != "s "+group+",grüße" {
			t.Errorf("%s: %q, %v", group, got, err)
		}
		out.GetStream().Close()
	}
	if _, err := s.start(t, "none"); api.Code(err) != "ResourceNotFoundException" {
		t.Errorf("refused before the stream: %v", err)
	}
}

// read sends a request by hand and decodes the stream that answers it to its end.
func (s *stopping) read(t *testing.T, group string) string {
	w := &world{url: *s.cfg.BaseEndpoint}
	_, h, body := w.send(t, "logs", "POST", "/",
		map[string]string{"X-Amz-Target": "Logs_20140328.StartLiveTail", "Content-Type": "application/x-amz-json-1.1"},
		`{"logGroupIdentifiers":["`+group+`"]}`)
	if h.Get("Content-Type") != "application/vnd.amazon.eventstream" || h.Get("X-Amzn-Requestid") == "" {
		t.Errorf("headers %v", h)
	}
	var got []string
	for r := strings.NewReader(body); r.Len() > 0; {
		m, err := eventstream.NewDecoder().Decode(r, nil)
		if err != nil {
			t.Error(err)
			break
		}
		got = append(got, m.Headers.Get(":event-type").String()+" "+m.Headers.Get(":content-type").String()+" "+string(m.Payload))
	}
	return strings.Join(got, "\n")
}

// messages are those of a stream that ends by itself, and of one that the server's stop ends.
func messages(group string) string {
	return `initial-response application/x-amz-json-1.1 {}
sessionStart application/x-amz-json-1.1 {"logGroupIdentifiers":["` + group + `"],"sessionId":"s"}
sessionUpdate application/x-amz-json-1.1 {"sessionResults":[{"message":"grüße","timestamp":7}]}`
}

// TestFirstResponse looks at the messages: the output's members come first, as an event of their own.
func TestFirstResponse(t *testing.T) {
	if got := newStopping(t).read(t, "end"); got != messages("end") {
		t.Errorf("got\n%s", got)
	}
}

// TestWaitingCallsEndWhenTheServerStops has a stream and a long poll wait, and stops the server: both end, the poll so that it is repeated.
func TestWaitingCallsEndWhenTheServerStops(t *testing.T) {
	s := newStopping(t)
	polled, streamed := make(chan error), make(chan string)
	go func() {
		_, err := cloudwatchlogs.NewFromConfig(s.cfg).GetLogEvents(t.Context(), &cloudwatchlogs.GetLogEventsInput{LogStreamName: aws.String("x")})
		polled <- err
	}()
	go func() { streamed <- s.read(t, "wait") }()
	<-s.waiting
	<-s.waiting
	s.stop()
	var status *smithyhttp.ResponseError
	if err := <-polled; !errors.As(err, &status) || status.HTTPStatusCode() != 503 || api.Code(err) != "ServiceUnavailable" {
		t.Errorf("the poll: %v", err)
	}
	if got := <-streamed; got != messages("wait") {
		t.Errorf("the stream:\n%s", got)
	}
}

package retail

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A subscriber is an HTTP endpoint that confirms its subscription and keeps what it is told.
type subscriber struct {
	*httptest.Server
	confirmed chan string
	told      chan string
}

func newSubscriber(t *testing.T) *subscriber {
	t.Helper()
	s := &subscriber{confirmed: make(chan string, 10), told: make(chan string, 100)}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var m struct{ Type, SubscribeURL, Subject, Message string }
		if err != nil || json.Unmarshal(body, &m) != nil {
			http.Error(w, "what is this", http.StatusBadRequest)
			return
		}
		switch m.Type {
		case "SubscriptionConfirmation":
			s.confirmed <- m.SubscribeURL
		case "Notification":
			s.told <- m.Message
		}
	}))
	t.Cleanup(s.Close)
	return s
}

// subscribe subscribes to the topic of failures and confirms.
func (s *shop) subscribe() *subscriber {
	s.Helper()
	sub := newSubscriber(s.T)
	s.python("c('sns').subscribe(TopicArn='arn:aws:sns:us-east-1:000000000000:retail-failures', Protocol='http', Endpoint=sys.argv[1])\n",
		sub.URL)
	select {
	case url := <-sub.confirmed:
		resp, err := http.Get(url)
		if err != nil {
			s.Fatal(err)
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			s.Fatalf("the confirmation is answered with %s", resp.Status)
		}
	case <-time.After(2 * time.Minute):
		s.Fatal("no confirmation is asked for")
	}
	return sub
}

// alarms waits for the message of the alarm.
func (s *shop) alarms(sub *subscriber) {
	s.Helper()
	select {
	case message := <-sub.told:
		var m struct{ AlarmName, NewStateValue, NewStateReason string }
		if err := json.Unmarshal([]byte(message), &m); err != nil || m.AlarmName != "retail-failed" || m.NewStateValue != "ALARM" {
			s.Errorf("the subscriber is told %s", message)
		}
	case <-time.After(2 * time.Minute):
		s.Error("the subscriber is told nothing")
	}
}

// TestMetricAloneAlarms puts one datum by boto3: the subscriber is told.
func TestMetricAloneAlarms(t *testing.T) {
	t.Parallel()
	s := newShop(t, 200)
	s.deploy()
	sub := s.subscribe()
	s.python(`c('cloudwatch').put_metric_data(Namespace='Penstock', MetricData=[{'MetricName': 'RunsFailed', 'Value': 1, 'Dimensions': [{'Name': 'Pipeline', 'Value': 'other'}]}])
`)
	select {
	case message := <-sub.told:
		t.Errorf("another pipeline's failure is told: %s", message)
	case <-time.After(300 * time.Millisecond):
	}
	s.python(`c('cloudwatch').put_metric_data(Namespace='Penstock', MetricData=[{'MetricName': 'RunsFailed', 'Value': 1, 'Dimensions': [{'Name': 'Pipeline', 'Value': 'retail'}]}])
`)
	s.alarms(sub)
	out := s.aws("cloudwatch", "describe-alarms", "--alarm-names", "retail-failed", "--query",
		"MetricAlarms[0].StateValue", "--output", "text")
	if strings.TrimSpace(out) != "ALARM" {
		t.Errorf("the alarm is %s", out)
	}
}

// TestFailingRunAlarms fails a run: the machine counts it, and the subscriber is told.
func TestFailingRunAlarms(t *testing.T) {
	t.Parallel()
	s := newShop(t, 1000)
	first := s.run()
	sub := s.subscribe()
	s.late("late.csv.gz", order("no number", "22423", 3, "2025-12-01", "2.5", "Malta"))
	s.runFails("--input", filepath.Join(s.dir, "sample"))
	s.alarms(sub)
	out := s.python(`
import datetime
now = datetime.datetime.now(datetime.timezone.utc)
w = c('cloudwatch')
def total(name, **dims):
    r = w.get_metric_statistics(Namespace='Penstock', MetricName=name, Dimensions=[{'Name': k, 'Value': v} for k, v in dims.items()],
        StartTime=now - datetime.timedelta(hours=1), EndTime=now + datetime.timedelta(minutes=2), Period=86400, Statistics=['Sum'])
    return sum(p['Sum'] for p in r['Datapoints'])
print(int(total('RunsFailed', Pipeline='retail')), int(total('RowsRead', Pipeline='retail', Step='daily')), total('Bytes', Pipeline='retail', Step='sales') > 0,
    int(total('RowsWritten', Pipeline='retail', Step='shop.sales')), total('Seconds', Pipeline='retail', Step='sales') > 0)
`)
	if want := "1 1000 True " + figures(first.Stdout)["rows kept"] + " True"; strings.TrimSpace(out) != want {
		t.Errorf("the metrics are %s, want %s", out, want)
	}
}

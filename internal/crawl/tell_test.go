package crawl

import (
	"encoding/json"
	"errors"
	"testing"

	"penstock/internal/event"
	"penstock/internal/meta"
)

// TestCrawlsAreTold: the start, the success and the failure of a crawl are events with the members that AWS documents; one that was
// stopped tells its start only. Each end is told to the trigger's side once.
func TestCrawlsAreTold(t *testing.T) {
	s := open(t, t.TempDir())
	t.Cleanup(s.stop)
	s.d.Account, s.d.Events = "123456789012", event.Open(s.d.Meta, s.d.Clock, "123456789012", region)
	var ends []string
	s.d.Ended = func(_ *meta.Tx, c Crawl) error { ends = append(ends, c.State); return nil }
	must(t, s.d.Meta.Update(s.ctx, func(tx *meta.Tx) error {
		return s.CreateTx(tx, Crawler{Name: "c", Database: "d", Targets: []Target{{Path: "s3://b/"}}})
	}))
	begun := func() Crawl {
		id, err := s.Start(s.ctx, "c")
		must(t, err)
		return Crawl{ID: id, Crawler: "c", Started: s.d.Clock.Now()}
	}
	end := func(c Crawl, state, why string) {
		c.State, c.Error, c.Summary = state, why, Summary{TablesAdded: 1, PartitionsUpdated: 2}
		for range 2 { // the second time it has ended already
			must(t, s.d.Meta.Update(s.ctx, func(tx *meta.Tx) error { return s.finishTx(tx, c) }))
		}
	}
	end(begun(), CrawlCompleted, "")
	end(begun(), CrawlFailed, "no such bucket")
	c := begun()
	must(t, s.Stop(s.ctx, "c"))
	var refused *Error
	if err := s.Stop(s.ctx, "c"); !errors.As(err, &refused) || refused.Reason != Stopping {
		t.Errorf("stopped twice: %v", err)
	}
	end(c, CrawlStopped, "")
	list, err := s.d.Events.After(s.ctx, 0, 100)
	must(t, err)
	link := `"cloudWatchLogLink":"https://console.aws.amazon.com/cloudwatch/home?region=` + region +
		`#logEventViewer:group=/aws-glue/crawlers;stream=c",`
	started := `{"accountId":"123456789012","crawlerName":"c","message":"Crawler Started","startTime":"T","state":"Started"}`
	want := []string{started,
		`{"accountId":"123456789012",` + link + `"completionDate":"T","crawlerName":"c","message":"Crawler Succeeded","partitionsCreated":"0",` +
			`"partitionsDeleted":"0","partitionsUpdated":"2","runningTime (sec)":"0","state":"Succeeded","tablesCreated":"1","tablesDeleted":"0",` +
			`"tablesUpdated":"0","warningMessage":"N/A"}`,
		started,
		`{"accountId":"123456789012",` + link + `"crawlerName":"c","errorMessage":"no such bucket","message":"no such bucket","state":"Failed"}`,
		started}
	for i, e := range list {
		var detail map[string]string
		must(t, json.Unmarshal(e.Detail, &detail))
		for _, k := range []string{"startTime", "completionDate"} {
			if detail[k] != "" {
				detail[k] = "T"
			}
		}
		got, err := json.Marshal(detail)
		must(t, err)
		if i >= len(want) || string(got) != want[i] || e.Type != "Glue Crawler State Change" || e.Source != "aws.glue" {
			t.Errorf("%d: %s %s", i, e.Type, got)
		}
	}
	if len(list) != len(want) || len(ends) != 3 || ends[0] != CrawlCompleted || ends[1] != CrawlFailed || ends[2] != CrawlStopped {
		t.Errorf("%d events, ends %v", len(list), ends)
	}
}

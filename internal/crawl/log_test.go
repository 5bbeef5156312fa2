package crawl

import (
	"strings"
	"testing"
	"time"

	"penstock/internal/catalog"
	"penstock/internal/clock"
	"penstock/internal/logstore"
	"penstock/internal/object"
)

// log is what a crawler has written, with ID for that of its last crawl.
func (s *site) log(c *Crawler) string {
	events, _, err := s.logs.Filter(s.ctx, logstore.FilterQuery{Group: LogGroup, Limit: 1000})
	must(s.t, err)
	var b strings.Builder
	for _, e := range events {
		if rest, ok := strings.CutPrefix(e.Message, "["+c.Last.ID+"] "); ok {
			b.WriteString(rest + "\n")
		}
	}
	return b.String()
}

// TestLogLines holds the lines of crawls against those that AWS's crawlers write.
func TestLogLines(t *testing.T) {
	s := open(t, t.TempDir()).start()
	must(t, s.catalog.CreateDatabase(s.ctx, catalog.Database{Name: "db"}))
	s.put("raw", "t/d=1/a.csv", []byte("id,v\n1,2\n"))
	s.put("raw", "t/d=2/a.csv", []byte("id,v\n1,2\n"))
	s.put("raw", "u/a.csv", []byte("id,v\n1,2\n"))
	s.create(Crawler{Name: "cr", Role: "r", Database: "db", Configuration: `{"Version":1.0,"CreatePartitionIndex":true}`,
		Targets: []Target{{Path: "s3://raw/t/"}, {Path: "s3://raw/u/"}}})
	const begin = `BENCHMARK : Running Start Crawl for Crawler cr
BENCHMARK : Classification complete, writing results to database db
`
	const end = `BENCHMARK : Finished writing to Catalog
%sBENCHMARK : Crawler has finished running and is in state READY
`
	compare := func(got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	}
	compare(s.log(s.crawl("cr")), begin+`INFO : Crawler configured with Configuration `+`
{
    "Version": 1.0,
    "CreatePartitionIndex": true
}
 and SchemaChangePolicy `+`
{
    "UpdateBehavior": "UPDATE_IN_DATABASE",
    "DeleteBehavior": "DEPRECATE_IN_DATABASE"
}
. Note that values in the Configuration override values in the SchemaChangePolicy for S3 Targets.
INFO : Created table t in database db
INFO : Created table u in database db
`+strings.Replace(end, "%s", `INFO : Run Summary For PARTITION:
INFO : ADD: 2
INFO : Run Summary For TABLE:
INFO : ADD: 2
`, 1))
	for _, key := range []string{"t/d=2/a.csv", "u/a.csv"} {
		_, err := s.objects.Delete(s.ctx, "raw", object.Deletion{Key: key})
		must(t, err)
	}
	must(t, s.Update(s.ctx, "cr", func(c *Crawler) error { c.Configuration = ""; return nil }))
	compare(s.log(s.crawl("cr")), begin+`INFO : Crawler configured with SchemaChangePolicy {"UpdateBehavior":"UPDATE_IN_DATABASE","DeleteBehavior":"DEPRECATE_IN_DATABASE"}.
INFO : Found partition of table t with partition values [2] with no matching schema at the partition's S3 location
INFO : Table u is marked deprecated because a matching schema was not found at the table's location.
`+strings.Replace(end, "%s", "INFO : Run Summary For TABLE:\nINFO : UPDATE: 1\n", 1))
}

// TestScheduleOutlivesTheServer: what a schedule waits for is on disk.
func TestScheduleOutlivesTheServer(t *testing.T) {
	dir, c := t.TempDir(), clock.NewManual(time.Date(2026, 11, 30, 12, 1, 0, 0, time.UTC))
	s := openAt(t, dir, c)
	s.crawler(t)
	must(t, s.Reschedule(t.Context(), "cr", "cron(0/15 * * * ? *)"))
	s.stop()
	c.Advance(20 * time.Minute)
	if got := openAt(t, dir, c).start().crawls(1); got != "12:21" {
		t.Error(got)
	}
}

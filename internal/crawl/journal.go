package crawl

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"penstock/internal/logstore"
	"penstock/internal/meta"
)

// A journal collects the log lines of a crawl, in the words of Glue's crawlers.
type journal struct {
	w      *Crawlers
	crawl  Crawl
	events []logstore.Event
}

func (j *journal) line(level, format string, args ...any) {
	j.events = append(j.events, logstore.Event{Time: j.w.d.Clock.Now(),
		Message: fmt.Sprintf("[%s] %s : %s", j.crawl.ID, level, fmt.Sprintf(format, args...))})
}

func (j *journal) started() {
	j.line("BENCHMARK", "Running Start Crawl for Crawler %s", j.crawl.Crawler)
}

func (j *journal) classified(c *Crawler) {
	j.line("BENCHMARK", "Classification complete, writing results to database %s", c.Database)
	if c.Configuration == "" {
		j.line("INFO", `Crawler configured with SchemaChangePolicy {"UpdateBehavior":%q,"DeleteBehavior":%q}.`, c.Update, c.Delete)
		return
	}
	var pretty bytes.Buffer
	if json.Indent(&pretty, []byte(c.Configuration), "", "    ") != nil {
		pretty.WriteString(c.Configuration)
	}
	j.line("INFO", "Crawler configured with Configuration \n%s\n and SchemaChangePolicy \n{\n    \"UpdateBehavior\": %q,\n"+
		"    \"DeleteBehavior\": %q\n}\n. Note that values in the Configuration override values in the SchemaChangePolicy for S3 Targets.",
		pretty.String(), c.Update, c.Delete)
}

func (j *journal) finished(s Summary) {
	j.line("BENCHMARK", "Finished writing to Catalog")
	for _, part := range [...]struct {
		name                 string
		added, updated, gone int
	}{{"PARTITION", s.PartitionsAdded, s.PartitionsUpdated, s.PartitionsDeleted}, {"TABLE", s.TablesAdded, s.TablesUpdated, s.TablesDeleted}} {
		if part.added+part.updated+part.gone == 0 {
			continue
		}
		j.line("INFO", "Run Summary For %s:", part.name)
		for _, n := range [...]struct {
			word string
			n    int
		}{{"ADD", part.added}, {"UPDATE", part.updated}, {"DELETE", part.gone}} {
			if n.n > 0 {
				j.line("INFO", "%s: %d", n.word, n.n)
			}
		}
	}
	j.line("BENCHMARK", "Crawler has finished running and is in state READY")
}

func (j *journal) failed(c Crawl) {
	if c.State == CrawlFailed {
		j.line("ERROR", "%s", c.Error)
	} else {
		j.line("INFO", "The crawl was stopped")
	}
	j.line("BENCHMARK", "Crawler has finished running and is in state READY")
}

// manyLines is how many lines wait at most until the next are looked for.
const manyLines = 500

// flush stores the lines collected so far if they are many.
func (j *journal) flush(ctx context.Context) error {
	if len(j.events) < manyLines {
		return nil
	}
	return j.w.d.Meta.Update(ctx, j.writeTx)
}

// writeTx stores the lines collected so far.
func (j *journal) writeTx(tx *meta.Tx) error {
	events := j.events
	j.events = nil
	return j.w.d.Logs.WriteTx(tx, LogGroup, j.crawl.Crawler, events)
}

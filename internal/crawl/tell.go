package crawl

import (
	"strconv"
	"time"

	"penstock/internal/meta"
)

const stateChange = "Glue Crawler State Change"

// tell puts the event of a crawler's change of state.
func (w *Crawlers) tell(tx *meta.Tx, crawler, state, message string, more map[string]string) error {
	detail := map[string]string{"accountId": w.d.Account, "crawlerName": crawler, "state": state, "message": message}
	for k, v := range more {
		detail[k] = v
	}
	return w.d.Events.PutTx(tx, "aws.glue", stateChange, nil, detail)
}

func (w *Crawlers) tellStart(tx *meta.Tx, crawler string) error {
	return w.tell(tx, crawler, "Started", "Crawler Started", map[string]string{"startTime": w.d.Clock.Now().UTC().Format(time.RFC3339)})
}

// tellEnd tells how a crawl has ended; AWS tells nothing of one that was stopped.
func (w *Crawlers) tellEnd(tx *meta.Tx, c Crawl) error {
	link := "https://console.aws.amazon.com/cloudwatch/home?region=" + w.d.Region + "#logEventViewer:group=" + LogGroup +
		";stream=" + c.Crawler
	now := w.d.Clock.Now().UTC()
	switch c.State {
	case CrawlFailed:
		return w.tell(tx, c.Crawler, "Failed", c.Error, map[string]string{"errorMessage": c.Error, "cloudWatchLogLink": link})
	case CrawlCompleted:
		s := c.Summary
		return w.tell(tx, c.Crawler, "Succeeded", "Crawler Succeeded", map[string]string{
			"tablesCreated": strconv.Itoa(s.TablesAdded), "tablesUpdated": strconv.Itoa(s.TablesUpdated),
			"tablesDeleted": strconv.Itoa(s.TablesDeleted), "partitionsCreated": strconv.Itoa(s.PartitionsAdded),
			"partitionsUpdated": strconv.Itoa(s.PartitionsUpdated), "partitionsDeleted": strconv.Itoa(s.PartitionsDeleted),
			"warningMessage": "N/A", "runningTime (sec)": strconv.Itoa(int(now.Sub(c.Started).Seconds())),
			"completionDate": now.Format(time.RFC3339), "cloudWatchLogLink": link})
	}
	return nil
}

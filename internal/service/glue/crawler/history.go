package crawler

import (
	"context"
	"encoding/json"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"penstock/internal/crawl"
	"penstock/internal/meta"
	"penstock/internal/meta/page"
	"penstock/internal/service/glue/answer"
)

// ListCrawls lists the crawls of a crawler that pass all filters, newest first.
func (s *Service) ListCrawls(ctx context.Context, in *glue.ListCrawlsInput) (*glue.ListCrawlsOutput, error) {
	name := answer.Deref(in.CrawlerName)
	var filters []crawl.Filter
	selected := []string{s.Region, "crawls", name}
	for _, f := range in.Filters {
		filters = append(filters, crawl.Filter{Field: string(f.FieldName), Operator: string(f.FilterOperator), Value: answer.Deref(f.FieldValue)})
		selected = append(selected, string(f.FieldName), string(f.FilterOperator), answer.Deref(f.FieldValue))
	}
	p, err := page.Read(in.NextToken, page.Size(in.MaxResults, 20, 1000), answer.Error(meta.ErrToken), selected[0], selected[1:]...)
	if err != nil {
		return nil, err
	}
	before, err := p.Number(0)
	if err != nil {
		return nil, err
	}
	crawls, last, more, err := s.Crawls.Crawls(ctx, name, filters, before, p.Limit)
	if err != nil {
		return nil, answer.Error(err)
	}
	if more {
		p.Break(strconv.FormatInt(last, 10))
	}
	out := &glue.ListCrawlsOutput{Crawls: []types.CrawlerHistory{}, NextToken: p.Next()}
	for i := range crawls {
		h, err := historyOf(&crawls[i])
		if err != nil {
			return nil, err
		}
		out.Crawls = append(out.Crawls, h)
	}
	return out, nil
}

func historyOf(c *crawl.Crawl) (types.CrawlerHistory, error) {
	summary, err := summaryJSON(c.Summary)
	if err != nil {
		return types.CrawlerHistory{}, err
	}
	h := types.CrawlerHistory{CrawlId: answer.Ptr(c.ID), State: types.CrawlerHistoryState(c.State), StartTime: answer.Ptr(c.Started),
		ErrorMessage: answer.TextOrNil(c.Error), LogGroup: answer.Ptr(crawl.LogGroup), LogStream: answer.Ptr(c.Crawler),
		MessagePrefix: answer.Ptr(c.ID),
		Summary:       answer.TextOrNil(summary)}
	if !c.Ended.IsZero() {
		h.EndTime = answer.Ptr(c.Ended)
	}
	return h, nil
}

// summaryJSON is what a crawl changed: {"TABLE":{"ADD":1},"PARTITION":{"ADD":305}}; "" when it changed nothing.
func summaryJSON(s crawl.Summary) (string, error) {
	out := map[string]map[string]int{}
	add := func(kind, change string, n int) {
		if n == 0 {
			return
		}
		if out[kind] == nil {
			out[kind] = map[string]int{}
		}
		out[kind][change] = n
	}
	add("TABLE", "ADD", s.TablesAdded)
	add("TABLE", "UPDATE", s.TablesUpdated)
	add("TABLE", "DELETE", s.TablesDeleted)
	add("PARTITION", "ADD", s.PartitionsAdded)
	add("PARTITION", "UPDATE", s.PartitionsUpdated)
	add("PARTITION", "DELETE", s.PartitionsDeleted)
	if len(out) == 0 {
		return "", nil
	}
	b, err := json.Marshal(out)
	return string(b), err
}

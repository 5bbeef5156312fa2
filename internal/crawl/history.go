package crawl

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"penstock/internal/meta"
)

// A Filter keeps the crawls whose field compares with a value in a way.
type Filter struct {
	Field    string // CRAWL_ID, STATE, START_TIME, END_TIME (milliseconds since 1970; a crawl that runs has none) or DPU_HOUR
	Operator string // GT, GE, LT, LE, EQ or NE
	Value    string
}

// where is a filter as a condition of SQL and its value.
func (f Filter) where() (string, any, error) {
	column := map[string]string{"CRAWL_ID": "id", "STATE": "state", "START_TIME": "started", "END_TIME": "ended",
		"DPU_HOUR": "0.0"}[f.Field] // crawls here cost none
	operator := map[string]string{"GT": ">", "GE": ">=", "LT": "<", "LE": "<=", "EQ": "=", "NE": "<>"}[f.Operator]
	if column == "" || operator == "" {
		return "", nil, errorf(Invalid, "The filter %s %s is not valid: a filter needs FieldName and FilterOperator", f.Field, f.Operator)
	}
	condition := column + " " + operator + " ?"
	switch f.Field {
	case "CRAWL_ID":
		return condition, f.Value, nil
	case "STATE":
		switch f.Value {
		case CrawlRunning, CrawlCompleted, CrawlFailed, CrawlStopped:
			return condition, f.Value, nil
		}
		return "", nil, errorf(Invalid, "The filter's value %q is no state of a crawl: RUNNING, COMPLETED, FAILED or STOPPED", f.Value)
	case "DPU_HOUR":
		n, err := strconv.ParseFloat(f.Value, 64)
		if err != nil {
			return "", nil, errorf(Invalid, "The filter's value %q is not a number of DPU hours", f.Value)
		}
		return condition, n, nil
	}
	n, err := strconv.ParseInt(f.Value, 10, 64)
	if err != nil {
		return "", nil, errorf(Invalid, "The filter's value %q is not a time in milliseconds since 1970", f.Value)
	}
	if f.Field == "END_TIME" {
		condition = "ended > 0 AND " + condition
	}
	return condition, n, nil
}

// Crawls returns up to limit crawls of a crawler that pass all filters, newest first, begun before the one numbered before (0: from the
// newest), the number of the last, and whether there are more.
func (w *Crawlers) Crawls(ctx context.Context, crawler string, filters []Filter, before int64, limit int) (list []Crawl, last int64,
	more bool, err error) {
	if before == 0 {
		before = 1 << 62
	}
	where, args := strings.Builder{}, []any{crawler, before}
	for _, f := range filters {
		condition, value, err := f.where()
		if err != nil {
			return nil, 0, false, err
		}
		fmt.Fprintf(&where, " AND %s", condition)
		args = append(args, value)
	}
	err = w.d.Meta.View(ctx, func(tx *meta.Tx) error {
		if _, err := w.CrawlerTx(tx, crawler); err != nil {
			return err
		}
		rows, err := w.crawlsTx(tx, "crawler = ? AND seq < ?"+where.String()+" ORDER BY seq DESC LIMIT ?", append(args, limit+1)...)
		for i := range rows {
			if more = i == limit; more {
				break
			}
			list, last = append(list, rows[i].Crawl), rows[i].seq
		}
		return err
	})
	return list, last, more, err
}

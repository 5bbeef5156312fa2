package run

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
)

// Untabled is a crawled source that has no table though an execution crawled it.
type Untabled struct {
	Source string
	Why    []string // what the crawler said of the files
}

// Untabled finds, after an execution that failed, the sources of which the crawler has made no table, and what it said of their files.
func (r *Runner) Untabled(ctx context.Context, o Outcome) ([]Untabled, error) {
	var list []Untabled
	now := r.clock.Now()
	for _, s := range r.Spec.Sources {
		if s.Crawl == nil {
			continue
		}
		_, err := r.glue.GetTable(ctx, &glue.GetTableInput{DatabaseName: aws.String(r.Spec.Name), Name: aws.String(s.Name)})
		if err == nil || code(err) != "EntityNotFoundException" {
			continue // another error is no reason to hide the first one
		}
		lines, err := r.stream(ctx, "/aws-glue/crawlers", r.Spec.Name+"-"+s.Name, "")
		if err != nil {
			return nil, err
		}
		u := Untabled{Source: s.Name}
		for _, l := range lines {
			_, text, warned := strings.Cut(l.Message, "WARN : ")
			if warned && l.At.After(now.Add(-o.Took-time.Minute)) {
				u.Why = append(u.Why, strings.TrimSpace(text))
			}
		}
		list = append(list, u)
	}
	return list, nil
}

package search

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"penstock/internal/api"
	"penstock/internal/catalog"
	"penstock/internal/meta"
	"penstock/internal/meta/page"
	"penstock/internal/module"
	"penstock/internal/service/glue/answer"
)

// A Service is the search.
type Service struct {
	module.Env
	Catalog *catalog.Catalog
	Show    func(*catalog.Table) types.Table
}

// Ops is its one operation.
func (s *Service) Ops() []api.Op {
	return []api.Op{api.Handle(s.SearchTables, api.Honours(answer.Words("CatalogId MaxResults NextToken SearchText ResourceShareType "+
		"Filters[].Key Filters[].Value Filters[].Comparator SortCriteria[].FieldName SortCriteria[].Sort")...))}
}

// chunk is how many tables are read at once.
const chunk = 500

// A hit is a table that was found, with what it is sorted by.
type hit struct {
	by, database, name string
	table              *catalog.Table
}

func compare(a, b hit) int {
	return cmp.Or(strings.Compare(a.by, b.by), strings.Compare(a.database, b.database), strings.Compare(a.name, b.name))
}

// SearchTables finds tables. Without SortCriteria they are in the order of their databases and names.
func (s *Service) SearchTables(ctx context.Context, in *glue.SearchTablesInput) (*glue.SearchTablesOutput, error) {
	if err := answer.OwnCatalog(s.Account, in.CatalogId); err != nil {
		return nil, err
	}
	q, err := compile(in)
	if err != nil {
		return nil, err
	}
	p, err := page.Read(in.NextToken, page.Size(in.MaxResults, answer.UsualPage, 1000), answer.Error(meta.ErrToken), s.Region, q.key...)
	if err != nil {
		return nil, err
	}
	out := &glue.SearchTablesOutput{TableList: []types.Table{}}
	if t := in.ResourceShareType; t == types.ResourceShareTypeForeign || t == types.ResourceShareTypeFederated {
		return out, nil // nobody shares tables with this account
	}
	hits, err := s.find(ctx, q, p)
	if err != nil {
		return nil, err
	}
	for _, h := range hits {
		if !p.Take(h.by + "\x00" + h.database + "\x00" + h.name) {
			break
		}
		out.TableList = append(out.TableList, s.Show(h.table))
	}
	out.NextToken = p.Next()
	return out, nil
}

// find returns the tables of the page and one more, in order.
func (s *Service) find(ctx context.Context, q *query, p *page.Page) (hits []hit, err error) {
	after := hit{}
	if p.After != "" {
		parts := strings.SplitN(p.After, "\x00", 3)
		if len(parts) != 3 {
			return nil, answer.Error(meta.ErrToken)
		}
		after = hit{by: parts[0], database: parts[1], name: parts[2]}
	}
	database, name := "", ""
	if q.sort == nil {
		database, name = after.database, after.name
	}
	for more := true; more; {
		var list []catalog.Table
		if list, more, err = s.Catalog.AllTables(ctx, database, name, chunk); err != nil {
			return nil, answer.Error(err)
		}
		for i := range list {
			t := &list[i]
			database, name = t.Database, t.Name
			h := hit{database: database, name: name, table: t}
			if q.sort != nil {
				h.by = q.sort(t)
			}
			if p.After != "" && q.order(h, after) <= 0 || !q.matches(t) {
				continue
			}
			hits = append(hits, h)
		}
		if q.sort == nil && len(hits) > p.Limit {
			return hits, nil
		}
		if len(hits) > 2*chunk+p.Limit {
			slices.SortFunc(hits, q.order)
			hits = slices.Delete(hits, p.Limit+1, len(hits))
		}
	}
	slices.SortFunc(hits, q.order)
	return hits, nil
}

package api

import (
	"fmt"
	"strings"
)

// Regions are the tables of a server, one for each region that it serves. The first is of the usual region, that of requests which name
// none.
type Regions []*Table

// Only is a single region with its table.
func Only(region string, t *Table) Regions {
	t.Region = region
	return Regions{t}
}

// Names lists the regions.
func (r Regions) Names() []string {
	names := make([]string, len(r))
	for i, t := range r {
		names[i] = t.Region
	}
	return names
}

// In returns the operations of a region, or an error that says which are served.
func (r Regions) In(region string) (*Table, error) {
	for _, t := range r {
		if t.Region == region {
			return t, nil
		}
	}
	return nil, fmt.Errorf("the region %q is not served: this server serves %s", region, strings.Join(r.Names(), ", "))
}

// Beside makes the table of another region, without services. The two share what they know of shapes.
func (t *Table) Beside(region string) *Table {
	return &Table{Explain: t.Explain, Authorize: t.Authorize, Region: region,
		services: map[string]*tableService{}, shapes: t.shapes, log: t.log}
}

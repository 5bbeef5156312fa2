package warehouse

import (
	"strings"

	"penstock/internal/meta"
	"penstock/internal/metric"
	"penstock/internal/pattern"
)

var (
	copyInto   = pattern.Lazy(`(?is)^\s*copy\s+("[^"]+"|[\w.$#]+)`)
	insertInto = pattern.Lazy(`(?is)^\s*insert\s+into\s+((?:"[^"]+"|[\w$#]+)(?:\.(?:"[^"]+"|[\w$#]+))*)`)
)

// metrics puts the figures of a statement named "<pipeline>/<step>": rows read by COPY, rows written into the table that the step is
// named after, the bytes of the files, and the time it took.
func (w *Warehouses) metrics(st *Statement) func(*meta.Tx) error {
	return func(tx *meta.Tx) error {
		pipeline, step, ok := splitName(st.Name)
		if !ok || w.o.Metrics == nil {
			return nil
		}
		target := lastPart(step)
		read, written, loaded := int64(0), int64(0), int64(0)
		for _, s := range st.Subs {
			if s.Rows < 0 {
				continue
			}
			loaded += s.Loaded
			if m := copyInto().FindStringSubmatch(s.SQL); m != nil {
				read += s.Rows
				if lastPart(m[1]) == target {
					written += s.Rows
				}
			}
			if m := insertInto().FindStringSubmatch(s.SQL); m != nil && lastPart(m[1]) == target {
				written += s.Rows
			}
		}
		dims := []metric.Dimension{{Name: "Pipeline", Value: pipeline}, {Name: "Step", Value: step}}
		data := []metric.Datum{{Name: "Seconds", Unit: "Seconds", Value: float64(st.Nanos) / 1e9, Dimensions: dims}}
		if read+written > 0 {
			data = append(data, metric.Datum{Name: "RowsRead", Unit: "Count", Value: float64(read), Dimensions: dims},
				metric.Datum{Name: "RowsWritten", Unit: "Count", Value: float64(written), Dimensions: dims})
		}
		if loaded > 0 {
			data = append(data, metric.Datum{Name: "Bytes", Unit: "Bytes", Value: float64(loaded), Dimensions: dims})
		}
		return w.o.Metrics.PutTx(tx, "Penstock", data)
	}
}

// lastPart is the table's name without its schema and quotes.
func lastPart(name string) string {
	name = name[strings.LastIndex(name, ".")+1:]
	return strings.ToLower(strings.Trim(name, `"`))
}

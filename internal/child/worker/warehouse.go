package worker

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"penstock/internal/clock"
)

// pause is between two looks at a statement that runs. The service itself waits where it can.
const pause = 10 * time.Millisecond

// query asks the warehouse through the Data API and gives every value as text; NULL is "".
func (r *run) query(ctx context.Context, sql string) ([][]string, error) {
	workgroup, err := r.need("--penstock-workgroup")
	if err != nil {
		return nil, err
	}
	database, err := r.need("--penstock-warehouse")
	if err != nil {
		return nil, err
	}
	var st struct{ Id, Status, Error string }
	in := map[string]any{"WorkgroupName": workgroup, "Database": database, "Sql": sql}
	for op := "ExecuteStatement"; st.Status != "FINISHED"; op = "DescribeStatement" {
		if err := r.data(ctx, op, in, &st); err != nil {
			return nil, err
		}
		switch st.Status {
		case "FAILED", "ABORTED":
			return nil, errors.New(st.Error)
		case "SUBMITTED", "PICKED", "STARTED":
			if err := clock.Sleep(ctx, r.clock, pause); err != nil {
				return nil, err
			}
		}
		in = map[string]any{"Id": st.Id, "WaitTimeSeconds": 30}
	}
	return r.answer(ctx, st.Id)
}

// answer reads the result of a statement page by page.
func (r *run) answer(ctx context.Context, statement string) (rows [][]string, err error) {
	in := map[string]any{"Id": statement}
	for {
		var page struct {
			Records   [][]map[string]any
			NextToken string
		}
		if err := r.data(ctx, "GetStatementResult", in, &page); err != nil {
			return nil, err
		}
		for _, rec := range page.Records {
			row := make([]string, len(rec))
			for i, f := range rec {
				row[i] = fieldText(f)
			}
			rows = append(rows, row)
		}
		if page.NextToken == "" {
			return rows, nil
		}
		in["NextToken"] = page.NextToken
	}
}

// fieldText is a value of the Data API, {"longValue": 1} for example, as text.
func fieldText(f map[string]any) string {
	for kind, v := range f {
		if !strings.EqualFold(kind, "isNull") {
			return fmt.Sprint(v)
		}
	}
	return ""
}

// data calls an operation of the Data API.
func (r *run) data(ctx context.Context, op string, in map[string]any, out any) error {
	b, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	answer, err := r.parent.Invoke(ctx, "redshift-data", op, json.RawMessage(b))
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	raw, ok := answer.(json.RawMessage)
	if !ok {
		return fmt.Errorf("%s: answered with %T", op, answer)
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(out); err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	return nil
}

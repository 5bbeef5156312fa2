package warehouse

import (
	"context"
	"encoding/csv"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

var matrixTexts = []string{"0", "-1", " 12 ", "+3", "1.5", "-0.05", ".5", "1e3", "5e-7", "2147483648", "-32769", "99999999999999999999",
	"true", "Yes", "2024-02-29", "2023-02-29", "12/31/24", "1/2/03", "08-Jan-99", "January 8, 1999", "20240301", "2024-03-01 10:11:12",
	"2024-03-01 24:00:00", "2024-03-01 24:01", "2024-03-01 10:11:12+05:30", "2024-03-01 abc", "10:11:12.123456", "24:00:00", "25:00", "abc",
	"1,234"}

var matrixTypes = []string{"smallint", "int", "bigint", "decimal(10,2)", "decimal(38,10)", "float8", "boolean", "date",
	"timestamp", "timestamptz", "time"}

// first is the text of a result's first value, or the code and words of its error.
func first(r *pgconn.Result, err error) string {
	var pe *pgconn.PgError
	switch {
	case errors.As(err, &pe):
		return "error " + pe.Code + ": " + pe.Message
	case err != nil:
		return "broken: " + err.Error()
	}
	return strings.Join(cells(r.Rows[0]), "|")
}

// TestOneSetOfRules converts the same texts as a literal, as a column's value and as a parameter on the wire, in the Data API, and by
// COPY: the values are the same, and so is the error, but for COPY, which has words of its own.
func TestOneSetOfRules(t *testing.T) {
	buckets := bucketsFolder(t)
	w, addr := start(t, t.TempDir(), buckets)
	s := dial(t, addr)
	ctx, counts := context.Background(), map[bool]int{}
	for _, typ := range matrixTypes {
		for _, text := range matrixTexts {
			quoted := "'" + text + "'"
			s.run("DROP TABLE IF EXISTS m; CREATE TABLE m (v varchar(50), c "+typ+"); INSERT INTO m (v) VALUES ("+quoted+")", "statement")
			sql := "SELECT CAST(" + quoted + " AS " + typ + ")"
			literal := s.query(sql)
			column := s.query("SELECT CAST(v AS " + typ + ") FROM m")
			result := s.c.ExecParams(ctx, "SELECT CAST($1::varchar(50) AS "+typ+")", [][]byte{[]byte(text)}, nil, nil, nil).Read()
			param := first(result, result.Err)
			if literal != column || literal != param {
				t.Errorf("%q as %s:\nliteral   %s\ncolumn    %s\nparameter %s", text, typ, literal, column, param)
			}
			// a parameter that has the type itself: its text is read before the statement runs
			result = s.c.ExecParams(ctx, "SELECT c FROM (SELECT $1::"+typ+" AS c) AS p", [][]byte{[]byte(text)}, nil, nil, nil).Read()
			if direct := first(result, result.Err); direct != literal {
				t.Errorf("%q as %s:\nliteral   %s\ntyped parameter %s", text, typ, literal, direct)
			}
			if api := dataAPI(t, w, sql); (api == "") == strings.HasPrefix(literal, "error") ||
				api != "" && !strings.Contains(literal, strings.SplitN(api, "\n", 2)[0]) {
				t.Errorf("%q as %s: the Data API says %q, the wire %s", text, typ, api, literal)
			}
			copied := s.load(t, buckets, text)
			if copied != literal && !(copied == "rejected" && strings.HasPrefix(literal, "error")) {
				t.Errorf("%q as %s: COPY gives %s, a CAST %s", text, typ, copied, literal)
			}
			counts[copied == "rejected"]++
		}
	}
	if counts[true] < 50 || counts[false] < 50 {
		t.Errorf("%d values were rejected and %d taken: the test sees too few", counts[true], counts[false])
	}
	t.Logf("%d values were rejected and %d taken", counts[true], counts[false])
}

func (s *scriptConn) query(sql string) string {
	results, err := s.c.Exec(context.Background(), sql).ReadAll()
	if err != nil {
		return first(nil, err)
	}
	return first(results[len(results)-1], nil)
}

// load copies a file of one value into column c of m and gives what came of it.
func (s *scriptConn) load(t *testing.T, buckets, text string) string {
	t.Helper()
	dir := filepath.Join(buckets, "lake", "matrix")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(filepath.Join(dir, "x.csv"))
	if err != nil {
		t.Fatal(err)
	}
	out := csv.NewWriter(f)
	out.Write([]string{text})
	out.Flush()
	f.Close()
	s.run("DELETE FROM m", "statement")
	if got := s.run("COPY m (c) FROM 's3://lake/matrix/' IAM_ROLE default CSV DATEFORMAT 'auto' TIMEFORMAT 'auto' ROUNDEC",
		"statement"); strings.HasPrefix(got, "ERROR") {
		return "rejected"
	}
	return s.query("SELECT c FROM m")
}

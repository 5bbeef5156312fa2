package clients

import (
	"bytes"
	"compress/gzip"
	"context"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/redshiftserverless"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"penstock/test/harness"
)

// serveWarehouse starts the program with one workgroup, which takes the port that "penstock env" names.
func serveWarehouse(t *testing.T, data string) *harness.Runtime {
	t.Helper()
	rt := harness.Serve(t, data)
	c := redshiftserverless.NewFromConfig(rt.Config())
	if _, err := c.CreateNamespace(t.Context(), &redshiftserverless.CreateNamespaceInput{NamespaceName: aws.String("shop"),
		DbName: aws.String("dev")}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.CreateWorkgroup(t.Context(),
		&redshiftserverless.CreateWorkgroupInput{WorkgroupName: aws.String("shop"), NamespaceName: aws.String("shop")}); err != nil {
		t.Fatal(err)
	}
	return rt
}

// psql runs psql with the environment that "penstock env" exports; more is appended to it and wins.
func psql(t *testing.T, rt *harness.Runtime, more []string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, harness.Tool(t, "psql"), append([]string{"-X"}, args...)...)
	cmd.Env = append(append(rt.Env(), "PGCONNECT_TIMEOUT=60"), more...)
	var out, bad bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &bad
	cmd.Run()
	return strings.TrimRight(out.String(), "\n"), strings.TrimRight(bad.String(), "\n"), cmd.ProcessState.ExitCode()
}

// putObject stores a gzipped text.
func putObject(t *testing.T, rt *harness.Runtime, key, text string) {
	t.Helper()
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	w.Write([]byte(text))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	c := s3.NewFromConfig(rt.Config(), func(o *s3.Options) { o.UsePathStyle = true })
	if _, err := c.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("lake")}); err != nil &&
		!strings.Contains(err.Error(), "BucketAlready") {
		t.Fatal(err)
	}
	if _, err := c.PutObject(t.Context(),
		&s3.PutObjectInput{Bucket: aws.String("lake"), Key: &key, Body: bytes.NewReader(z.Bytes())}); err != nil {
		t.Fatal(err)
	}
}

// TestPsql is what people type: psql -c with the variables of "penstock env", the answers as psql prints them, its exit code.
func TestPsql(t *testing.T) {
	harness.Tool(t, "psql")
	rt := serveWarehouse(t, t.TempDir())
	putObject(t, rt, "sales/a.csv.gz", "country,amount,day\nUnited Kingdom,1.505,2024-01-01\nFrance,,2024-01-02\n")
	putObject(t, rt, "bad/a.csv.gz", "country,amount,day\nSpain,1,2024-01-01\nItaly,much,2024-01-02\n")
	const load = " IAM_ROLE default CSV GZIP IGNOREHEADER 1"
	for _, c := range []struct {
		sql, stdout, stderr string
		code                int
	}{
		{"CREATE TABLE sales(country VARCHAR(20) ENCODE zstd, amount DECIMAL(10,3), day DATE SORTKEY) DISTKEY(country)", "CREATE TABLE", "", 0},
		{"CREATE TABLE sales(x INT)", "", `ERROR:  Relation "sales" already exists`, 1},
		{"COPY sales FROM 's3://lake/sales/'" + load, "COPY", "INFO:  Load into table 'sales' completed, 2 record(s) loaded successfully.", 0},
		{"COPY sales FROM 's3://lake/bad/'" + load, "",
			"ERROR:  Load into table 'sales' failed.  Check 'stl_load_errors' system table for details.\n" +
				"DETAIL:  s3://lake/bad/a.csv.gz, line 3, column amount, value 'much': Invalid digit, Value 'm', Pos 0, Type: Decimal (1209)", 1},
		{"SELECT trim(filename) AS f, line_number AS n, trim(colname) AS c, trim(raw_field_value) AS v FROM stl_load_errors",
			"           f            | n |   c    |  v   \n------------------------+---+--------+------\n s3://lake/bad/a.csv.gz | 3 | " +
				"amount | much\n(1 row)", "", 0},
		{"SELECT * FROM sales ORDER BY day",
			"    country     | amount |    day     \n----------------+--------+------------\n United Kingdom |  " +
				"1.505 | 2024-01-01\n France         |        | 2024-01-02\n(2 rows)", "", 0},
		{"INSERT INTO sales VALUES ('Spain', 2, '2024-01-03'), ('Italy', 3, '2024-01-04')", "INSERT 0 2", "", 0},
		{"UPDATE sales SET amount = amount * 2 WHERE country LIKE 'S%'", "UPDATE 1", "", 0},
		{"DELETE FROM sales WHERE amount IS NULL", "DELETE 1", "", 0},
		{"SELECT count(*), sum(amount) FROM sales", " count |  sum  \n-------+-------\n     3 | 8.505\n(1 row)", "", 0},
		{"BEGIN; DELETE FROM sales; ROLLBACK; SELECT count(*) FROM sales", "BEGIN\nDELETE 3\nROLLBACK\n count \n-------\n     3\n(1 row)", "", 0},
		{"INSERT INTO sales VALUES ('x', 1, '2024-01-01'); SELECT 1/0", "INSERT 0 1", "ERROR:  Divide by zero", 1},
		{"SELECT count(*) AS still FROM sales", " still \n-------\n     3\n(1 row)", "", 0},
		{"CREATE TABLE top AS SELECT country FROM sales WHERE amount > 2", "SELECT", "", 0},
		{"CREATE VIEW v AS SELECT upper(country) AS c FROM top; SELECT c FROM v ORDER BY c",
			"CREATE VIEW\n   c   \n-------\n ITALY\n SPAIN\n(2 rows)", "", 0},
		{"SELEC 1", "", "ERROR:  \"selec\" begins no statement of Redshift SQL, did you mean SELECT?\nLINE 1: SELEC 1\n        ^", 1},
		{"SELECT nope FROM sales", "", "ERROR:  column \"nope\" does not exist in sales\nLINE 1: SELECT nope FROM sales\n               ^", 1},
		{"DROP TABLE none", "", `ERROR:  Table "none" does not exist`, 1},
		{"DROP VIEW v; DROP TABLE top; DROP TABLE sales", "DROP VIEW\nDROP TABLE\nDROP TABLE", "", 0},
	} {
		stdout, stderr, code := psql(t, rt, nil, "-c", c.sql)
		if stdout != c.stdout || stderr != c.stderr || code != c.code {
			t.Errorf("%s\ncode %d, want %d\ngot:\n%s\n%s\nwant:\n%s\n%s", c.sql, code, c.code, stdout, stderr, c.stdout, c.stderr)
		}
	}
}

func TestPsqlRefused(t *testing.T) {
	harness.Tool(t, "psql")
	rt := serveWarehouse(t, t.TempDir())
	for _, c := range []struct{ env, want string }{
		{"PGPASSWORD=wrong", `FATAL:  password authentication failed for user "admin"`},
		{"PGUSER=nobody", `FATAL:  password authentication failed for user "nobody"`},
		{"PGDATABASE=none", `FATAL:  database "none" does not exist`},
	} {
		stdout, stderr, code := psql(t, rt, []string{c.env}, "-Atc", "SELECT 1")
		if stdout != "" || !strings.Contains(stderr, c.want) || code != 2 {
			t.Errorf("%s: code %d, %q, %q", c.env, code, stdout, stderr)
		}
	}
	if stdout, stderr, code := psql(t, rt, nil, "-Atc", "SELECT current_user, current_database()"); stdout != "admin|dev" || code != 0 {
		t.Errorf("code %d, %q, %q", code, stdout, stderr)
	}
	if stdout, stderr, code := psql(t, rt, nil, "-v", "ON_ERROR_STOP=1", "-Atc", "SELECT 1", "-c", "SELECT x", "-c",
		"SELECT 2"); stdout != "1" || code != 1 {
		t.Errorf("code %d, %q, %q", code, stdout, stderr)
	}
}

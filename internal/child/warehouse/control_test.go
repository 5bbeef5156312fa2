package warehouse_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
	"penstock/internal/api"
	"penstock/internal/api/apitest"
	"penstock/internal/blob"
	"penstock/internal/child"
	inside "penstock/internal/child/warehouse"
	"penstock/internal/clock"
	"penstock/internal/meta"
	"penstock/internal/meta/due"
	"penstock/internal/meta/metatest"
	"penstock/internal/meta/tag"
	"penstock/internal/metric"
	"penstock/internal/module"
	"penstock/internal/object"
	"penstock/internal/service/redshiftdata"
	"penstock/internal/service/redshiftserverless"
	"penstock/internal/vfs"
	"penstock/internal/warehouse"

	"github.com/jackc/pgx/v5"
)

// TestMain lets the test binary be the warehouse's process.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "child" {
		os.Exit(inside.Main(context.Background(), os.Args[3:], slog.New(slog.NewTextHandler(os.Stderr, nil))))
	}
	flag.Parse()
	goleak.VerifyTestMain(m)
}

// A rig is a control process in the test's: stores, supervisor, warehouses and the two services.
type rig struct {
	t       *testing.T
	dir     string
	meta    *meta.Store
	objects *object.Store
	metrics *metric.Store
	w       *warehouse.Warehouses
	table   *api.Table
	ctx     context.Context
	stop    func()
}

// patient is the clock of the Data API here: a statement has its time to end, however slow the machine is, and who waits for a second
// only is told at once.
type patient struct{ clock.Real }

func (c patient) After(d time.Duration) <-chan time.Time {
	if d <= time.Second {
		return c.Real.After(d / 50)
	}
	return c.Real.After(60 * d)
}

// newRig starts a control process over dir.
func newRig(t *testing.T, dir string) *rig {
	t.Helper()
	r := &rig{t: t, dir: dir, ctx: apitest.Context(t)}
	if err := os.MkdirAll(filepath.Join(dir, "meta"), 0o700); err != nil {
		t.Fatal(err)
	}
	r.meta = metatest.Open(t, filepath.Join(dir, "meta"), clock.Real{}, due.Schema, tag.Schema, object.Schema, metric.Schema, warehouse.Schema)
	b, err := blob.Open(vfs.OS{}, filepath.Join(dir, "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	r.objects = object.Open(r.meta, b, object.Options{})
	r.metrics = metric.Open(r.meta, "us-east-1", clock.Real{})
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(testWriter{t}, nil))
	sup, err := child.Open(child.Options{Exe: exe, Args: []string{"child"}, Scratch: filepath.Join(dir, "scratch"),
		Budget: child.Budget{Memory: 4 << 30, Threads: 8}, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	r.w = warehouse.New(warehouse.Options{Meta: r.meta, Objects: r.objects, Metrics: r.metrics, Children: sup, Clock: clock.Real{}, Log: log,
		Dir: filepath.Join(dir, "warehouse"), Blobs: filepath.Join(dir, "blobs"), Region: "us-east-1",
		Served: []string{"us-east-1", "eu-west-1"}, Account: "000000000000",
		Invoker: gate(), Keys: gateKeys})
	ctx, cancel := context.WithCancel(context.Background())
	if err := r.w.Start(ctx); err != nil {
		t.Fatal(err)
	}
	data := redshiftdata.New(module.Env{Clock: patient{}}, r.w)
	serverless := redshiftserverless.New(module.Env{Clock: clock.Real{}}, r.w)
	r.table = api.NewTable([]api.Service{data.API(), serverless.API()}, log)
	stopped := false
	r.stop = func() {
		if !stopped {
			stopped = true
			cancel()
			r.w.Stop()
			sup.Close()
			r.meta.Close()
		}
	}
	t.Cleanup(r.stop)
	return r
}

type testWriter struct{ t *testing.T }

func (w testWriter) Write(p []byte) (int, error) {
	if os.Getenv("VERBOSE") != "" {
		fmt.Fprint(os.Stderr, string(p))
	}
	return len(p), nil
}

// call invokes an operation with JSON and gives its answer.
func (r *rig) call(service, op, in string) (map[string]any, error) {
	out, err := r.table.Invoke(r.ctx, service, op, json.RawMessage(in))
	if err != nil {
		return nil, err
	}
	var m map[string]any
	return m, json.Unmarshal(out.(json.RawMessage), &m)
}

func (r *rig) must(service, op, in string) map[string]any {
	r.t.Helper()
	m, err := r.call(service, op, in)
	if err != nil {
		r.t.Fatalf("%s %s: %v", op, in, err)
	}
	return m
}

// create makes namespace "shop" and workgroup "shop-wg".
func (r *rig) create() {
	r.t.Helper()
	r.must("redshift-serverless", "CreateNamespace", `{"NamespaceName":"shop","AdminUsername":"Admin","AdminUserPassword":"Passw0rd"}`)
	r.must("redshift-serverless", "CreateWorkgroup", `{"WorkgroupName":"shop-wg","NamespaceName":"shop"}`)
}

// folder is where the databases of namespace "shop" are.
func (r *rig) folder() string {
	r.t.Helper()
	found, err := filepath.Glob(filepath.Join(r.dir, "warehouse", "shop.*"))
	if err != nil || len(found) != 1 {
		r.t.Fatalf("folders of the namespace: %v, %v", found, err)
	}
	return found[0]
}

// run executes one statement and waits for its end.
func (r *rig) run(sql string) map[string]any {
	r.t.Helper()
	in, _ := json.Marshal(map[string]any{"WorkgroupName": "shop-wg", "Database": "dev", "Sql": sql, "WaitTimeSeconds": 30})
	id := r.must("redshift-data", "ExecuteStatement", string(in))["Id"].(string)
	return r.must("redshift-data", "DescribeStatement", `{"Id":"`+id+`"}`)
}

func (r *rig) batch(more string, sqls ...string) map[string]any {
	r.t.Helper()
	list, _ := json.Marshal(sqls)
	id := r.must("redshift-data", "BatchExecuteStatement",
		`{"WorkgroupName":"shop-wg","Database":"dev","WaitTimeSeconds":30,"Sqls":`+string(list)+more+`}`)["Id"].(string)
	return r.must("redshift-data", "DescribeStatement", `{"Id":"`+id+`"}`)
}

// rows runs a query and gives its cells.
func (r *rig) rows(sql string) string {
	r.t.Helper()
	d := r.run(sql)
	if d["Status"] != "FINISHED" {
		r.t.Fatalf("%s: %v", sql, d)
	}
	return r.result(d["Id"].(string))
}

func (r *rig) result(id string) string {
	r.t.Helper()
	out := r.must("redshift-data", "GetStatementResult", `{"Id":"`+id+`"}`)
	var lines []string
	for _, rec := range out["Records"].([]any) {
		var cells []string
		for _, f := range rec.([]any) {
			for k, v := range f.(map[string]any) {
				cells = append(cells, fmt.Sprintf("%s=%v", k, v))
			}
		}
		lines = append(lines, strings.Join(cells, " "))
	}
	return strings.Join(lines, "\n")
}

// dsn gives a connection string for the administrator.
func (r *rig) dsn() string {
	r.t.Helper()
	g := r.must("redshift-serverless", "GetWorkgroup", `{"WorkgroupName":"shop-wg"}`)["Workgroup"].(map[string]any)
	return fmt.Sprintf("postgres://admin:Passw0rd@127.0.0.1:%v/dev?sslmode=disable", g["Port"])
}

func TestDataAPI(t *testing.T) {
	r := newRig(t, t.TempDir())
	r.create()
	if d := r.run("CREATE TABLE t(id INT, name VARCHAR(10), price DECIMAL(10,2), f FLOAT, b BOOLEAN, d DATE)"); d["Status"] != "FINISHED" ||
		d["HasResultSet"] != false {
		t.Fatalf("create: %v", d)
	}
	if d := r.run("INSERT INTO t VALUES (1,'a',1.50,0.5,true,'2020-01-31'), (2,NULL,NULL,NULL,NULL,NULL)"); d["ResultRows"] != 2.0 {
		t.Errorf("insert: %v", d)
	}
	got := r.rows("SELECT * FROM t ORDER BY id")
	want := "LongValue=1 StringValue=a StringValue=1.50 DoubleValue=0.5 BooleanValue=true StringValue=2020-01-31\nLongValue=2 IsNull=true " +
		"IsNull=true IsNull=true IsNull=true IsNull=true"
	if got != want {
		t.Errorf("rows:\n%s\nwant:\n%s", got, want)
	}
	d := r.run("SELECT * FROM nothing")
	if d["Status"] != "FAILED" || !strings.HasPrefix(d["Error"].(string), "ERROR: relation \"nothing\" does not exist") {
		t.Errorf("error: %v", d)
	}
	if _, err := r.call("redshift-data", "GetStatementResult", `{"Id":"`+d["Id"].(string)+`"}`); api.Code(err) != "ResourceNotFoundException" {
		t.Errorf("result of a failed statement: %v", err)
	}
	params := r.must("redshift-data", "ExecuteStatement", `{"WorkgroupName":"shop-wg","Database":"dev","Sql":"SELECT id FROM t WHERE id = `+
		`:id AND name = :name","WaitTimeSeconds":30,"Parameters":[{"Name":"id","Value":"1"},{"Name":"name","Value":"a"}]}`)
	if got := r.result(params["Id"].(string)); got != "LongValue=1" {
		t.Errorf("parameters: %s", got)
	}
}

func TestBatch(t *testing.T) {
	r := newRig(t, t.TempDir())
	r.create()
	d := r.batch("", "CREATE TABLE b(x INT)", "INSERT INTO b VALUES (1)", "SELECT x FROM b")
	subs := d["SubStatements"].([]any)
	if d["Status"] != "FINISHED" || len(subs) != 3 || r.result(d["Id"].(string)+":3") != "LongValue=1" {
		t.Fatalf("batch: %v", d)
	}
	d = r.batch("", "INSERT INTO b VALUES (2)", "INSERT INTO nothing VALUES (1)", "INSERT INTO b VALUES (3)")
	var states []string
	for _, s := range d["SubStatements"].([]any) {
		states = append(states, s.(map[string]any)["Status"].(string))
	}
	if d["Status"] != "FAILED" || fmt.Sprint(states) != "[ABORTED FAILED ABORTED]" || r.rows("SELECT count(*) FROM b") != "LongValue=1" {
		t.Errorf("failed batch: %v", d)
	}
	r.batch(`,"ExecutionMode":"AUTO_COMMIT"`, "INSERT INTO b VALUES (2)", "INSERT INTO nothing VALUES (1)", "INSERT INTO b VALUES (3)")
	if got := r.rows("SELECT count(*) FROM b"); got != "LongValue=3" {
		t.Errorf("after AUTO_COMMIT: %s", got)
	}
}

func TestLoadAndMetrics(t *testing.T) {
	r := newRig(t, t.TempDir())
	r.create()
	if _, err := r.objects.CreateBucket(r.ctx, "lake", "", nil); err != nil {
		t.Fatal(err)
	}
	for k, v := range map[string]string{"in/a.csv": "1,x\n2,y\n", "in/b.csv": "3,z\n", "bad/c.csv": "1,x\nq,y\n"} {
		if _, err := r.objects.Put(r.ctx, "lake", k, strings.NewReader(v), object.PutOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	r.run("CREATE TABLE orders(id INT, name VARCHAR(5))")
	d := r.batch(`,"StatementName":"retail/orders"`, "CREATE TEMP TABLE stage (LIKE orders)",
		"COPY stage FROM 's3://lake/in/' IAM_ROLE default CSV",
		"DELETE FROM orders WHERE id < 10", "INSERT INTO orders SELECT * FROM stage")
	if d["Status"] != "FINISHED" {
		t.Fatalf("load: %v", d)
	}
	if got := r.rows("SELECT count(*), sum(id) FROM orders"); got != "LongValue=3 LongValue=6" {
		t.Errorf("loaded: %s", got)
	}
	for name, want := range map[string]float64{"RowsRead": 3, "RowsWritten": 3} {
		points, err := r.metrics.Statistics(r.ctx, metric.Query{Namespace: "Penstock", Name: name,
			Dimensions: []metric.Dimension{{Name: "Pipeline", Value: "retail"}, {Name: "Step", Value: "orders"}}, Start: time.Now().Add(-time.Hour),
			End: time.Now().Add(time.Hour), Period: time.Hour * 3})
		if err != nil || len(points) != 1 || points[0].Sum != want {
			t.Errorf("%s: %v, %v", name, points, err)
		}
	}
	d = r.run("COPY orders FROM 's3://lake/bad/' IAM_ROLE default CSV")
	if d["Status"] != "FAILED" ||
		!strings.HasPrefix(d["Error"].(string), "ERROR: Load into table 'orders' failed.  Check 'stl_load_errors' system table for details.") {
		t.Errorf("bad load: %v", d)
	}
	want := "LongValue=2 StringValue=Invalid digit, Value 'q', Pos 0, Type: Integer"
	if got := r.rows("SELECT line_number, trim(err_reason) FROM stl_load_errors"); got != want {
		t.Errorf("stl_load_errors: %s", got)
	}
	if got := r.rows("SELECT count(*) FROM orders"); got != "LongValue=3" {
		t.Errorf("after the failed load: %s rows", got)
	}
}

// TestKilledWarehouse kills the process: its statement fails clearly, a session ends, committed rows are there again.
func TestKilledWarehouse(t *testing.T) {
	r := newRig(t, t.TempDir())
	r.create()
	r.run("CREATE TABLE k(x INT)")
	r.run("INSERT INTO k VALUES (1), (2)")
	slow := r.must("redshift-data", "ExecuteStatement", `{"WorkgroupName":"shop-wg","Database":"dev","Sql":"SELECT count(*) FROM k a, k b, `+
		`k c, k d, k e, k f, k g, k h, k i, k j, k l, k m, k n, k o, k p, k q, k r, k s, k t, k u, k v, k w, k x, k y, k z, k a1, k a2, k a3, `+
		`k a4, k a5, k a6, k a7, k a8, k a9, k b1, k b2 WHERE a.x + b.x + c.x > z.x + y.x + b1.x * b2.x + a1.x"}`)["Id"].(string)
	waitFor(t, func() bool {
		return r.must("redshift-data", "DescribeStatement", `{"Id":"`+slow+`"}`)["Status"] == "STARTED"
	})
	kill(t, r.w.PID("shop-wg"))
	began := time.Now()
	if got := r.rows("SELECT sum(x) FROM k"); got != "LongValue=3" {
		t.Errorf("after the kill: %s", got)
	}
	t.Logf("rows were there again after %s", time.Since(began))
	d := r.must("redshift-data", "DescribeStatement", `{"Id":"`+slow+`","WaitTimeSeconds":30}`)
	if d["Status"] != "FAILED" || !strings.HasPrefix(d["Error"].(string), "ERROR: 57P02: the warehouse ended while the statement ran") {
		t.Errorf("the statement that was cut: %v", d)
	}
}

// TestClientsQueueWhileTheWarehouseRestarts connects at once after a kill.
func TestClientsQueueWhileTheWarehouseRestarts(t *testing.T) {
	r := newRig(t, t.TempDir())
	r.create()
	r.run("CREATE TABLE q(x INT)")
	dsn := r.dsn()
	kill(t, r.w.PID("shop-wg"))
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	c, err := pgx.Connect(ctx, dsn)
	var ne net.Error
	for errors.As(err, &ne) || err != nil && strings.Contains(err.Error(), "reset") || err != nil && strings.Contains(err.Error(), "EOF") {
		c, err = pgx.Connect(ctx, dsn) // the connection that the dead process had accepted
	}
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(ctx)
	var n int64
	if err := c.QueryRow(ctx, "SELECT count(*) FROM q").Scan(&n); err != nil || n != 0 {
		t.Errorf("%d, %v", n, err)
	}
}

func TestCancel(t *testing.T) {
	r := newRig(t, t.TempDir())
	r.create()
	r.batch("", "CREATE TABLE k(x INT)", "INSERT INTO k VALUES (1), (2), (3)")
	id := r.must("redshift-data", "ExecuteStatement",
		`{"WorkgroupName":"shop-wg","Database":"dev","Sql":"SELECT count(*) FROM k a, k b, k c, k d, k e, k f, k g, k h, k i, k j, k l, k m, `+
			`k n, k o, k p, k q, k r, k s, k t, k u WHERE a.x * b.x > u.x * t.x + c.x * s.x"}`)["Id"].(string)
	waitFor(t, func() bool {
		return r.must("redshift-data", "DescribeStatement", `{"Id":"`+id+`"}`)["Status"] == "STARTED"
	})
	r.must("redshift-data", "CancelStatement", `{"Id":"`+id+`"}`)
	d := r.must("redshift-data", "DescribeStatement", `{"Id":"`+id+`","WaitTimeSeconds":30}`)
	if d["Status"] != "ABORTED" {
		t.Errorf("cancelled: %v", d)
	}
	if _, err := r.call("redshift-data", "CancelStatement", `{"Id":"`+id+`"}`); api.Code(err) != "ValidationException" {
		t.Errorf("second cancel: %v", err)
	}
}

// TestRestartSettlesStatements leaves statements open as a killed server does, and starts another server over the same folder.
func TestRestartSettlesStatements(t *testing.T) {
	dir := t.TempDir()
	r := newRig(t, dir)
	r.create()
	done := r.run("CREATE TABLE s(x INT)")["Id"].(string)
	reads := r.run("SELECT 1")["Id"].(string)
	err := r.meta.Update(r.ctx, func(tx *meta.Tx) error {
		_, err := tx.Exec("UPDATE warehouse_statement SET status = 'STARTED', " +
			"doc = json_set(doc, '$.Status', 'STARTED', '$.Subs[0].Status', 'STARTED')")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	r.stop()
	r = newRig(t, dir)
	for id, want := range map[string]string{done: "FINISHED", reads: "FAILED"} {
		if d := r.must("redshift-data", "DescribeStatement", `{"Id":"`+id+`","WaitTimeSeconds":30}`); d["Status"] != want {
			t.Errorf("%s: %v, want %s", d["QueryString"], d, want)
		}
	}
	if got := r.rows("SELECT count(*) FROM s"); got != "LongValue=0" {
		t.Errorf("after the restart: %s", got)
	}
}

func TestTokens(t *testing.T) {
	r := newRig(t, t.TempDir())
	r.create()
	r.run("CREATE TABLE t(x INT)")
	in := `{"WorkgroupName":"shop-wg","Database":"dev","Sql":"INSERT INTO t VALUES (1)","WaitTimeSeconds":30`
	a := r.must("redshift-data", "ExecuteStatement", in+`,"ClientToken":"one"}`)["Id"]
	b := r.must("redshift-data", "ExecuteStatement", in+`,"ClientToken":"one"}`)["Id"]
	if a != b {
		t.Errorf("two statements for one client token")
	}
	if got := r.rows("SELECT count(*) FROM t"); got != "LongValue=1" {
		t.Errorf("%s rows", got)
	}
	if _, err := r.call("redshift-data", "ExecuteStatement",
		strings.Replace(in, "VALUES (1)", "VALUES (2)", 1)+`,"ClientToken":"one"}`); api.Code(err) != "ValidationException" {
		t.Errorf("another statement with the token: %v", err)
	}
}

func TestGetCredentials(t *testing.T) {
	r := newRig(t, t.TempDir())
	r.create()
	c := r.must("redshift-serverless", "GetCredentials", `{"WorkgroupName":"shop-wg"}`)
	cfg, err := pgx.ParseConfig(r.dsn())
	if err != nil {
		t.Fatal(err)
	}
	cfg.User, cfg.Password = c["DbUser"].(string), c["DbPassword"].(string)
	conn, err := pgx.ConnectConfig(r.ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(r.ctx)
	var user string
	if err := conn.QueryRow(r.ctx, "SELECT current_user").Scan(&user); err != nil || user != cfg.User {
		t.Errorf("%s, %v", user, err)
	}
	cfg.Password = "wrong"
	if _, err := pgx.ConnectConfig(r.ctx, cfg); err == nil {
		t.Error("a wrong password logs in")
	}
}

func waitFor(t *testing.T, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it does not happen")
		}
	}
}

func kill(t *testing.T, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

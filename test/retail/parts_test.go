package retail

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"penstock/test/harness"
)

// TestStateTakenOut takes the load of one table out of the machine, by UpdateStateMachine: that table stays empty, the rest is as before.
func TestStateTakenOut(t *testing.T) {
	t.Parallel()
	s := deployed(t, 1000)
	s.python(`
import json
sfn = c('stepfunctions')
arn = '` + machine + `'
m = json.loads(sfn.describe_state_machine(stateMachineArn=arn)['definition'])
states = m['States']['Runs']['ItemProcessor']['States']
gone = [name for name in states if 'shop.daily' in name]
for name in gone: del states[name]
text = json.dumps(m)
for name in gone: text = text.replace('"Next": "%s"' % name, '"Next": "Done"')
sfn.update_state_machine(stateMachineArn=arn, definition=text)
`)
	execution := s.start()
	s.succeeds(execution)
	if names := s.entered(execution); slices.Contains(names, "Load shop.daily") || !slices.Contains(names, "Load shop.sales") {
		t.Errorf("the execution entered %v", names)
	}
	s.want("SELECT count(*) FROM shop.daily", "0")
	s.want("SELECT count(*) > 900 FROM shop.sales", "true")
	if len(s.objects(curated, "daily/")) == 0 {
		t.Error("the transform before the load left nothing")
	}
}

// TestTypesComeFromTheData crawls the same rows under other names: the types are the same.
func TestTypesComeFromTheData(t *testing.T) {
	t.Parallel()
	s := newShop(t, 1000)
	s.run()
	var renamed []string
	for _, f := range s.sample() {
		lines := readLines(t, f)
		lines[0] = "c1,c2,c3,c4,c5,c6,c7,c8"
		name := filepath.Join(s.dir, "renamed", key(s.dir, f))
		writeFile(t, name, packed(t, lines))
		renamed = append(renamed, name)
	}
	s.python(`
import time
s3, glue = c('s3'), c('glue')
for path in sys.argv[1:]:
    s3.upload_file(path, '`+raw+`', 'renamed/' + path.split('/renamed/orders/')[1])
glue.create_crawler(Name='renamed', Role='arn:aws:iam::000000000000:role/any', DatabaseName='retail', Targets={'S3Targets': [{'Path': 's3://`+
		raw+`/renamed/'}]})
glue.start_crawler(Name='renamed')
while glue.get_crawler(Name='renamed')['Crawler']['State'] != 'READY': time.sleep(.05)
`, renamed...)
	want, got := s.columns("orders"), s.columns("renamed")
	if len(want) != 8 || len(got) != 8 {
		t.Fatalf("orders has %v, renamed %v", want, got)
	}
	for i := range want {
		_, wantType, _ := strings.Cut(want[i], " ")
		if name, gotType, _ := strings.Cut(got[i], " "); gotType != wantType || name != "c"+string(rune('1'+i)) {
			t.Errorf("%s, under the name c%d: %s", want[i], i+1, got[i])
		}
	}
	if !slices.Equal(want[3:7], []string{"quantity bigint", "invoicedate string", "unitprice double", "customerid double"}) {
		t.Errorf("the types are %v", want)
	}
}

// columns are the columns of a table of the catalog, "name type".
func (s *shop) columns(table string) (list []string) {
	s.Helper()
	out, err := s.glue.GetTable(context.Background(), &glue.GetTableInput{DatabaseName: aws.String("retail"), Name: &table})
	if err != nil {
		s.Fatal(err)
	}
	for _, c := range out.Table.StorageDescriptor.Columns {
		list = append(list, aws.ToString(c.Name)+" "+aws.ToString(c.Type))
	}
	return list
}

// TestChangedColumn changes a crawled column in the catalog, of the table and of its partitions, which have columns of their own: the next
// run stops with its name.
func TestChangedColumn(t *testing.T) {
	t.Parallel()
	slow(t)
	s := newShop(t, 1000)
	s.run()
	s.python(`
glue = c('glue')
t = glue.get_table(DatabaseName='retail', Name='orders')['Table']
for col in t['StorageDescriptor']['Columns']:
    if col['Name'] == 'quantity': col['Name'] = 'pieces'
keep = ('Name', 'Owner', 'Retention', 'StorageDescriptor', 'PartitionKeys', 'TableType', 'Parameters')
glue.update_table(DatabaseName='retail', TableInput={k: v for k, v in t.items() if k in keep})
for p in glue.get_partitions(DatabaseName='retail', TableName='orders')['Partitions']:
    for col in p['StorageDescriptor']['Columns']:
        if col['Name'] == 'quantity': col['Name'] = 'pieces'
    glue.update_partition(DatabaseName='retail', TableName='orders', PartitionValueList=p['Values'],
                          PartitionInput={k: p[k] for k in ('Values', 'StorageDescriptor', 'Parameters') if k in p})
`)
	s.late("late.csv.gz", order("999001", "22423", 3, "2025-12-01", "2.5", "Malta"))
	before := s.published()
	wantMessage(t, s.runFails("--input", filepath.Join(s.dir, "sample")), `"Quantity"`, `"pieces"`, "line 1", "late.csv.gz")
	if after := s.published(); after != before {
		t.Errorf("the failing run published something:\n%s", firstDifference(before, after))
	}
}

// late adds a file to the first day of the sample.
func (s *shop) late(name string, lines ...string) {
	s.Helper()
	writeFile(s.T, filepath.Join(filepath.Dir(s.sample()[0]), name), packed(s.T, append([]string{header}, lines...)))
}

func (s *shop) rules(of, rule string) {
	s.Helper()
	s.python("c('glue').update_data_quality_ruleset(Name='retail-'+sys.argv[1], Ruleset='Rules = [' + sys.argv[2] + ']')\n", of, rule)
}

// TestRulesDecide changes nothing but a ruleset, by boto3: the verdict flips, and flips back. While it is bad, readers see nothing new.
func TestRulesDecide(t *testing.T) {
	t.Parallel()
	s := newShop(t, 1000)
	first := report(s.run())
	before := s.published()
	s.late("late.csv.gz", order("999001", "22423", 3, "2025-12-01", "2.5", "Malta"))
	input := filepath.Join(s.dir, "sample")

	s.rules("sales", `RowCount > 1000000`)
	stop, seen := s.watch()
	r := s.runFails("--input", input)
	stop()
	wantMessage(t, r, "RowCount > 1000000", "retail-sales")
	if polls, news := seen(); polls < 20 || len(news) > 0 {
		t.Errorf("a reader that looked %d times saw %v", polls, news)
	}
	if after := s.published(); rowsOf(after) != rowsOf(before) {
		t.Errorf("the failing run published something:\n%s", firstDifference(before, after))
	}

	s.rules("sales", `RowCount > 0`)
	if now := report(s.run()); now == first || figures(now)["revenue Malta"] != "7.5" {
		t.Errorf("with a rule that holds the run says\n%s", now)
	}
	s.rules("orders", `ColumnValues "country" in ["Malta"]`)
	s.late("late2.csv.gz", order("999002", "22423", 1, "2025-12-01", "2.5", "Spain"))
	wantMessage(t, s.runFails("--input", input), "late2.csv.gz", "line 2", `"country"`, `"Spain"`)
}

// rowsOf leaves out products, a table of the whole input, which is made before the sales and may be made again.
func rowsOf(published string) string {
	var kept []string
	for _, line := range strings.Split(published, "\n") {
		if !strings.Contains(line, " products/") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}

// watch polls the objects and partitions of the sales, as a reader would, until stop; seen tells how often, and what was new.
func (s *shop) watch() (stop func(), seen func() (int, []string)) {
	s.Helper()
	look := func() map[string]bool {
		all := map[string]bool{}
		objects, err := s.s3.ListObjectsV2(context.Background(),
			&s3.ListObjectsV2Input{Bucket: aws.String(curated), Prefix: aws.String("sales/")})
		if err != nil {
			s.Error(err)
			return all
		}
		for _, o := range objects.Contents {
			all[aws.ToString(o.Key)+aws.ToString(o.ETag)] = true
		}
		parts, err := s.glue.GetPartitions(context.Background(),
			&glue.GetPartitionsInput{DatabaseName: aws.String("retail"), TableName: aws.String("sales")})
		if err != nil {
			s.Error(err)
			return all
		}
		for _, p := range parts.Partitions {
			all[strings.Join(p.Values, "/")+aws.ToTime(p.CreationTime).String()] = true
		}
		return all
	}
	before := look()
	if len(before) == 0 {
		s.Fatal("there is nothing to see before")
	}
	done := make(chan struct{})
	polls, news := 0, []string{}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			for what := range look() {
				if !before[what] {
					news = append(news, what)
				}
			}
			polls++
			select {
			case <-done:
				return
			default:
			}
		}
	})
	return func() { close(done); wg.Wait() }, func() (int, []string) { return polls, news }
}

// TestUpdateChangesTheReport changes a row by psql: the report of a run without news shows it.
func TestUpdateChangesTheReport(t *testing.T) {
	t.Parallel()
	s := newShop(t, 1000)
	first := figures(s.run().Stdout)
	invoice := s.one("SELECT min(invoice_no) FROM shop.sales")
	out := s.client(harness.Tool(t, "psql"), "-X", "-c",
		"UPDATE shop.sales SET country = 'Atlantis', revenue = 1234.5 WHERE invoice_no = '"+invoice+"'")
	if !strings.HasPrefix(out, "UPDATE ") {
		t.Errorf("psql prints %s", out)
	}
	rows := strings.TrimSpace(strings.TrimPrefix(out, "UPDATE "))
	second := figures(s.run().Stdout)
	if second["revenue"] == first["revenue"] || first["revenue Atlantis"] != "" ||
		second["revenue Atlantis"] != trimZeros(s.one("SELECT 1234.5 * "+rows)) {
		t.Errorf("before the update\n%v\nafter it\n%v", first, second)
	}
}

// TestEditedSQL edits a transform: the next run updates the stack before it runs, and what it loads is of the new text.
func TestEditedSQL(t *testing.T) {
	t.Parallel()
	s := newShop(t, 1000)
	s.run()
	if r := s.run(); !strings.Contains(r.Stderr, "unchanged") {
		t.Errorf("nothing was edited, and the run says\n%s", r.Stderr)
	}
	s.edit("sql/sales.sql", "o.quantity > 0", "o.quantity > 2")
	s.late("late.csv.gz", order("999001", "22423", 2, "2025-12-01", "2.5", "Malta"), order("999001", "22424", 3, "2025-12-01", "2.5", "Malta"))
	r := s.run("--input", filepath.Join(s.dir, "sample"))
	stack, landed := strings.Index(r.Stderr, "updated"), strings.Index(r.Stderr, "landed")
	if stack < 0 || stack > landed {
		t.Errorf("the stack is not updated first:\n%s", r.Stderr)
	}
	s.want("SELECT sum(quantity) FROM shop.sales WHERE country = 'Malta'", "3")
	if out, err := s.tryClient(harness.Tool(t, "aws"), "cloudformation", "describe-stacks", "--stack-name", "penstock-retail", "--query",
		"Stacks[0].StackStatus", "--output", "text"); err != nil || strings.TrimSpace(out) != "UPDATE_COMPLETE" {
		t.Errorf("the stack is %s %v", out, err)
	}
}

// TestGivenWorkgroupLater gives a deployed pipeline another workgroup: it loads into that one from now on, whose tables are new and filled
// from all runs, and the warehouse that the stack made before is still there, with its rows; it gets what it missed when it is given again.
func TestGivenWorkgroupLater(t *testing.T) {
	slow(t)
	t.Parallel()
	aws := harness.Tool(t, "aws")
	s := newShop(t, 1000)
	s.run()
	must := func(args ...string) {
		t.Helper()
		if out, err := s.tryClient(aws, append([]string{"redshift-serverless"}, args...)...); err != nil {
			t.Fatalf("aws redshift-serverless %v: %v %s", args, err, out)
		}
	}
	must("create-namespace", "--namespace-name", "analytics", "--db-name", "dev")
	must("create-workgroup", "--workgroup-name", "analytics", "--namespace-name", "analytics", "--base-capacity", "8")
	s.edit("pipeline.yaml", "pipeline: retail\n", "pipeline: retail\ntargets: {dev: {workgroup: analytics}}\n")
	s.late("late.csv.gz", order("999001", "22423", 2, "2025-12-01", "2.5", "Malta"))
	s.run("--input", filepath.Join(s.dir, "sample"))
	all := s.one("SELECT count(*) FROM shop.sales")
	s.want("SELECT count(*) FROM shop.sales WHERE country = 'Malta'", "1")
	must("create-workgroup", "--workgroup-name", "retail", "--namespace-name", "retail", "--base-capacity", "8")
	s.edit("pipeline.yaml", "targets: {dev: {workgroup: analytics}}", "targets: {dev: {workgroup: retail}}")
	s.run()
	s.want("SELECT count(*) FROM shop.sales", all)
	s.want("SELECT count(*) > 900 FROM shop.sales", "true")
}

package retail

import (
	"context"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// TestIncremental loads, one after the other, nothing, one more file for a day that is loaded already, and a corrected file together
// with a new one; what is not concerned stays as it is, byte for byte.
func TestIncremental(t *testing.T) {
	t.Parallel()
	s := newShop(t, 1000)
	input := filepath.Join(s.dir, "sample")
	s.run()
	last := s.incremental(input, "2025/12/01", "2026/01/05")
	if want := fresh(t, input); last != want {
		t.Errorf("after the corrections:\n%s\nall files at once:\n%s", last, want)
	}
}

// incremental works on a folder of daily files that is the test's own; late is a day that it has, next one that it has not.
// All of it is loaded. The last report is returned.
func (s *shop) incremental(input, late, next string) string {
	s.Helper()
	before := state(s.T, s.dir, s.rt)
	data := s.objects(curated, "")

	s.nothingNew(input, before)
	s.lateFile(input, late, data)
	return s.corrected(input, late, next)
}

func (s *shop) nothingNew(input, before string) {
	s.Helper()
	r := s.run("--input", input)
	if !strings.Contains(r.Stdout, "nothing new") {
		s.Errorf("the second run says\n%s", r.Stdout)
	}
	if after := state(s.T, s.dir, s.rt); after != before {
		s.Errorf("a run without news changed something:\n%s", firstDifference(before, after))
	}
	executions := s.executions()
	if len(executions) != 2 {
		s.Fatalf("%d executions after two runs", len(executions))
	}
	if names := s.entered(aws.ToString(executions[0].ExecutionArn)); slices.Contains(names, "Runs") || names[len(names)-1] != "Nothing new" {
		s.Errorf("the execution without news enters %v", names)
	}
	for _, e := range s.history(aws.ToString(executions[0].ExecutionArn)) {
		if strings.HasSuffix(string(e.Type), "Failed") {
			s.Errorf("the execution without news, which is green, has the event %s", e.Type)
		}
	}
}

// lateFile lands a second file for a day that is loaded: it alone is loaded.
func (s *shop) lateFile(input, late string, before map[string]string) {
	s.Helper()
	sales, rows := s.one("SELECT count(*) FROM shop.sales"), s.one("SELECT sum(lines) FROM shop.daily")
	day := strings.ReplaceAll(late, "/", "-")
	name := filepath.Join(input, late, "late.csv.gz")
	writeFile(s.T, name,
		packed(s.T, []string{header, order("999001", "22423", 3, day, "2.5", "Malta"), order("C999002", "22423", -1, day, "2.5", "Malta")}))
	r := s.run("--input", input)
	if figures(r.Stdout)["files landed"] != "1" {
		s.Errorf("one file is new, and the run says\n%s", r.Stdout)
	}
	id := figures(r.Stdout)["run"]
	if got := s.inputs(id, "000001"); !slices.Equal(got, []string{"orders/" + late + "/late.csv.gz"}) {
		s.Errorf("the run of the late file reads %v", got)
	}
	s.want("SELECT count(*) - "+sales+" FROM shop.sales", "1")
	s.want("SELECT sum(lines) - "+rows+" FROM shop.daily", "2")
	s.want("SELECT row_count FROM penstock.loads WHERE target = 'shop.sales' AND run = '"+id+"'", "1")
	after := s.objects(curated, "")
	for key, etag := range before {
		if !strings.HasPrefix(key, "products/") && after[key] != etag {
			s.Errorf("the late file changed %s", key)
		}
	}
	if got := len(s.executions()); got != 3 {
		s.Errorf("%d executions after three runs", got)
	}
}

// corrected lands a corrected file and a new one: one execution does the old run again and then the new one.
func (s *shop) corrected(input, late, next string) string {
	s.Helper()
	first := s.one("SELECT min(run) FROM penstock.loads")
	files, err := filepath.Glob(filepath.Join(input, late, "*.gz"))
	if err != nil || len(files) != 2 {
		s.Fatal(files, err)
	}
	files = slices.DeleteFunc(files, func(f string) bool { return filepath.Base(f) == "late.csv.gz" })
	lines := readLines(s.T, files[0])
	day := strings.ReplaceAll(late, "/", "-")
	// The last line goes, and two that were not there come.
	lines = append(lines[:len(lines)-1], order("999003", "22423", 7, day, "1.11", "Malta"), order("999004", "22423", 1, day, "0", "Malta"))
	writeFile(s.T, files[0], packed(s.T, lines))
	day = strings.ReplaceAll(next, "/", "-")
	writeFile(s.T, filepath.Join(input, next, "new.csv.gz"), packed(s.T, []string{header, order("999005", "22423", 2, day, "1.5", "Malta")}))

	r := s.run("--input", input)
	if got := len(s.executions()); got != 4 {
		s.Errorf("%d executions after four runs", got)
	}
	ids := strings.Fields(figures(r.Stdout)["run"])
	if len(ids) != 2 || ids[0] != first {
		s.Errorf("worked on %v, want first the run %s, whose file was corrected, and then a new one", ids, first)
	}
	if got := s.inputs(ids[1], "000001"); !slices.Equal(got, []string{"orders/" + next + "/new.csv.gz"}) {
		s.Errorf("the new run reads %v", got)
	}
	s.want("SELECT generation FROM penstock.loads WHERE target = 'shop.sales' AND run = '"+first+"'", "000002")
	s.want("SELECT count(*) - count(DISTINCT run) FROM penstock.loads WHERE target = 'shop.sales'", "0")
	s.want("SELECT sum(revenue) FROM shop.sales WHERE country = 'Malta' AND invoice_no >= '999001' AND invoice_no <= '999009'", "18.270")
	for key := range s.objects(curated, "sales/") {
		if strings.Contains(key, first+"-000001") {
			s.Errorf("%s of the first generation is still there", key)
		}
	}
	return report(r)
}

// inputs are the keys in the manifest of a run.
func (s *shop) inputs(run, gen string) []string {
	s.Helper()
	out, err := s.s3.GetObject(context.Background(),
		&s3.GetObjectInput{Bucket: aws.String(curated), Key: aws.String("_penstock/runs/" + run + "/" + gen + ".json")})
	if err != nil {
		s.Fatal(err)
	}
	defer out.Body.Close()
	var m struct {
		Sources map[string][]struct{ Key string }
	}
	if err := json.NewDecoder(out.Body).Decode(&m); err != nil {
		s.Fatal(err)
	}
	var keys []string
	for _, in := range m.Sources["orders"] {
		keys = append(keys, in.Key)
	}
	return slices.Sorted(slices.Values(keys))
}

// TestMissingDayIsNoNews takes a landed file away from the local folder: what is loaded stays.
func TestMissingDayIsNoNews(t *testing.T) {
	t.Parallel()
	slow(t)
	s := newShop(t, 200)
	first := report(s.run())
	if err := os.RemoveAll(filepath.Dir(s.sample()[0])); err != nil {
		t.Fatal(err)
	}
	before := maps.Clone(s.objects(raw, ""))
	if again := report(s.run("--input", filepath.Join(s.dir, "sample"))); again != first {
		t.Errorf("after a local file was removed:\n%s\nwant\n%s", again, first)
	}
	if !maps.Equal(before, s.objects(raw, "")) {
		t.Error("the raw bucket changed")
	}
}

package history

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/jackc/pgx/v5"

	"penstock/test/harness"
)

const (
	raw     = "000000000000-us-east-1-hist-raw"
	curated = "000000000000-us-east-1-hist-curated"
)

// A world is a pipeline that is served, and the model of it.
type world struct {
	*testing.T
	*model
	rand *rand.Rand
	dir  string
	rt   *harness.Runtime
	s3   *s3.Client
	next int      // id of the next row
	told []string // what was done, for who reads a failure

	pending bool     // something landed, or a run was cut, since the last comparison
	dirty   []string // keys that were corrected since
}

func (w *world) serve(env ...string) {
	w.Helper()
	w.rt = harness.Serve(w.T, filepath.Join(w.dir, ".penstock"), env...)
	w.s3 = s3.NewFromConfig(w.rt.Config(), func(o *s3.Options) { o.UsePathStyle = true })
}

func (w *world) tell(format string, args ...any) {
	w.told = append(w.told, fmt.Sprintf(format, args...))
}

// fail ends the history with all that was done.
func (w *world) fail(format string, args ...any) {
	w.Helper()
	w.Fatalf("%s\nafter\n  %s\nthe server says\n%s", fmt.Sprintf(format, args...), strings.Join(w.told, "\n  "), w.rt.Log())
}

func (w *world) write() {
	w.Helper()
	if err := os.WriteFile(filepath.Join(w.dir, "pipeline.yaml"), []byte(w.spec()), 0o666); err != nil {
		w.Fatal(err)
	}
}

// put lands a file by S3, new or corrected.
func (w *world) put(key string) {
	w.Helper()
	var lines []line
	var b strings.Builder
	b.WriteString("id,day,v\n")
	for range w.rand.IntN(6) {
		l := line{w.next, 1 + w.rand.IntN(3), w.rand.IntN(20)}
		w.next++
		lines = append(lines, l)
		fmt.Fprintf(&b, "%d,%d,%d\n", l.id, l.day, l.v)
	}
	if _, err := w.s3.PutObject(context.Background(),
		&s3.PutObjectInput{Bucket: aws.String(raw), Key: &key, Body: strings.NewReader(b.String())}); err != nil {
		w.fail("land %s: %v", key, err)
	}
	w.files[key] = lines
}

// manifests are the keys of every run that is done, as its last finished manifest has them.
func (w *world) manifests() map[string][]string {
	w.Helper()
	done := map[string]string{}
	for _, key := range w.keys(curated, "_penstock/runs/") {
		if stem, ok := strings.CutSuffix(key, ".done.json"); ok {
			done[path.Base(path.Dir(stem))] = stem // keys come in order
		}
	}
	runs := map[string][]string{}
	for run, stem := range done {
		var m struct {
			Sources map[string][]struct{ Key string }
		}
		out, err := w.s3.GetObject(context.Background(), &s3.GetObjectInput{Bucket: aws.String(curated), Key: aws.String(stem + ".json")})
		if err != nil {
			w.fail("%v", err)
		}
		b, err := io.ReadAll(out.Body)
		out.Body.Close()
		if err != nil || json.Unmarshal(b, &m) != nil {
			w.fail("manifest %s: %v %s", stem, err, b)
		}
		runs[run] = []string{}
		for _, in := range m.Sources["items"] {
			runs[run] = append(runs[run], in.Key)
		}
	}
	return runs
}

func (w *world) keys(bucket, prefix string) (keys []string) {
	w.Helper()
	pages := s3.NewListObjectsV2Paginator(w.s3, &s3.ListObjectsV2Input{Bucket: &bucket, Prefix: &prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(context.Background())
		if err != nil {
			w.fail("list %s: %v", prefix, err)
		}
		for _, o := range page.Contents {
			keys = append(keys, aws.ToString(o.Key))
		}
	}
	return keys
}

func (w *world) connect() *pgx.Conn {
	w.Helper()
	v := w.rt.Vars
	u := url.URL{Scheme: "postgres", User: url.UserPassword(v["PGUSER"], v["PGPASSWORD"]), Host: net.JoinHostPort(v["PGHOST"], v["PGPORT"]),
		Path: v["PGDATABASE"]}
	c, err := pgx.Connect(context.Background(), u.String())
	if err != nil {
		w.fail("connect: %v", err)
	}
	return c
}

func (w *world) exec(c *pgx.Conn, sql string) {
	w.Helper()
	if _, err := c.Exec(context.Background(), sql, pgx.QueryExecModeSimpleProtocol); err != nil {
		w.fail("%s: %v", sql, err)
	}
}

// lines are the rows of a query, sorted, values with commas between them.
func (w *world) lines(c *pgx.Conn, sql string) (list []string) {
	w.Helper()
	rows, err := c.Query(context.Background(), sql, pgx.QueryExecModeSimpleProtocol)
	if err != nil {
		w.fail("%s: %v", sql, err)
	}
	defer rows.Close()
	for rows.Next() {
		v, err := rows.Values()
		if err != nil {
			w.fail("%s: %v", sql, err)
		}
		words := make([]string, len(v))
		for i := range v {
			words[i] = fmt.Sprint(v[i])
		}
		list = append(list, strings.Join(words, ","))
	}
	if rows.Err() != nil {
		w.fail("%s: %v", sql, rows.Err())
	}
	slices.Sort(list)
	return list
}

// partitions are the registered folders of a table, as prefixes of keys.
func (w *world) partitions(table string) (list []string) {
	w.Helper()
	out, err := glue.NewFromConfig(w.rt.Config()).GetPartitions(context.Background(),
		&glue.GetPartitionsInput{DatabaseName: aws.String("hist"), TableName: &table})
	if err != nil {
		w.fail("partitions of %s: %v", table, err)
	}
	for _, p := range out.Partitions {
		list = append(list, strings.TrimPrefix(strings.TrimSuffix(aws.ToString(p.StorageDescriptor.Location), "/")+"/", "s3://"+curated+"/"))
	}
	return list
}

func (w *world) remove1(key string) {
	w.Helper()
	if _, err := w.s3.DeleteObject(context.Background(), &s3.DeleteObjectInput{Bucket: aws.String(curated), Key: &key}); err != nil {
		w.fail("delete %s: %v", key, err)
	}
}

// sortedKeys are the keys of a map, in order.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// counts says how many of the rows each run gave: run,count.
func counts(rows []string) (out []string) {
	n := map[string]int{}
	for _, r := range rows {
		n[r[strings.LastIndexByte(r, ',')+1:]]++
	}
	for run, count := range n {
		out = append(out, fmt.Sprintf("%s,%d", run, count))
	}
	slices.Sort(out)
	return out
}

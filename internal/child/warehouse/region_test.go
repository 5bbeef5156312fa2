package warehouse_test

import (
	"fmt"
	"strings"
	"testing"

	"penstock/internal/object"
)

// TestCopyAndRegions: a warehouse of us-east-1 reads buckets of eu-west-1 when it is told so, and then no others. Of sa-east-1, which is
// not served, it reads as of its own.
func TestCopyAndRegions(t *testing.T) {
	r := newRig(t, t.TempDir())
	r.create()
	for bucket, region := range map[string]string{"home": "us-east-1", "west": "eu-west-1", "far": "sa-east-1"} {
		if _, err := r.objects.CreateBucket(r.ctx, bucket, region, nil); err != nil {
			t.Fatal(err)
		}
		for key, text := range map[string]string{"a.csv": "1\n", "p.parquet": "no Parquet",
			"list": fmt.Sprintf(`{"entries":[{"url":"s3://%s/a.csv"}]}`, bucket), "mixed": `{"entries":[{"url":"s3://home/a.csv"}]}`} {
			if _, err := r.objects.Put(r.ctx, bucket, key, strings.NewReader(text), object.PutOptions{}); err != nil {
				t.Fatal(err)
			}
		}
	}
	r.run("CREATE TABLE t(id INT)")
	const other = "ERROR: S3ServiceException:The S3 bucket addressed by the query is in a different region from this cluster." +
		",Status 301,Error PermanentRedirect\n  Hint: The bucket "
	for _, c := range [][2]string{
		{"'s3://home/a' IAM_ROLE default", ""},
		{"'s3://home/a' IAM_ROLE default REGION 'us-east-1'", ""},
		{"'s3://home/a' IAM_ROLE default REGION 'eu-west-1'", other + "home is in us-east-1: add REGION 'us-east-1' to the COPY."},
		{"'s3://west/a' IAM_ROLE default", other + "west is in eu-west-1: add REGION 'eu-west-1' to the COPY."},
		{"'s3://west/a' IAM_ROLE default REGION AS 'eu-west-1'", ""},
		{"'s3://west/a' IAM_ROLE default REGION 'us-east-1'", other + "west is in eu-west-1"},
		{"'s3://west/a' IAM_ROLE default REGION 'moon'", "ERROR: Invalid REGION 'moon': AWS has no region of that name"},
		{"'s3://west/list' IAM_ROLE default MANIFEST REGION 'eu-west-1'", ""},
		{"'s3://west/list' IAM_ROLE default MANIFEST", other + "west is in eu-west-1"},
		{"'s3://west/mixed' IAM_ROLE default MANIFEST REGION 'eu-west-1'", other + "home is in us-east-1"},
		{"'s3://west/p' IAM_ROLE default PARQUET", other + "west is in eu-west-1, and COPY of Parquet takes no REGION: " +
			"copy the files to a bucket of this region."},
		{"'s3://far/a' IAM_ROLE default", ""},
		{"'s3://far/a' IAM_ROLE default REGION 'sa-east-1'", ""},
	} {
		d := r.run("COPY t FROM " + c[0])
		if got, _ := d["Error"].(string); c[1] == "" && d["Status"] != "FINISHED" || c[1] != "" && !strings.HasPrefix(got, c[1]) {
			t.Errorf("%s: %s %q", c[0], d["Status"], got)
		}
	}
	if got := r.rows("SELECT count(*) FROM t"); got != "LongValue=6" {
		t.Errorf("loaded: %s", got)
	}
}

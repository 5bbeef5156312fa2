package s3

import (
	"encoding/json"
	"fmt"
	"testing"

	"penstock/internal/api"
	"penstock/internal/api/apitest"
)

// TestPagesOfBucketsOfARegion asks for the buckets of a region, which lie among those of others, a page at a time.
func TestPagesOfBucketsOfARegion(t *testing.T) {
	inv, ctx := open(t)(), apitest.Context(t)
	call := func(op, in string) map[string]any {
		t.Helper()
		out, err := inv.Invoke(ctx, "s3", op, json.RawMessage(in))
		if err != nil {
			t.Fatal(err)
		}
		var doc map[string]any
		if err := json.Unmarshal(out.(json.RawMessage), &doc); err != nil {
			t.Fatal(err)
		}
		return doc
	}
	for i, region := range []string{"", "eu-west-1", "", "", "eu-west-1", "", "eu-west-1", ""} {
		in := fmt.Sprintf(`{"Bucket":"pages-%d"}`, i)
		if region != "" {
			in = fmt.Sprintf(`{"Bucket":"pages-%d","CreateBucketConfiguration":{"LocationConstraint":%q}}`, i, region)
		}
		call("CreateBucket", in)
	}
	for _, size := range []int{1, 2, 3, 10} {
		var names []any
		token := ""
		for pages := 1; ; pages++ {
			out := call("ListBuckets", fmt.Sprintf(`{"BucketRegion":"eu-west-1","Prefix":"pages-","MaxBuckets":%d%s}`, size, token))
			for _, b := range out["Buckets"].([]any) {
				names = append(names, b.(map[string]any)["Name"])
			}
			if out["ContinuationToken"] == nil {
				if want := (3 + size - 1) / size; pages != want {
					t.Errorf("%d pages of %d, want %d", pages, size, want)
				}
				break
			}
			token = fmt.Sprintf(`,"ContinuationToken":%q`, out["ContinuationToken"])
		}
		if fmt.Sprint(names) != "[pages-1 pages-4 pages-6]" {
			t.Errorf("pages of %d: %v", size, names)
		}
	}
	_, err := inv.Invoke(ctx, "s3", "ListBuckets", json.RawMessage(`{"ContinuationToken":"forged"}`))
	if api.Code(err) != "InvalidArgument" {
		t.Errorf("a forged token: %v", err)
	}
}

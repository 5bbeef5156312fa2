package object

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// TestResolvePage walks a bucket in pages: every object once, with its bytes, also when the small ones fill a page before its limit.
func TestResolvePage(t *testing.T) {
	s, err := openAt(t.TempDir()) // with small bodies in rows
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.meta.Close() })
	ctx := t.Context()
	if _, err := s.CreateBucket(ctx, "lake", "", nil); err != nil {
		t.Fatal(err)
	}
	want := map[string][]byte{}
	for _, key := range strings.Fields("a/1 a/2 a/big a/z b/1") {
		want[key] = bytes.Repeat([]byte(key), map[bool]int{true: 1 << 20, false: 3}[key == "a/big"])
		if _, err := s.Put(ctx, "lake", key, bytes.NewReader(want[key]), PutOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Delete(ctx, "lake", Deletion{Key: "a/2"}); err != nil {
		t.Fatal(err)
	}
	var got []string
	for after, n := "", 2; ; {
		page, err := s.ResolvePage(ctx, "lake", "a/", after, n)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		for _, o := range page {
			body := o.Body
			if o.Path != "" {
				if body, err = os.ReadFile(o.Path); err != nil {
					t.Fatal(err)
				}
			}
			if !bytes.Equal(body, want[o.Key]) {
				t.Errorf("%s has %d bytes", o.Key, len(body))
			}
			got, after = append(got, o.Key), o.Key
		}
	}
	if g := strings.Join(got, " "); g != "a/1 a/big a/z" {
		t.Error(g)
	}
}

package object

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"penstock/internal/vfs"
)

// TestScrubNamesWhatIsRotten changes and removes bytes of current and old versions, in files and in rows: each is named, and stays.
func TestScrubNamesWhatIsRotten(t *testing.T) {
	dir := t.TempDir()
	l := openLake(t, t.TempDir(), vfs.OS{}, filepath.Join(dir, "blobs"), Enabled)
	for _, small := range []int{-1, MaxSmallBody} {
		l.opts.SmallBody = small
		for _, key := range []string{"a", "b", "c"} {
			for n := range 2 {
				if _, err := l.Put(ctx, "lake", fmt.Sprintf("%s%d", key, small), strings.NewReader(strings.Repeat(key, 100+n)),
					PutOptions{}); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	clean, err := l.Scrub(ctx, 0)
	if err != nil || clean.Versions != 12 || clean.Bytes != 6*201 || clean.Unproven != 0 || len(clean.Rotten) != 0 {
		t.Fatalf("%+v, %v", clean, err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "blobs", "0*", "*"))
	if err != nil || len(files) != 6 {
		t.Fatalf("%v, %v", files, err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	text[50] ^= 1
	os.WriteFile(files[0], text, 0o600)
	os.Remove(files[1])
	os.Truncate(files[2], 7)
	found, err := l.Scrub(ctx, 0)
	if err != nil || found.Versions != 12 || len(found.Rotten) != 3 {
		t.Fatalf("%+v, %v", found, err)
	}
	for _, i := range found.Rotten {
		if !strings.HasSuffix(i.Key, "-1") || i.VersionID == "" || i.Bucket != "lake" {
			t.Errorf("rotten: %+v", i)
		}
	}
	if again, err := l.Scrub(ctx, 0); err != nil || len(again.Rotten) != 3 {
		t.Errorf("a scrub changes something: %+v, %v", again, err)
	}
}

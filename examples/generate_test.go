package examples

import (
	"bytes"
	"encoding/csv"
	"os"
	"path/filepath"
	"testing"

	"github.com/klauspost/compress/gzip"
)

func TestGenerate(t *testing.T) {
	dir, again := t.TempDir(), t.TempDir()
	const rows = 20000
	if _, err := Generate(dir, rows); err != nil {
		t.Fatal(err)
	}
	if _, err := Generate(again, rows); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*/*/*/*.csv.gz"))
	if err != nil || len(files) < 3 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	named, lines := map[string]bool{}, [][]string{}
	for _, name := range files {
		rel, _ := filepath.Rel(dir, name)
		a, b := read(t, name), read(t, filepath.Join(again, rel))
		if !bytes.Equal(a, b) {
			t.Errorf("%s differs when it is made again", rel)
		}
		all, err := csv.NewReader(bytes.NewReader(a)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, all[1:]...)
	}
	orphans, cancelled, free := 0, 0, 0
	for _, l := range lines {
		if l[2] != "" && l[5] != "0.0" {
			named[l[1]] = true
		}
	}
	for _, l := range lines {
		switch {
		case l[0][0] == 'C':
			cancelled++
		case l[5] == "0.0":
			free++
		case !named[l[1]]:
			orphans++
		}
	}
	if len(lines) != rows || orphans != WithoutProduct || cancelled == 0 || free == 0 {
		t.Errorf("%d rows, %d without a product, %d cancelled, %d free; want %d, %d, some, some", len(lines), orphans,
			cancelled, free, rows, WithoutProduct)
	}
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := b.ReadFrom(z); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

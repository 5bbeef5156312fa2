package object

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"penstock/internal/meta"
	"penstock/internal/vfs"
)

// fill makes n rows without bytes: what is measured reads rows only.
func (l *lake) fill(n int, key func(int) string) {
	l.t.Helper()
	for done := 0; done < n; {
		err := l.update(ctx, "lake", func(tx *meta.Tx, b Bucket) error {
			for range min(1000, n-done) {
				i := Info{Key: key(done), VersionID: NullVersion, Size: 1234, ETag: fmt.Sprintf("%032x", done), LastModified: start,
					Blob: fmt.Sprintf("%06d/%032x", done/4096, done), seq: int64(done) + 1}
				if _, err := l.insert(tx, writeCurrent, b, &i); err != nil {
					return err
				}
				done++
			}
			return nil
		})
		if err != nil {
			l.t.Fatal(err)
		}
	}
}

func BenchmarkResolve100k(b *testing.B) {
	l := newLake(b, Unversioned)
	l.fill(100_000, func(i int) string {
		return fmt.Sprintf("orders/dt=2026-%02d-%02d/part-%06d.parquet", i/3000%12+1, i/100%30+1, i)
	})
	for b.Loop() {
		files, err := l.Resolve(ctx, "lake", "orders/")
		if err != nil || len(files) != 100_000 {
			b.Fatal(len(files), err)
		}
	}
}

func BenchmarkListAll100k(b *testing.B) {
	l := newLake(b, Unversioned)
	l.fill(100_000, func(i int) string { return fmt.Sprintf("orders/%06d", i) })
	for b.Loop() {
		n, token := 0, ""
		for {
			p, err := l.List(ctx, ListQuery{Bucket: "lake", Token: token})
			if err != nil {
				b.Fatal(err)
			}
			n += len(p.Objects)
			if token = p.Token; token == "" {
				break
			}
		}
		if n != 100_000 {
			b.Fatal(n)
		}
	}
}

func BenchmarkList1000Folders(b *testing.B) {
	l := newLake(b, Unversioned)
	l.fill(100_000, func(i int) string { return fmt.Sprintf("orders/%03d/%06d", i/100, i) })
	for b.Loop() {
		p, err := l.List(ctx, ListQuery{Bucket: "lake", Prefix: "orders/", Delimiter: "/"})
		if err != nil || len(p.Prefixes) != 1000 {
			b.Fatal(len(p.Prefixes), err)
		}
	}
}

func BenchmarkPublish305Files(b *testing.B) {
	dir := b.TempDir()
	l := openLake(b, dir, vfs.OS{}, filepath.Join(dir, "blobs"), Unversioned)
	staging := filepath.Join(dir, "staging")
	os.Mkdir(staging, 0o700)
	root, err := os.OpenRoot(staging)
	if err != nil {
		b.Fatal(err)
	}
	defer root.Close()
	names := make([]string, 305)
	for b.Loop() {
		b.StopTimer()
		for i := range names {
			names[i] = fmt.Sprintf("part-%03d.parquet", i)
			os.WriteFile(filepath.Join(staging, names[i]), []byte(strings.Repeat("x", 64<<10)), 0o600)
		}
		b.StartTimer()
		staged, err := l.StageAll(ctx, root, names)
		if err != nil {
			b.Fatal(err)
		}
		err = l.meta.Update(ctx, func(tx *meta.Tx) error {
			for i, st := range staged {
				if _, err := l.PutStaged(tx, "lake", "orders/"+names[i], st, PutOptions{}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPut4KiB(b *testing.B) {
	dir := b.TempDir()
	l := openLake(b, dir, vfs.OS{}, filepath.Join(dir, "blobs"), Unversioned)
	body := strings.Repeat("x", 4096)
	b.SetParallelism(8)
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			if _, err := l.Put(ctx, "lake", fmt.Sprintf("%p/%d", pb, i), strings.NewReader(body), PutOptions{}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

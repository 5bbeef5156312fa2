package classify

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// BenchmarkReadCSV recognises a file of 1,000 records, in quotes and without.
func BenchmarkReadCSV(b *testing.B) {
	for _, quoted := range []bool{false, true} {
		b.Run(fmt.Sprint("quoted=", quoted), func(b *testing.B) {
			var text strings.Builder
			text.WriteString("id,name,city,price,day\n")
			for i := range 1000 {
				line := fmt.Sprintf("%d,customer %d,Rome,%d.%02d,2024-01-%02d\n", i, i*7919%1000, i%100, i%97, 1+i%28)
				if quoted {
					line = `"` + strings.ReplaceAll(strings.TrimSpace(line), ",", `","`) + "\"\n"
				}
				text.WriteString(line)
			}
			data := []byte(text.String())
			var r Reader
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				s, err := r.Read(&File{URL: "f", Size: int64(len(data)), Src: bytes.NewReader(data)})
				if err != nil || len(s.Names) != 5 {
					b.Fatal(s, err)
				}
			}
		})
	}
}

package task

import (
	"encoding/json"
	"fmt"
)

// wireFiles is Files column by column: a hundred thousand objects travel several times faster than as a list of objects.
type wireFiles struct {
	Bucket   string   `json:"bucket"`
	Root     string   `json:"root"` // what all paths begin with
	Keys     []string `json:"keys"`
	Versions []string `json:"versions"`
	ETags    []string `json:"etags"`
	Sizes    []int64  `json:"sizes"`
	Paths    []string `json:"paths"`
}

// MarshalJSON implements json.Marshaler. All files are of one bucket.
func (f Files) MarshalJSON() ([]byte, error) {
	n := len(f.Files)
	w := wireFiles{Keys: make([]string, n), Versions: make([]string, n), ETags: make([]string, n),
		Sizes: make([]int64, n), Paths: make([]string, n)}
	if n > 0 {
		w.Bucket, w.Root = f.Files[0].Bucket, f.Files[0].Path
	}
	for _, x := range f.Files {
		w.Root = common(w.Root, x.Path)
	}
	for i, x := range f.Files {
		if x.Bucket != w.Bucket {
			return nil, fmt.Errorf("files of two buckets: %s and %s", w.Bucket, x.Bucket)
		}
		w.Keys[i], w.Versions[i], w.ETags[i], w.Sizes[i], w.Paths[i] = x.Key, x.Version, x.ETag, x.Size, x.Path[len(w.Root):]
	}
	return json.Marshal(w)
}

// common is what two texts begin with.
func common(a, b string) string {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return a[:i]
		}
	}
	return a[:n]
}

// UnmarshalJSON implements json.Unmarshaler.
func (f *Files) UnmarshalJSON(b []byte) error {
	var w wireFiles
	if err := json.Unmarshal(b, &w); err != nil {
		return err
	}
	n := len(w.Keys)
	if len(w.Versions) != n || len(w.ETags) != n || len(w.Sizes) != n || len(w.Paths) != n {
		return fmt.Errorf("%d keys with %d versions, %d etags, %d sizes and %d paths", n, len(w.Versions),
			len(w.ETags), len(w.Sizes), len(w.Paths))
	}
	f.Files = make([]File, n)
	for i := range f.Files {
		f.Files[i] = File{w.Bucket, w.Keys[i], w.Versions[i], w.ETags[i], w.Sizes[i], w.Root + w.Paths[i]}
	}
	return nil
}

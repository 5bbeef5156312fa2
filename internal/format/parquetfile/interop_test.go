package parquetfile_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"penstock/internal/format/parquetfile"
	"penstock/internal/schema"
	"penstock/internal/testcorpus"
)

// What pyarrow writes has the columns, rows and codecs that pyarrow says.
func TestAgainstPyarrow(t *testing.T) {
	python := filepath.Join(os.Getenv("PENSTOCK_LAKE_VENV"), "bin", "python")
	_, err := os.Stat(python)
	testcorpus.NeedTool(t, os.Getenv("PENSTOCK_LAKE_VENV") != "" && err == nil, "a Python with pyarrow (PENSTOCK_LAKE_VENV)")
	cmd := exec.Command(python, filepath.Join("testdata", "interop.py"), t.TempDir())
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var files []struct {
		Path, Want, By, Made string
		Rows                 int64
		Groups, Columns      int
		Codecs               []string
	}
	if err := json.Unmarshal(out, &files); err != nil {
		t.Fatal(err)
	}
	if len(files) < 10 {
		t.Fatalf("%d files", len(files))
	}
	for _, f := range files {
		got, err := open(f.Path)
		if err != nil {
			t.Errorf("%s: %v", f.Path, err)
			continue
		}
		if columns := schema.StructOf(got.Columns...).String(); columns != f.Want {
			t.Errorf("%s has columns\n%s, not\n%s", f.Path, columns, f.Want)
		}
		if got.Rows != f.Rows || got.RowGroups != f.Groups || !slices.Equal(got.Codecs, f.Codecs) || got.CreatedBy != f.By ||
			got.Metadata["made"] != f.Made {
			t.Errorf("%s is %+v, not %+v", f.Path, got, f)
		}
	}
}

func open(path string) (*parquetfile.File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	return parquetfile.Read(f, info.Size())
}

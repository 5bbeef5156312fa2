package jobs

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"penstock/internal/jdbc/jdbctest"
	"penstock/internal/testcorpus"
	"penstock/test/harness"
)

// TestTables runs a job over PostgreSQL and Iceberg, and reads the result with pyiceberg.
func TestTables(t *testing.T) {
	python, spark := tools(t)
	lake := os.Getenv("PENSTOCK_LAKE_VENV")
	testcorpus.NeedTool(t, lake != "", "a virtual environment with pyiceberg, which PENSTOCK_LAKE_VENV names")
	db := jdbctest.PostgreSQL(t)
	rt := harness.ServeAs(t, t.TempDir(), []string{"PENSTOCK_PYTHON=" + spark})
	said := scenario(t, rt, python, "testdata/_tables.py", db.Host, strconv.Itoa(db.Port), db.User, db.Password)
	words := strings.Fields(said)
	scenario(t, rt, filepath.Join(lake, "bin", "python"), "testdata/_iceberg.py", words[len(words)-2])
	rt.Stop(t)
}

package rules

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// A floor is where a package stands: the runtime's tower F0 to F7 or the pipeline's P0 to P2.
type floor struct {
	tower byte
	level int
}

// floors reads docs/floors.txt into a map from package path to floor; a key that ends in /... covers all below it.
func floors(t *testing.T) map[string]floor {
	t.Helper()
	text, err := os.ReadFile("../../docs/floors.txt")
	if err != nil {
		t.Fatal(err)
	}
	m := map[string]floor{}
	for _, line := range strings.Split(string(text), "\n") {
		words := strings.Fields(line)
		if len(words) == 0 || words[0] == "#" {
			continue
		}
		level, err := strconv.Atoi(words[0][1:])
		if err != nil {
			t.Fatalf("docs/floors.txt: %q: %v", line, err)
		}
		for _, p := range words[1:] {
			m[p] = floor{words[0][0], level}
		}
	}
	return m
}

// floorOf finds the floor of a package below internal/, by the longest entry that covers it.
func floorOf(m map[string]floor, pkg string) (floor, bool) {
	if f, ok := m[pkg]; ok {
		return f, true
	}
	for p := pkg; p != ""; {
		if f, ok := m[p+"/..."]; ok {
			return f, true
		}
		i := strings.LastIndexByte(p, '/')
		if i < 0 {
			return floor{}, false
		}
		p = p[:i]
	}
	return floor{}, false
}

// mayImport says why a package must not import another, or "".
func mayImport(m map[string]floor, from, to string) string {
	a, okA := floorOf(m, from)
	b, okB := floorOf(m, to)
	switch {
	case !okA || !okB:
		return "one of them is not in docs/floors.txt"
	case strings.HasPrefix(from, "service/") && strings.HasPrefix(to, "service/") && !within(to, servicePkg(from)):
		return "no service imports a service"
	case from == "cli":
		return ""
	case a.tower == b.tower && (b.level < a.level || b.level == a.level && sameFloor(from, to)):
		return ""
	case a.tower == 'P' && b.tower == 'F' && b.level == 0:
		return "" // both towers stand on the languages of the ground floor
	}
	return fmt.Sprintf("%c%d may not import %c%d", a.tower, a.level, b.tower, b.level)
}

func servicePkg(pkg string) string {
	return strings.Join(strings.SplitN(pkg, "/", 3)[:2], "/")
}

// sameFloor allows the imports inside a floor that are meant: a parent and its parts, in the direction that the compiler keeps
// acyclic, and the ground floor's packages among each other.
func sameFloor(from, to string) bool {
	if within(from, to) || within(to, from) || strings.Split(from, "/")[0] == strings.Split(to, "/")[0] {
		return true
	}
	ground := []string{"clock", "id", "arn", "pattern", "schema", "delimited", "convert", "sql", "vfs", "blob", "meta", "testcorpus", "api",
		"column", "compression"}
	return within(to, ground...)
}

func TestFloors(t *testing.T) {
	m := floors(t)
	for p := range m {
		if _, err := os.Stat("../" + strings.TrimSuffix(p, "/...")); err != nil {
			t.Errorf("docs/floors.txt names a package that does not exist: %v", err)
		}
	}
	for _, f := range source(t) {
		if f.test || !strings.HasPrefix(f.pkg, "internal/") {
			continue
		}
		from := strings.TrimPrefix(f.pkg, "internal/")
		if _, ok := floorOf(m, from); !ok {
			t.Errorf("internal/%s is not in docs/floors.txt", from)
			continue
		}
		for _, imp := range f.ast.Imports {
			to, ours := strings.CutPrefix(strings.Trim(imp.Path.Value, `"`), module+"/internal/")
			if !ours {
				continue
			}
			if why := mayImport(m, from, to); why != "" {
				t.Errorf("%s imports internal/%s: %s", f.path, to, why)
			}
		}
	}
}

func TestFloorsCanFail(t *testing.T) {
	m := floors(t)
	for _, bad := range [][2]string{
		{"object", "service/s3"}, {"service/s3", "service/glue"}, {"clock", "api"}, {"pipeline", "object"}, {"server", "cli"},
		{"catalog", "object"}, {"sql/print", "engine"},
	} {
		if mayImport(m, bad[0], bad[1]) == "" {
			t.Errorf("%s may import %s", bad[0], bad[1])
		}
	}
}

// TestDuckDBIsFenced reads the real import graph: a query engine that crashes must not be linked into what holds the truth.
func TestDuckDBIsFenced(t *testing.T) {
	allowed := map[string]bool{"internal/engine": true, "internal/engine/functions": true, "internal/child/worker": true,
		"internal/child/warehouse": true, "cmd/penstock": true, "internal/cli": true}
	list := exec.Command("go", "list", "-f", "{{.ImportPath}} {{join .Deps \",\"}}", "../../...")
	list.Env = append(os.Environ(), "CGO_ENABLED=1") // what is linked with cgo is what is asked, also when the tests run without
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		pkg, deps, _ := strings.Cut(line, " ")
		pkg = strings.TrimPrefix(pkg, module+"/")
		seen++
		if strings.Contains(deps, "github.com/duckdb/") && !allowed[pkg] &&
			!within(pkg, "internal/child/warehouse", "internal/child/worker", "test") {
			t.Errorf("%s links DuckDB", pkg)
		}
	}
	if seen < 5 {
		t.Fatalf("go list named only %d packages", seen)
	}
}

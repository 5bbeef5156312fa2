package compile

import (
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"penstock/internal/asl"
	"penstock/internal/job"
	"penstock/internal/pipeline"
	"penstock/internal/warehouse"
)

var update = flag.Bool("update", false, "write what the tests get into their files")

// TestRetailIsGolden compiles the example: the template and the machine are compared byte by byte, so that every change of what is
// deployed shows in a review.
func TestRetailIsGolden(t *testing.T) {
	spec, err := pipeline.Load("../../../examples/retail")
	if err != nil {
		t.Fatal(err)
	}
	plan, err := Compile(spec)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Compile(spec)
	if err != nil || !reflect.DeepEqual(plan, again) {
		t.Errorf("compiling again gives another plan, %v", err)
	}
	golden(t, "retail.template.json", plan.Template)
	golden(t, "retail.machine.json", plan.Machine)
	if _, err := asl.Parse(string(plan.Machine), nil); err != nil {
		t.Errorf("our own States Language refuses the machine: %v", err)
	}
	if len(plan.Report) != 9 || len(plan.Assets) != 6 {
		t.Errorf("%d report queries, %d assets", len(plan.Report), len(plan.Assets))
	}
}

// TestScriptIsGolden compiles a script between two queries, with everything that a script can have.
func TestScriptIsGolden(t *testing.T) {
	spec, err := pipeline.Load("testdata/script")
	if err != nil {
		t.Fatal(err)
	}
	plan, err := Compile(spec)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "script/want.template.json", plan.Template)
	golden(t, "script/want.machine.json", plan.Machine)
	if _, err := asl.Parse(string(plan.Machine), nil); err != nil {
		t.Errorf("our own States Language refuses the machine: %v", err)
	}
	text, err := os.ReadFile("testdata/script/jobs/sessionize.py")
	if err != nil || !slices.ContainsFunc(plan.Assets, func(a Asset) bool { return string(a.Body) == string(text) }) {
		t.Errorf("the script is not an asset as it is, %v", err)
	}
	stepsAreStates(t, plan)
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("%s differs; see it with go test -update and git diff", path)
	}
}

// TestGivenWorkgroup compiles the example for a target that names its workgroup: the stack makes none, and everything goes to that one.
func TestGivenWorkgroup(t *testing.T) {
	spec, err := pipeline.Load("../../../examples/retail")
	if err != nil {
		t.Fatal(err)
	}
	spec.Targets = []pipeline.Target{{Name: "prod", Workgroup: "other"}, {Name: pipeline.Embedded, Workgroup: "analytics"}}
	plan, err := Compile(spec)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Outputs   map[string]struct{ Value any }
		Resources map[string]struct {
			Type       string
			Properties struct{ DefinitionSubstitutions map[string]any }
		}
	}
	if err := json.Unmarshal(plan.Template, &got); err != nil {
		t.Fatal(err)
	}
	for name, r := range got.Resources {
		if strings.HasPrefix(r.Type, "AWS::RedshiftServerless::") || name == "WarehouseRole" {
			t.Errorf("the stack makes %s", name)
		}
	}
	if w := got.Resources["Machine"].Properties.DefinitionSubstitutions["Workgroup"]; w != "analytics" ||
		got.Outputs["Workgroup"].Value != "analytics" || plan.Workgroup != "analytics" {
		t.Errorf("the machine is given the workgroup %v, the output is %v, the plan says %s", w, got.Outputs["Workgroup"].Value, plan.Workgroup)
	}
	if text := string(plan.Template); strings.Contains(text, `"Ref": "Workgroup"`) || strings.Contains(text, `"Workgroup.WorkgroupArn"`) {
		t.Error("the template refers to a workgroup that it does not make")
	}
}

// TestCodesAreTheRuntimes holds what the machine looks for against what the runtime says: the two know each other by AWS's API only.
func TestCodesAreTheRuntimes(t *testing.T) {
	if want := `*"StateDetail":"` + job.WorkerLost + `"*`; workerLost != want {
		t.Errorf("a lost worker is looked for by %s, want %s", workerLost, want)
	}
	if want := "ERROR: " + warehouse.CutCode + ": *"; statementCut != want {
		t.Errorf("a statement that was cut off is looked for by %s, want %s", statementCut, want)
	}
}

// TestStepsAreStates holds the steps that people follow against the machine.
func TestStepsAreStates(t *testing.T) {
	spec, err := pipeline.Load("../../../examples/retail")
	if err != nil {
		t.Fatal(err)
	}
	plan, err := Compile(spec)
	if err != nil {
		t.Fatal(err)
	}
	stepsAreStates(t, plan)
}

func stepsAreStates(t *testing.T, plan *Plan) {
	t.Helper()
	var machine any
	if err := json.Unmarshal(plan.Machine, &machine); err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	collect(machine, names)
	for _, s := range plan.Steps {
		if !names[s.Begin] || !names[s.End] {
			t.Errorf("the step %s names states that are not there: %s, %s", s.Name, s.Begin, s.End)
		}
	}
}

func collect(v any, names map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			if states, ok := x.(map[string]any); ok && k == "States" {
				for name := range states {
					names[name] = true
				}
			}
			collect(x, names)
		}
	case []any:
		for _, x := range v {
			collect(x, names)
		}
	}
}

// TestProblems reads testdata/*.txtar: a pipeline.yaml, its files, and in "want" what compiling says.
func TestProblems(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, name := range files {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			ar, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			content := map[string]string{}
			for _, f := range ar.Files {
				content[f.Name] = string(f.Data)
			}
			spec, err := pipeline.Parse(".", content[pipeline.FileName], func(name string) (string, error) {
				text, ok := content[name]
				if !ok {
					return "", fs.ErrNotExist
				}
				return text, nil
			})
			if err != nil {
				t.Fatal(err)
			}
			got := "no problem\n"
			if _, err := Compile(spec); err != nil {
				got = fmt.Sprintln(err)
			}
			if *update {
				for i := range ar.Files {
					if ar.Files[i].Name == "want" {
						ar.Files[i].Data = []byte(got)
					}
				}
				if err := os.WriteFile(name, txtar.Format(ar), 0o666); err != nil {
					t.Fatal(err)
				}
			} else if got != content["want"] {
				t.Errorf("got\n%swant\n%s", got, content["want"])
			}
		})
	}
}

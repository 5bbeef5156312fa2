// Package compile turns a pipeline's Spec into what AWS understands: a CloudFormation template with its IAM roles, a Step Functions
// state machine, the SQL and scripts of its Glue jobs, and the warehouse's DDL and loads. It is pure: no disk, no network, the same
// Plan for the same Spec. Package deploy makes a Plan real.
package compile

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"penstock/internal/pipeline"
)

// MaxTemplate is the size up to which CloudFormation takes a template in the request itself, in bytes.
const MaxTemplate = 51200

// Database is the warehouse database of every pipeline.
const Database = "dev"

// A Plan is a compiled pipeline.
type Plan struct {
	Pipeline string
	Stack    string // the stack's name
	// Workgroup is the Redshift workgroup: the target's, or the one that the stack makes.
	Workgroup string
	Template  []byte  // JSON, sorted keys, ends with a newline
	Machine   []byte  // the state machine as the States Language has it, with ${...} for what the stack puts in
	Assets    []Asset // what the template expects in the assets bucket
	Report    []string
	Steps     []Step
	Tables    []Table // of the warehouse, loaded
	Views     []View  // of the warehouse, each after those that it reads
}

// A Table is a table of the warehouse as the pipeline declares it.
type Table struct {
	Name     string // schema.table
	From     string // the transform
	Columns  []Column
	Dist     string   // how its rows are distributed, as svv_table_info has it: AUTO, EVEN, ALL or KEY(column)
	DistKey  string   // that column
	Sort     []string // sort key columns; none: AUTO
	OnChange string   // on_schema_change
}

// CreateAs is the statement that creates the table under another name, with further columns.
func (t Table) CreateAs(name string, more []Column) string {
	var columns []string
	for _, col := range slices.Concat(t.Columns, more) {
		columns = append(columns, quoteName(col.Name)+" "+col.Type)
	}
	return "CREATE TABLE " + name + " (" + strings.Join(columns, ", ") + ")" + t.clauses()
}

// clauses are the words of CREATE TABLE about distribution and order. AUTO is what Redshift does without any.
func (t Table) clauses() (s string) {
	switch {
	case t.DistKey != "":
		s = " DISTKEY(" + quoteName(t.DistKey) + ")"
	case t.Dist != "AUTO":
		s = " DISTSTYLE " + t.Dist
	}
	if len(t.Sort) > 0 {
		s += " SORTKEY(" + t.SortList() + ")"
	}
	return s
}

// SortList are the columns of the sort key, quoted.
func (t Table) SortList() string {
	quoted := make([]string, len(t.Sort))
	for i, name := range t.Sort {
		quoted[i] = quoteName(name)
	}
	return strings.Join(quoted, ", ")
}

// A Column has its type in Redshift's words.
type Column struct{ Name, Type string }

// A View is a view of the warehouse.
type View struct{ Name, Create string }

// An Asset is a file of the assets bucket, under its hash.
type Asset struct {
	Key  string // sha256 and extension
	Name string // what it is, for people
	Body []byte
}

// A Step is what people follow in the output of a run: a state, or a state that starts something and a later one that awaits it.
type Step struct {
	Begin, End string // names of states; the same for most
	Name       string // what is printed: orders, sales, shop.sales
	Kind       string // crawl, list, check, sql, load
}

// StackName is the name of a pipeline's stack.
func StackName(pipeline string) string { return "penstock-" + pipeline }

// Compile makes the plan. Its errors are pipeline.Problems.
func Compile(spec *pipeline.Spec) (*Plan, error) {
	c := &compiler{spec: spec, plan: &Plan{Pipeline: spec.Name, Stack: StackName(spec.Name), Workgroup: cmp.Or(given(spec), spec.Name)}}
	if err := c.sql(); err != nil {
		return nil, err
	}
	c.declare()
	machine := c.machine()
	if err := c.stateNames(machine); err != nil {
		return nil, err
	}
	var err error
	if c.bookKey, err = c.book(); err != nil {
		return nil, err
	}
	if c.plan.Machine, err = encode(machine, " "); err != nil {
		return nil, err
	}
	definition, err := encode(machine, "")
	if err != nil {
		return nil, err
	}
	if c.plan.Template, err = encode(c.template(c.asset("machine.json", ".json", definition)), " "); err != nil {
		return nil, err
	}
	if n := len(c.plan.Template); n > MaxTemplate {
		return nil, fmt.Errorf("the template has %d bytes, CloudFormation takes %d", n, MaxTemplate)
	}
	return c.plan, nil
}

// given is the workgroup that the target names, or "".
func given(spec *pipeline.Spec) string {
	for _, t := range spec.Targets {
		if t.Name == pipeline.Embedded {
			return t.Workgroup
		}
	}
	return ""
}

// object is a JSON object under construction.
type object = map[string]any

// list is a JSON array under construction.
type list = []any

type compiler struct {
	spec   *pipeline.Spec
	plan   *Plan
	tables []table // the transforms, in the order in which they run
	// bookKey is the asset that tells the manifest job what there is.
	bookKey string
}

// asset adds a file to the assets and returns its key.
func (c *compiler) asset(name, ext string, body []byte) string {
	sum := sha256.Sum256(body)
	key := hex.EncodeToString(sum[:]) + ext
	for _, a := range c.plan.Assets {
		if a.Key == key {
			return key
		}
	}
	c.plan.Assets = append(c.plan.Assets, Asset{key, name, body})
	return key
}

// step notes that the states begin to end are one step, and returns begin.
func (c *compiler) step(begin, end, name, kind string) string {
	c.plan.Steps = append(c.plan.Steps, Step{begin, end, name, kind})
	return begin
}

// encode is JSON without HTML's escapes.
func encode(v any, indent string) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

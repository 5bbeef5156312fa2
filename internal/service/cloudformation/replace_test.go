package cloudformation

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// replaceable is a stack in which two resources take their names from a parameter, and others depend on them.
const replaceableBody = `
Parameters: {Suffix: {Type: String, Default: one}, Fixed: {Type: String, Default: x}}
Resources:
  Raw:
    Type: AWS::S3::Bucket
    UpdateReplacePolicy: POLICY
    Properties: {BucketName: !Sub "raw-${Suffix}"}
  Policy:
    Type: AWS::S3::BucketPolicy
    Properties: {Bucket: !Ref Raw, PolicyDocument: {Statement: []}}
  Database:
    Type: AWS::Glue::Database
    Properties: {CatalogId: !Ref AWS::AccountId, DatabaseInput: {Name: !Sub "shop_${Suffix}"}}
  Table:
    Type: AWS::Glue::Table
    Properties: {CatalogId: !Ref AWS::AccountId, DatabaseName: !Ref Database, TableInput: {Name: !Sub "orders_${Suffix}"}}
  Crawler:
    Type: AWS::Glue::Crawler
    Properties: {Name: c, Role: r, DatabaseName: !Ref Database, Targets: {S3Targets: [{Path: !Sub "s3://${Raw}/"}]}}
  Ruleset:
    Type: AWS::Glue::DataQualityRuleset
    Properties: {Name: q, Ruleset: "Rules = [ RowCount > 0 ]", TargetTable: {DatabaseName: !Ref Fixed, TableName: t}}
Outputs:
  Raw: {Value: !Ref Raw}
`

func replaceableIn(policy string) map[string]any {
	return map[string]any{"StackName": "s", "TemplateBody": strings.Replace(replaceableBody, "POLICY", policy, 1)}
}

func suffix(in map[string]any, value string) map[string]any {
	in["Parameters"] = []any{param("Suffix", value)}
	return in
}

// wantThings compares what there is of the kinds that the stack replaces.
func wantThings(t *testing.T, w *world, want string) {
	t.Helper()
	if got := fmt.Sprint(w.names("bucket"), w.names("policy"), w.names("database"), w.names("table")); got != want {
		t.Errorf("there are %s, want %s", got, want)
	}
}

func (d *desk) physical(logical string) (id string) {
	for _, r := range d.do("DescribeStackResources", map[string]any{"StackName": "s"})["StackResources"].([]any) {
		if m := r.(map[string]any); m["LogicalResourceId"] == logical {
			id += m["PhysicalResourceId"].(string)
		}
	}
	return id
}

func TestReplacement(t *testing.T) {
	w := newWorld()
	d, _ := open(t, t.TempDir(), w, nil)
	d.do("CreateStack", replaceableIn("Delete"))
	d.want("s", "CREATE_COMPLETE")
	before := len(d.history("s"))
	d.do("UpdateStack", suffix(replaceableIn("Delete"), "two"))
	d.want("s", "UPDATE_COMPLETE")
	wantThings(t, w, "[raw-two] [raw-two] [shop_two] [orders_two]")
	if c := w.thing("crawler/c"); c["DatabaseName"] != "shop_two" || w.happened("glue.CreateCrawler") != 1 {
		t.Errorf("what depends on it has not followed: %v", c)
	}
	if got := d.physical("Raw") + d.physical("Table"); got != "raw-twoorders_two" {
		t.Errorf("the resources are %s", got)
	}
	var raw []string
	for _, line := range d.history("s")[before:] {
		if strings.HasPrefix(line, "Raw ") {
			raw = append(raw, line)
		}
	}
	if want := []string{
		"Raw UPDATE_IN_PROGRESS Requested update requires the creation of a new physical resource; hence creating one.",
		"Raw UPDATE_IN_PROGRESS Resource creation Initiated", "Raw UPDATE_COMPLETE", "Raw DELETE_IN_PROGRESS", "Raw DELETE_COMPLETE",
	}; !slices.Equal(raw, want) {
		t.Errorf("events %q", raw)
	}
	calls := fmt.Sprint(w.calls)
	if strings.Index(calls, "DeleteTable orders_one") > strings.Index(calls, "DeleteDatabase shop_one") {
		t.Error("the old database goes before its table")
	}
	d.do("UpdateStack", suffix(replaceableIn("Retain"), "three"))
	d.want("s", "UPDATE_COMPLETE")
	wantThings(t, w, "[raw-three raw-two] [raw-three] [shop_three] [orders_three]")
	d.do("DeleteStack", map[string]any{"StackName": "s"})
	d.want("s", "none")
	wantThings(t, w, "[raw-two] [] [] []")
}

func TestReplacementIsPlanned(t *testing.T) {
	w := newWorld()
	d, _ := open(t, t.TempDir(), w, nil)
	d.do("CreateStack", replaceableIn("Delete"))
	in := suffix(replaceableIn("Delete"), "two")
	in["ChangeSetName"] = "c"
	d.do("CreateChangeSet", in)
	var got []string
	for _, c := range d.do("DescribeChangeSet", map[string]any{"StackName": "s", "ChangeSetName": "c"})["Changes"].([]any) {
		r := c.(map[string]any)["ResourceChange"].(map[string]any)
		got = append(got, fmt.Sprint(r["LogicalResourceId"], " ", r["Replacement"]))
	}
	if want := "[Crawler False Database True Policy Conditional Raw True Table Conditional]"; fmt.Sprint(got) != want {
		t.Errorf("the plan is %v, want %s", got, want)
	}
	w.objects["raw-one"] = true
	for what, in := range map[string]map[string]any{
		"Raw (AWS::S3::Bucket) cannot be replaced: The bucket raw-one is not empty": suffix(replaceableIn("Delete"), "two"),
		"when a custom-named resource requires replacing. Rename q and update the stack again": {"StackName": "s", "UsePreviousTemplate": true,
			"Parameters": []any{param("Fixed", "y")}},
	} {
		if _, err := d.try("UpdateStack", in); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%v, want %s", err, what)
		}
	}
	wantThings(t, w, "[raw-one] [raw-one] [shop_one] [orders_one]")
}

func TestReplacementIsRolledBack(t *testing.T) {
	w := newWorld()
	d, _ := open(t, t.TempDir(), w, nil)
	d.do("CreateStack", replaceableIn("Delete"))
	w.refuse["CreateTable orders_two"] = "no room"
	d.do("UpdateStack", suffix(replaceableIn("Delete"), "two"))
	d.want("s", "UPDATE_ROLLBACK_COMPLETE")
	wantThings(t, w, "[raw-one] [raw-one] [shop_one] [orders_one]")
	if c := w.thing("crawler/c"); c["DatabaseName"] != "shop_one" {
		t.Errorf("the crawler is %v", c)
	}
	if got := d.physical("Raw") + d.physical("Table") + d.physical("Database"); got != "raw-oneorders_oneshop_one" {
		t.Errorf("the resources are %s", got)
	}
	// A new resource that cannot be deleted is left, and goes with the stack's next change.
	w.refuse["DeleteDatabase shop_two"] = "not now"
	d.do("UpdateStack", suffix(replaceableIn("Delete"), "two"))
	d.want("s", "UPDATE_ROLLBACK_COMPLETE")
	wantThings(t, w, "[raw-one] [raw-one] [shop_one shop_two] [orders_one]")
	delete(w.refuse, "CreateTable orders_two")
	delete(w.refuse, "DeleteDatabase shop_two")
	d.do("UpdateStack", suffix(replaceableIn("Delete"), "three"))
	d.want("s", "UPDATE_COMPLETE")
	wantThings(t, w, "[raw-three] [raw-three] [shop_three] [orders_three]")
	d.do("DeleteStack", map[string]any{"StackName": "s"})
	d.want("s", "none")
	if w.count() != 0 {
		t.Errorf("left: %v", w.things)
	}
}

// TestReplacementIsRolledBackLater has a rollback that gets stuck on a resource that depends on a replaced one.
func TestReplacementIsRolledBackLater(t *testing.T) {
	w := newWorld()
	d, _ := open(t, t.TempDir(), w, nil)
	d.do("CreateStack", replaceableIn("Delete"))
	w.refuse["UpdateCrawler c"] = "no room"
	d.do("UpdateStack", suffix(replaceableIn("Delete"), "two"))
	d.want("s", "UPDATE_ROLLBACK_FAILED")
	delete(w.refuse, "UpdateCrawler c")
	d.do("ContinueUpdateRollback", map[string]any{"StackName": "s"})
	d.want("s", "UPDATE_ROLLBACK_COMPLETE")
	wantThings(t, w, "[raw-one] [raw-one] [shop_one] [orders_one]")
	if got := d.physical("Database"); got != "shop_one" {
		t.Errorf("the database is %s", got)
	}
}

// TestReplacementGoesOnAfterACrash cuts a replacement at each of its points; the end is that of an uncut one.
func TestReplacementGoesOnAfterACrash(t *testing.T) {
	for _, c := range []struct {
		point string
		nth   int
		fails bool
	}{
		{"resource-replacing", 1, false}, {"resource-replacing", 2, false}, {"resource-started", 1, false}, {"resource-created", 1, false},
		{"resource-created", 3, false}, {"resource-updating", 1, false}, {"stack-update-cleanup", 1, false}, {"resource-deleting", 1, false},
		{"resource-deleting", 3, false},
		{"resource-replacing", 1, true}, {"resource-created", 2, true}, {"stack-update-rollback", 1, true}, {"resource-deleting", 1, true},
	} {
		t.Run(fmt.Sprintf("%s-%d-%v", c.point, c.nth, c.fails), func(t *testing.T) {
			dir, w := t.TempDir(), newWorld()
			d, stop := open(t, dir, w, nil)
			d.do("CreateStack", replaceableIn("Delete"))
			stop()
			end, things := "UPDATE_COMPLETE", "[raw-two] [raw-two] [shop_two] [orders_two]"
			if c.fails {
				w.refuse["CreateTable orders_two"] = "no room"
				end, things = "UPDATE_ROLLBACK_COMPLETE", "[raw-one] [raw-one] [shop_one] [orders_one]"
			}
			crash(t, dir, w, c.point, c.nth, "UpdateStack", suffix(replaceableIn("Delete"), "two"))
			d, _ = open(t, dir, w, nil)
			waitFor(t, d, "s", end)
			wantThings(t, w, things)
			for _, r := range d.do("DescribeStackResources", map[string]any{"StackName": "s"})["StackResources"].([]any) {
				m := r.(map[string]any)
				if s := m["ResourceStatus"].(string); strings.HasSuffix(s, "_IN_PROGRESS") || strings.Contains(m["LogicalResourceId"].(string), "/") {
					t.Errorf("left: %v", r)
				}
			}
		})
	}
}

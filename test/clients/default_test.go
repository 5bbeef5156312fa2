package clients

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/redshiftserverless"

	"penstock/test/harness"
)

// env is what "penstock env" says now, and what it says on stderr.
func env(t *testing.T, rt *harness.Runtime, args ...string) (vars []string, stdout, stderr string) {
	t.Helper()
	r := harness.MustRun(t, rt.Data, nil, append([]string{"env", "--data", rt.Data}, args...)...)
	vars = []string{"PGPASSWORD=none"}
	for _, line := range strings.Split(r.Stdout, "\n") {
		if v, ok := strings.CutPrefix(line, "export PG"); ok {
			vars = append(vars, "PG"+strings.Trim(v, "'"))
		}
	}
	return vars, r.Stdout, r.Stderr
}

// TestDefaultWorkgroup: psql works with the words of "penstock env" on a fresh server; the first workgroup that is made gets the port
// unless something was made in the default one; what is deleted does not come back; and env says whose password it tells.
func TestDefaultWorkgroup(t *testing.T) {
	harness.Tool(t, "psql")
	data := t.TempDir()
	rt := harness.Serve(t, data)
	ask := func(vars []string, sql, want string) {
		t.Helper()
		if stdout, stderr, code := psql(t, rt, vars, "-Atc", sql); stdout != want || code != 0 {
			t.Fatalf("%s with %v: code %d, %q, %q; want %q", sql, vars, code, stdout, stderr, want)
		}
	}
	c := redshiftserverless.NewFromConfig(rt.Config())
	ask(nil, "SELECT current_user, current_database()", "admin|dev")
	if got, err := c.GetWorkgroup(t.Context(), &redshiftserverless.GetWorkgroupInput{WorkgroupName: aws.String("default")}); err != nil ||
		aws.ToString(got.Workgroup.NamespaceName) != "default" {
		t.Fatalf("%+v, %v", got, err)
	}
	if _, stdout, stderr := env(t, rt); !strings.Contains(stdout, "# PGPASSWORD is that of admin, the administrator of namespace default") ||
		stderr != "" {
		t.Errorf("env says %s%s", stdout, stderr)
	}
	create := func(name string) {
		t.Helper()
		if _, err := c.CreateNamespace(t.Context(),
			&redshiftserverless.CreateNamespaceInput{NamespaceName: &name, DbName: aws.String(name), AdminUsername: aws.String("bob"),
				AdminUserPassword: aws.String("Secret123")}); err != nil {
			t.Fatal(err)
		}
		if _, err := c.CreateWorkgroup(t.Context(),
			&redshiftserverless.CreateWorkgroupInput{WorkgroupName: &name, NamespaceName: &name}); err != nil {
			t.Fatal(err)
		}
	}
	create("first")
	vars, _, stderr := env(t, rt)
	if !strings.Contains(stderr,
		"the password of bob, the administrator of namespace first (workgroup first) was given by whoever made the namespace") {
		t.Errorf("env says %q", stderr)
	}
	ask(append(vars, "PGPASSWORD=Secret123"), "SELECT current_user, current_database()", "bob|first")
	ask([]string{"PGUSER=bob", "PGPASSWORD=Secret123", "PGDATABASE=first"}, "SELECT 1", "1") // at the port that env named before
	vars, _, _ = env(t, rt, "--workgroup", "default")
	ask(vars, "SELECT current_user, current_database()", "admin|dev")
	if _, err := c.DeleteWorkgroup(t.Context(), &redshiftserverless.DeleteWorkgroupInput{WorkgroupName: aws.String("first")}); err != nil {
		t.Fatal(err)
	}
	ask(nil, "CREATE TABLE mine(a INT)", "CREATE TABLE")
	create("second")
	ask(nil, "SELECT count(*) FROM mine", "0") // nobody's data go from under a client
	vars, _, _ = env(t, rt, "--workgroup", "second")
	ask(append(vars, "PGPASSWORD=Secret123"), "SELECT current_user", "bob")
	for _, name := range []string{"default", "second"} {
		if _, err := c.DeleteWorkgroup(t.Context(), &redshiftserverless.DeleteWorkgroupInput{WorkgroupName: &name}); err != nil {
			t.Fatal(err)
		}
	}
	rt.Stop(t)
	rt = harness.Serve(t, data)
	all, err := redshiftserverless.NewFromConfig(rt.Config()).ListWorkgroups(t.Context(), &redshiftserverless.ListWorkgroupsInput{})
	if err != nil || len(all.Workgroups) != 0 {
		t.Errorf("after a restart there are %v, %v", all, err)
	}
}

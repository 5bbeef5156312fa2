package clients

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/redshiftserverless"

	"penstock/test/harness"
)

// TestEnvOfRegions: env tells the region that it is asked for, or that of the workgroup, with a login that works; what is ambiguous it
// asks.
func TestEnvOfRegions(t *testing.T) {
	rt := harness.Serve(t, t.TempDir(), "PENSTOCK_REGION=us-east-1,eu-west-1,sa-east-1")
	make := func(region, name string) {
		t.Helper()
		cfg := rt.Config()
		cfg.Region = region
		c := redshiftserverless.NewFromConfig(cfg)
		if _, err := c.CreateNamespace(t.Context(), &redshiftserverless.CreateNamespaceInput{NamespaceName: &name}); err != nil {
			t.Fatal(err)
		}
		if _, err := c.CreateWorkgroup(t.Context(),
			&redshiftserverless.CreateWorkgroupInput{WorkgroupName: &name, NamespaceName: aws.String(name)}); err != nil {
			t.Fatal(err)
		}
	}
	make("eu-west-1", "shop")
	make("us-east-1", "shop")
	make("eu-west-1", "sales")
	for _, c := range []struct{ args, region, more, said string }{
		{"", "us-east-1", "workgroup shop", ""},
		{"--region us-east-1", "us-east-1", "workgroup shop", ""},
		{"--region eu-west-1 --workgroup shop", "eu-west-1", "RCLONE_S3_REGION=eu-west-1", ""},
		{"--workgroup sales", "eu-west-1", "workgroup sales", ""},
		{"--region sa-east-1", "sa-east-1", "RCLONE_S3_REGION=sa-east-1", "the region sa-east-1 has no workgroup yet"},
	} {
		_, stdout, stderr := env(t, rt, strings.Fields(c.args)...)
		for _, want := range []string{"export AWS_REGION=" + c.region + "\n", "AWS_DEFAULT_REGION=" + c.region + "\n", c.more,
			"PENSTOCK_REGIONS=us-east-1,eu-west-1,sa-east-1"} {
			if !strings.Contains(strings.ReplaceAll(stdout, "'", ""), want) {
				t.Errorf("env %s lacks %q:\n%s", c.args, want, stdout)
			}
		}
		if stderr = strings.Join(strings.Fields(stderr), " "); !strings.Contains(stderr, c.said) || c.said == "" && stderr != "" ||
			(c.said == "") != strings.Contains(stdout, "PGHOST") || (c.said == "") != strings.Contains(stdout, "PGPASSWORD") {
			t.Errorf("env %s:\n%s%s", c.args, stdout, stderr)
		}
	}
	for args, want := range map[string]string{
		"--workgroup shop":                     "there is a workgroup shop in each of us-east-1, eu-west-1: say which with --region",
		"--region eu-west-1":                   "the region eu-west-1 has several workgroups (sales, shop): say which with --workgroup",
		"--region us-east-1 --workgroup sales": `there is no workgroup "sales" in us-east-1`,
		"--workgroup none":                     `there is no workgroup "none" in us-east-1, eu-west-1, sa-east-1`,
		"--region eu-west-2":                   `serves us-east-1, eu-west-1, sa-east-1, and not "eu-west-2"`,
	} {
		r := harness.Run(t, rt.Data, nil, append([]string{"env", "--data", rt.Data}, strings.Fields(args)...)...)
		if said := strings.Join(strings.Fields(r.Stderr), " "); r.Code == 0 || !strings.Contains(said, want) {
			t.Errorf("env %s: code %d\n%s", args, r.Code, r.Stderr)
		}
	}
}

package server

import (
	"strings"
	"testing"
)

func TestListsOfRegions(t *testing.T) {
	for _, c := range [][2]string{
		{"", "us-east-1"},
		{"eu-west-1", "eu-west-1"},
		{"eu-west-1, us-east-1", "eu-west-1 us-east-1"},
		{"us-east1", `"us-east1" is no region of AWS`},
		{"us-east-1,", `"" is no region of AWS`},
		{"us-east-1,us-east-1", "us-east-1 stands twice"},
		{"cn-north-1", `"cn-north-1" is no region`}, // of another partition: ARNs here are of "aws"
	} {
		names, err := ParseRegions(c[0])
		if err == nil && strings.Join(names, " ") != c[1] || err != nil && !strings.Contains(err.Error(), c[1]) {
			t.Errorf("%q: %v, %v", c[0], names, err)
		}
	}
}

package access

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"penstock/internal/api"
)

// TestSource reads every form that clients write.
func TestSource(t *testing.T) {
	for text, want := range map[string]string{
		"lake/k":                           "lake k ",
		"/lake/k":                          "lake k ",
		"lake/a/b":                         "lake a/b ",
		"lake%2Fa%2Fb":                     "lake a/b ",
		"%2Flake/k":                        "lake k ",
		"lake/a+b%2Bc%20d":                 "lake a b+c d ",
		"lake/%C3%BC":                      "lake ü ",
		"lake/ü":                           "lake ü ",
		"lake/k%3Fv?versionId=null":        "lake k?v null",
		"/lake/k?versionId=abc":            "lake k abc",
		"lake//k":                          "lake /k ",
		"":                                 "Invalid copy source bucket name",
		"lake":                             "Invalid copy source object key",
		"lake/":                            "Invalid copy source object key",
		"La_ke/k":                          "Invalid copy source bucket name",
		"192.168.1.1/k":                    "Invalid copy source bucket name",
		"lake/%ZZ":                         "Invalid copy source encoding",
		"lake/%FF":                         "Invalid copy source encoding",
		"lake/k?partNumber=1":              "Unsupported copy source parameter.",
		"lake/k?versionId=":                "Unsupported copy source parameter.",
		"arn:aws:s3:us-east-1:1:ap/object": "Invalid copy source bucket name",
	} {
		src, err := Source(aws.String(text))
		got := src.Bucket + " " + src.Key + " " + src.VersionID
		if err != nil {
			got = err.(*api.Error).Message
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

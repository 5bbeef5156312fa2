package cloudformation

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"penstock/internal/api"
)

func TestTemplateURLs(t *testing.T) {
	for _, c := range []struct{ url, server, want string }{
		{"https://s3.amazonaws.com/b/k", "", "b k "},
		{"https://s3.eu-west-1.amazonaws.com/b/dir/k.yaml?versionId=3", "", "b dir/k.yaml 3"},
		{"https://s3-us-west-2.amazonaws.com/b/a%20b+c", "", "b a b+c "},
		{"https://s3.dualstack.us-gov-west-1.amazonaws.com/b/k", "", "b k "},
		{"https://b.s3.amazonaws.com/k", "", "b k "},
		{"https://b.with.dots.s3.eu-west-1.amazonaws.com/d//k?X-Amz-Signature=x", "", "b.with.dots d//k "},
		{"https://B.S3-eu-west-1.amazonaws.com/k", "", "b k "},
		{"http://127.0.0.1:4566/b/k", "http://127.0.0.1:4566/", "b k "},
		{"http://localhost:4566/b/k", "http://127.0.0.1:4566/", "b k "},
		{"http://[::1]:4566/b/k", "http://localhost:4566/", "b k "},
		{"http://b.s3.localhost:4566/k", "http://127.0.0.1:4566/", "b k "},
		{"http://b.localhost:4566/k", "http://127.0.0.1:4566/", "b k "},
		{"http://s3.localhost:4566/s3data/k", "http://127.0.0.1:4566/", "s3data k "},
		{"http://lake.example:4566/b/k", "http://LAKE.example:4566/", "b k "},
		{"https://lake.example/b/k", "https://lake.example/", "b k "},
		{"http://lake.example:4567/b/k", "http://lake.example:4566/",
			"! TemplateURL must be a supported URL. http://lake.example:4567 is neither"},
		{"http://127.0.0.1:4566/b/k", "", "! TemplateURL must be a supported URL. http://127.0.0.1:4566 is neither"},
		{"http://127.0.0.1:4566/b/k", "http://lake.example:4566/", "! TemplateURL must be a supported URL."},
		{"https://raw.githubusercontent.com/b/k", "http://127.0.0.1:4566/",
			"! TemplateURL must be a supported URL. https://raw.githubusercontent.com is neither"},
		{"https://b.s3-website-us-east-1.amazonaws.com/k", "", "! TemplateURL must be a supported URL."},
		{"https://s3.amazonaws.com.evil.example/b/k", "", "! TemplateURL must be a supported URL."},
		{"https://evils3.amazonaws.com/b/k", "", "! TemplateURL must be a supported URL."},
		{"ftp://s3.amazonaws.com/b/k", "", "! TemplateURL must be a supported URL."},
		{"template.yaml", "", "! TemplateURL must be a supported URL."},
		{"s3://b/k", "", "! S3 error: Domain name specified in b is not a valid S3 domain"},
		{"https://s3.amazonaws.com/b", "", "! TemplateURL must reference a valid S3 object to which you have access."},
		{"https://b.s3.amazonaws.com/", "", "! TemplateURL must reference a valid S3 object to which you have access."},
	} {
		in, err := templateObject(c.url, c.server)
		if want, bad := strings.CutPrefix(c.want, "! "); bad {
			if api.Code(err) != "ValidationError" || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %q", c.url, err, want)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s at %q: %v", c.url, c.server, err)
			continue
		}
		if got := aws.ToString(in.Bucket) + " " + aws.ToString(in.Key) + " " + aws.ToString(in.VersionId); got != c.want {
			t.Errorf("%s at %q is %q, want %q", c.url, c.server, got, c.want)
		}
	}
}

// TestTemplatesFromBuckets makes, changes and asks for templates that lie in a bucket, also one that is too long to be sent inline.
func TestTemplatesFromBuckets(t *testing.T) {
	w := newWorld()
	long := "Resources: {T: {Type: 'AWS::SNS::Topic', Properties: {TopicName: x}}}\n#" + strings.Repeat("x", maxInline)
	w.files["b/t"] = long
	w.files["b/t?7"] = strings.Replace(long, "TopicName: x", "TopicName: x, DisplayName: y", 1)
	w.files["b/most"] = long + strings.Repeat("x", maxStored-len(long))
	w.files["b/more"] = w.files["b/most"] + "x"
	w.files["b/empty"] = ""
	d, _ := open(t, t.TempDir(), w, nil)
	at := func(key string) string { return "http://localhost:4566/b/" + key }
	d.do("ValidateTemplate", map[string]any{"TemplateURL": at("most")})
	for key, want := range map[string]string{
		"more": "Template may not exceed 1000000 bytes in size.", "empty": "Either Template URL or Template Body must be specified.",
		"none": "S3 error: The specified key does not exist.\nFor more information check " +
			"http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html",
	} {
		if _, err := d.try("CreateStack", map[string]any{"StackName": "s",
			"TemplateURL": at(key)}); api.Code(err) != "ValidationError" || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", key, err, want)
		}
	}
	d.do("CreateStack", map[string]any{"StackName": "s", "TemplateURL": at("t")})
	d.want("s", "CREATE_COMPLETE")
	if d.do("GetTemplate", map[string]any{"StackName": "s"})["TemplateBody"] != long {
		t.Error("the stack's template is another")
	}
	w.files["b/t"] = "the stack has its own copy"
	d.do("UpdateStack", map[string]any{"StackName": "s", "UsePreviousTemplate": true, "Tags": []any{map[string]any{"Key": "k", "Value": "v"}}})
	d.want("s", "UPDATE_COMPLETE")
	d.do("CreateChangeSet", map[string]any{"StackName": "s", "ChangeSetName": "c", "TemplateURL": at("t?versionId=7")})
	d.do("ExecuteChangeSet", map[string]any{"StackName": "s", "ChangeSetName": "c"})
	d.want("s", "UPDATE_COMPLETE")
	if got := w.thing("topic/x")["AttributeValue"]; got != "y" {
		t.Errorf("the topic's name is %v", got)
	}
	for _, in := range []map[string]any{{"StackName": "s", "UsePreviousTemplate": true, "TemplateURL": at("t")},
		{"StackName": "s", "TemplateBody": long, "TemplateURL": at("t")}} {
		if _, err := d.try("UpdateStack", in); err == nil || !strings.Contains(err.Error(), "You cannot specify both") {
			t.Errorf("two templates: %v", err)
		}
	}
	if _, err := d.try("UpdateStack", map[string]any{"StackName": "s", "TemplateBody": long}); err == nil || !strings.Contains(err.Error(),
		"less than or equal to 51200") {
		t.Errorf("a long template inline: %v", err)
	}
}

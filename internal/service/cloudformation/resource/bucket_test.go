package resource

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// TestBucketSettings shows for each property of a bucket the operations of its creation, its change and its removal.
func TestBucketSettings(t *testing.T) {
	text, err := os.ReadFile("testdata/bucket.test")
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range strings.Split(strings.TrimSpace(string(text)), "\n\n")[1:] {
		lines := strings.Split(block, "\n")
		r := &recorder{}
		err := Kinds()["AWS::S3::Bucket"].Update(t.Context(), &Caller{Invoker: r}, "b", decode(t, lines[1]), decode(t, lines[2]))
		for i := range r.calls {
			r.calls[i] = "> " + strings.TrimPrefix(r.calls[i], "s3.")
		}
		if err != nil || !slices.Equal(r.calls, lines[3:]) {
			t.Errorf("%s: %v\n%s\nwant\n%s", lines[0], err, strings.Join(r.calls, "\n"), strings.Join(lines[3:], "\n"))
		}
	}
}

func TestBucketIsMadeWithItsSettings(t *testing.T) {
	r := &recorder{}
	p := decode(t, `{"BucketName":"b","ObjectLockEnabled":true,"OwnershipControls":{"Rules":[]},"Tags":[{"Key":"k","Value":"v"}]}`)
	if _, err := Kinds()["AWS::S3::Bucket"].Create(t.Context(), &Caller{Invoker: r, Region: "eu-west-1"}, "b", p); err != nil {
		t.Fatal(err)
	}
	want := `CreateBucket {"Bucket":"b","CreateBucketConfiguration":{"LocationConstraint":"eu-west-1"},"ObjectLockEnabledForBucket":true}|` +
		`PutBucketTagging {"Bucket":"b","Tagging":{"TagSet":[{"Key":"k","Value":"v"}]}}|` +
		`PutBucketOwnershipControls {"Bucket":"b","OwnershipControls":{"Rules":[]}}`
	if got := strings.ReplaceAll(strings.Join(r.calls, "|"), "s3.", ""); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

func TestBucketsThatAreRefused(t *testing.T) {
	refuse := Kinds()["AWS::S3::Bucket"].Refuse
	on, off := Props{"ObjectLockEnabled": true}, Props{}
	if refuse(on, off) == nil || refuse(on, Props{"ObjectLockEnabled": false}) == nil {
		t.Error("a lock can be taken away")
	}
	unknown := Props{"ObjectLockEnabled": struct{}{}}
	for _, p := range [][2]Props{{off, on}, {on, on}, {off, off}, {on, unknown}} {
		if err := refuse(p[0], p[1]); err != nil {
			t.Errorf("%v to %v: %v", p[0], p[1], err)
		}
	}
	const kms = `{"BucketEncryption":{"ServerSideEncryptionConfiguration":[{"ServerSideEncryptionByDefault":{"SSEAlgorithm":"aws:kms"}}]}}`
	const suspended = `{"ObjectLockEnabled":true,"VersioningConfiguration":{"Status":"Suspended"}}`
	for text, want := range map[string]string{
		`{"AccessControl":"AwsExecRead"}`:      "the AccessControl AwsExecRead is not supported by Penstock yet",
		`{"AccessControl":"PublicRead"}`:       "",
		`{"AccessControl":"LogDeliveryWrite"}`: "",
		suspended:                              "the versioning of a bucket with object lock cannot be Suspended",
		kms:                                    "the SSEAlgorithm aws:kms is not supported by Penstock yet; AES256 is",
	} {
		if err := refuse(nil, decode(t, text)); want == "" && err != nil || want != "" && (err == nil || err.Error() != want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

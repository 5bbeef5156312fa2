package crash

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"penstock/test/harness"
)

// TestServerKilledUnderPolicies kills the server while a client closes an object to strangers, opens it and removes the policy in turn.
// After the next start the policy is the last one that was acknowledged, or the one that was on its way, and a stranger is answered by it.
func TestServerKilledUnderPolicies(t *testing.T) {
	data := t.TempDir()
	acked := 0 // of steps
	for round := range 4 {
		rt := harness.Serve(t, data)
		c := s3.NewFromConfig(rt.Config(), func(o *s3.Options) { o.UsePathStyle, o.RetryMaxAttempts = true, 1 })
		if round == 0 {
			openBucket(t, c)
		} else if now := policyNow(t, c, rt.Config().BaseEndpoint); now != acked%3 && now != (acked+1)%3 {
			t.Fatalf("round %d: step %d was acknowledged, the policy is that of step %d", round, acked%3, now)
		} else if now != acked%3 {
			acked++
		}
		before := acked
		time.AfterFunc(time.Duration(50+130*round)*time.Millisecond, rt.Kill)
		for takeStep(c, acked+1) == nil {
			acked++
		}
		if rt.Wait(); round > 0 && acked == before {
			t.Errorf("round %d: nothing was acknowledged before the kill", round)
		}
	}
	t.Logf("%d acknowledged changes", acked)
}

func openBucket(t *testing.T, c *s3.Client) {
	t.Helper()
	if _, err := c.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("lake")}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.DeletePublicAccessBlock(t.Context(), &s3.DeletePublicAccessBlockInput{Bucket: aws.String("lake")}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("lake"), Key: aws.String("k"),
		Body: strings.NewReader("x")}); err != nil {
		t.Fatal(err)
	}
}

// takeStep removes the policy, lets everyone read, or lets nobody, by the step's rest of three.
func takeStep(c *s3.Client, step int) error {
	if step%3 == 0 {
		_, err := c.DeleteBucketPolicy(context.Background(), &s3.DeleteBucketPolicyInput{Bucket: aws.String("lake")})
		return err
	}
	text := fmt.Sprintf(`{"Statement":[{"Effect":%q,"Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::lake/*"}]}`,
		[]string{"", "Allow", "Deny"}[step%3])
	_, err := c.PutBucketPolicy(context.Background(), &s3.PutBucketPolicyInput{Bucket: aws.String("lake"), Policy: &text})
	return err
}

// policyNow tells which step's policy the bucket has, and that strangers and the account are answered by it.
func policyNow(t *testing.T, c *s3.Client, endpoint *string) int {
	t.Helper()
	step := 0
	if out, err := c.GetBucketPolicy(t.Context(), &s3.GetBucketPolicyInput{Bucket: aws.String("lake")}); err == nil {
		if step = 1; strings.Contains(*out.Policy, "Deny") {
			step = 2
		}
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, *endpoint+"/lake/k", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	io.Copy(io.Discard, res.Body) //nolint:errcheck // its status is all
	res.Body.Close()
	out, err := c.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("lake"), Key: aws.String("k")})
	if err == nil {
		err = out.Body.Close()
	}
	if (res.StatusCode == http.StatusOK) != (step == 1) || (err == nil) != (step != 2) {
		t.Errorf("under the policy of step %d a stranger is answered %d, the account %v", step, res.StatusCode, err)
	}
	return step
}

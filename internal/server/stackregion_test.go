package server

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskeys "github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"penstock/internal/api"
)

// TestStacksOfTwoRegions makes the same stack in two regions by their clients, from a template in a bucket of one of them. Each lies in its
// region with its bucket, and the first region need not be us-east-1.
func TestStacksOfTwoRegions(t *testing.T) {
	o := options(t.TempDir())
	o.Regions = []string{"eu-west-1", "us-east-1"}
	s, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	defer func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}()
	config := func(region string) aws.Config {
		c := s.Credentials()
		return aws.Config{Region: region, BaseEndpoint: aws.String(s.Endpoint()),
			Credentials: awskeys.NewStaticCredentialsProvider(c.AccessKeyID, c.SecretAccessKey, "")}
	}
	files := s3.NewFromConfig(config("us-east-1"), func(o *s3.Options) { o.UsePathStyle = true })
	bucket, key := aws.String("templates"), aws.String("t.yaml")
	if _, err := files.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: bucket}); err != nil {
		t.Fatal(err)
	}
	const body = "Resources: {B: {Type: AWS::S3::Bucket}, T: {Type: AWS::SNS::Topic}}\n" +
		"Outputs: {R: {Value: !Ref AWS::Region}, T: {Value: !Ref T}, B: {Value: !Ref B}, D: {Value: !GetAtt B.RegionalDomainName}}"
	if _, err := files.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: key, Body: strings.NewReader(body)}); err != nil {
		t.Fatal(err)
	}
	for _, region := range o.Regions {
		c := cloudformation.NewFromConfig(config(region))
		_, err := c.CreateStack(ctx,
			&cloudformation.CreateStackInput{StackName: aws.String("s"), TemplateURL: aws.String(s.Endpoint() + "/templates/t.yaml")})
		if err != nil {
			t.Fatal(err)
		}
		out, err := c.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{})
		if err != nil || len(out.Stacks) != 1 || out.Stacks[0].StackStatus != types.StackStatusCreateComplete {
			t.Fatalf("%s: %+v, %v", region, out, err)
		}
		got := map[string]string{}
		for _, o := range out.Stacks[0].Outputs {
			got[*o.OutputKey] = *o.OutputValue
		}
		if got["R"] != region || !strings.HasPrefix(got["T"], "arn:aws:sns:"+region+":") || got["D"] != got["B"]+".s3."+region+".amazonaws.com" {
			t.Errorf("%s: %v", region, got)
		}
		raw, err := s.table.Invoke(api.WithPrincipal(ctx, s.root()), "s3", "ListBuckets",
			json.RawMessage(fmt.Sprintf(`{"BucketRegion":%q,"Prefix":"s-"}`, region)))
		if err != nil || !strings.Contains(string(raw.(json.RawMessage)), got["B"]) {
			t.Errorf("buckets of %s: %s, %v", region, raw, err)
		}
	}
}

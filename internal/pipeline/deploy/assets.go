package deploy

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"

	"penstock/internal/pipeline/compile"
)

// assets puts what is missing into the assets bucket. An asset's key is its hash, so what lies there is right.
func (d *Deployer) assets(ctx context.Context, all []compile.Asset) error {
	account, err := d.Account(ctx)
	if err != nil {
		return err
	}
	bucket := fmt.Sprintf("%s-%s-penstock-assets", account, d.region)
	if err := d.makeBucket(ctx, bucket); err != nil {
		return err
	}
	for _, a := range all {
		if err := d.asset(ctx, bucket, a); err != nil {
			return fmt.Errorf("put %s into the assets bucket: %w", a.Name, err)
		}
	}
	return nil
}

func (d *Deployer) makeBucket(ctx context.Context, bucket string) error {
	_, err := d.s3.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &bucket})
	if err == nil {
		return nil
	}
	in := &s3.CreateBucketInput{Bucket: &bucket}
	if d.region != "us-east-1" {
		in.CreateBucketConfiguration = &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraint(d.region)}
	}
	_, err = d.s3.CreateBucket(ctx, in)
	var mine *types.BucketAlreadyOwnedByYou
	if err != nil && !errors.As(err, &mine) {
		return fmt.Errorf("create the assets bucket %s: %w", bucket, err)
	}
	return nil
}

func (d *Deployer) asset(ctx context.Context, bucket string, a compile.Asset) error {
	if _, err := d.s3.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &bucket, Key: &a.Key}); err == nil {
		return nil
	}
	_, err := d.s3.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &bucket, Key: &a.Key, Body: bytes.NewReader(a.Body), IfNoneMatch: aws.String("*"),
	})
	if code(err) == "PreconditionFailed" {
		return nil // somebody else was first, with the same bytes
	}
	return err
}

// code is the service's error code, or "".
func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

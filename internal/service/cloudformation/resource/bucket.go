package resource

import (
	"context"
	"fmt"

	"penstock/internal/api"
)

// bucket is AWS::S3::Bucket.
func bucket() *Kind {
	return &Kind{
		Type: "AWS::S3::Bucket", Name: "BucketName", Naming: Naming{Lower: true, Max: 63},
		Spec: spec(`
			BucketName text replace
			VersioningConfiguration.Status text required
			Tags[].Key text required
			Tags[].Value text required`),
		Attributes: []string{"Arn", "DomainName", "RegionalDomainName", "DualStackDomainName", "WebsiteURL"},
		Find: func(ctx context.Context, c *Caller, name string, _ Props) (bool, error) {
			_, err := c.Do(ctx, "s3", "HeadBucket", map[string]any{"Bucket": name})
			return found(err, "NotFound", "NoSuchBucket")
		},
		Create: func(ctx context.Context, c *Caller, name string, p Props) (string, error) {
			in := map[string]any{"Bucket": name}
			if c.Region != "us-east-1" {
				in["CreateBucketConfiguration"] = map[string]any{"LocationConstraint": c.Region}
			}
			if _, err := c.Do(ctx, "s3", "CreateBucket", in); err != nil && !is(err, "BucketAlreadyOwnedByYou", "BucketAlreadyExists") {
				return name, err
			}
			return name, updateBucket(ctx, c, name, nil, p)
		},
		Update: updateBucket,
		Delete: func(ctx context.Context, c *Caller, name string, _ Props) error {
			_, err := c.Do(ctx, "s3", "DeleteBucket", map[string]any{"Bucket": name})
			return gone(err, "NoSuchBucket")
		},
		Read: func(_ context.Context, c *Caller, name string, _ Props) (map[string]any, error) {
			return map[string]any{
				"Arn": "arn:aws:s3:::" + name, "DomainName": name + ".s3.amazonaws.com", "RegionalDomainName": name + ".s3." + c.Region + ".amazonaws.com",
				"DualStackDomainName": name + ".s3.dualstack." + c.Region + ".amazonaws.com", "WebsiteURL": "http://" + name + ".s3-website-" + c.Region + ".amazonaws.com",
			}, nil
		},
	}
}

func updateBucket(ctx context.Context, c *Caller, name string, old, p Props) error {
	status := text(p, "VersioningConfiguration", "Status")
	if before := text(old, "VersioningConfiguration", "Status"); before != status {
		if status == "" {
			status = "Suspended" // there is no way back to never versioned
		}
		in := map[string]any{"Bucket": name, "VersioningConfiguration": map[string]any{"Status": status}}
		if _, err := c.Do(ctx, "s3", "PutBucketVersioning", in); err != nil {
			return err
		}
	}
	if same(old["Tags"], p["Tags"]) {
		return nil
	}
	tags := list(p, "Tags")
	if len(tags) == 0 {
		_, err := c.Do(ctx, "s3", "DeleteBucketTagging", map[string]any{"Bucket": name})
		return err
	}
	_, err := c.Do(ctx, "s3", "PutBucketTagging", map[string]any{"Bucket": name, "Tagging": map[string]any{"TagSet": tags}})
	return err
}

// Holds reports why a resource cannot be deleted, before anything of its stack is: a bucket that has objects.
func (k *Kind) Holds(ctx context.Context, c *Caller, id string) (string, error) {
	if k.Type != "AWS::S3::Bucket" || id == "" {
		return "", nil
	}
	out, err := c.Do(ctx, "s3", "ListObjectVersions", map[string]any{"Bucket": id, "MaxKeys": 1})
	if api.Code(err) == "NoSuchBucket" {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	if len(list(out, "Versions")) > 0 || len(list(out, "DeleteMarkers")) > 0 {
		return fmt.Sprintf("The bucket %s is not empty: delete its objects, and all their versions, before the stack; nothing of the stack was deleted", id), nil
	}
	return "", nil
}

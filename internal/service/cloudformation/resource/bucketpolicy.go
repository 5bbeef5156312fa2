package resource

import "context"

// bucketPolicy is AWS::S3::BucketPolicy, which is called as its bucket is.
func bucketPolicy() *Kind {
	put := func(ctx context.Context, c *Caller, bucket string, p Props) error {
		in := map[string]any{"Bucket": bucket, "Policy": encode(p["PolicyDocument"])}
		_, err := c.Do(ctx, "s3", "PutBucketPolicy", in)
		return err
	}
	return &Kind{
		Type: "AWS::S3::BucketPolicy", Name: "Bucket",
		Spec: spec(`
			Bucket text required replace
			PolicyDocument json required`),
		Find: func(ctx context.Context, c *Caller, bucket string, _ Props) (bool, error) {
			_, err := c.Do(ctx, "s3", "GetBucketPolicy", map[string]any{"Bucket": bucket})
			return found(err, "NoSuchBucketPolicy", "NoSuchBucket")
		},
		Create: func(ctx context.Context, c *Caller, bucket string, p Props) (string, error) {
			return bucket, put(ctx, c, bucket, p)
		},
		Update: func(ctx context.Context, c *Caller, bucket string, _, p Props) error { return put(ctx, c, bucket, p) },
		Delete: func(ctx context.Context, c *Caller, bucket string, _ Props) error {
			_, err := c.Do(ctx, "s3", "DeleteBucketPolicy", map[string]any{"Bucket": bucket})
			return gone(err, "NoSuchBucket")
		},
		Read: func(context.Context, *Caller, string, Props) (map[string]any, error) { return map[string]any{}, nil },
	}
}

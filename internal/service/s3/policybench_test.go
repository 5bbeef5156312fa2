package s3

import (
	"log/slog"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"penstock/internal/api"
	"penstock/internal/api/apitest"
	"penstock/internal/blob"
	"penstock/internal/clock"
	"penstock/internal/meta/metatest"
	"penstock/internal/module/moduletest"
	"penstock/internal/object"
	"penstock/internal/service/s3/setting"
	"penstock/internal/vfs"
)

// BenchmarkGuard asks what the short way asks of a bucket without a policy, and describes an object of one without and of one with it.
func BenchmarkGuard(b *testing.B) {
	c := clock.NewManual(t0)
	m := metatest.Open(b, b.TempDir(), c, object.Schema)
	blobs, err := blob.Open(vfs.NewMem(), "/blobs")
	if err != nil {
		b.Fatal(err)
	}
	objects := object.Open(m, blobs, object.Options{Clock: c})
	s := New(moduletest.On(m, c), objects)
	table := api.NewTable([]api.Service{s.API()}, slog.New(slog.DiscardHandler))
	ctx := apitest.Context(b)
	for _, bucket := range []string{"plain", "ruled"} {
		must(table.Invoke(ctx, "s3", "CreateBucket", &awss3.CreateBucketInput{Bucket: &bucket}))(b)
		must(table.Invoke(ctx, "s3", "PutObject", &awss3.PutObjectInput{Bucket: &bucket, Key: aws.String("k")}))(b)
	}
	if err := objects.SetSetting(ctx, "ruled", setting.Policy, ruled, nil); err != nil {
		b.Fatal(err)
	}
	b.Run("ask", func(b *testing.B) {
		for b.Loop() {
			if !s.guard.Plain(ctx, "plain") {
				b.Fatal("it has a policy")
			}
		}
	})
	for _, bucket := range []string{"plain", "ruled"} {
		b.Run(bucket, func(b *testing.B) {
			in := &awss3.HeadObjectInput{Bucket: &bucket, Key: aws.String("k")}
			for b.Loop() {
				if _, err := table.Invoke(ctx, "s3", "HeadObject", in); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

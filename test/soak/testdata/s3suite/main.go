// Command s3suite runs cases of versitygw's suite of S3 clients, whose names it reads from standard input, one after the other against
// AWS_ENDPOINT_URL. It is "versitygw test --versioning-enabled full-flow" but for one thing: a case that panics
// fails, and the others go on. (The option has the suite remove all versions of what a case has made.)
//
// And it takes the public access block off each bucket that the suite makes. S3 puts one on new buckets, so that most cases about public
// buckets fail against AWS itself; versitygw has no such block, and its authors' tests that run against AWS take it off too
// (tests/commands/put_bucket_policy.sh).
package main

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"os"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/versity/versitygw/tests/integration"
)

func main() {
	conf := integration.NewS3Conf(integration.WithAccess(os.Getenv("AWS_ACCESS_KEY_ID")), integration.WithSecret(os.Getenv("AWS_SECRET_ACCESS_KEY")),
		integration.WithRegion(os.Getenv("AWS_REGION")), integration.WithEndpoint(os.Getenv("AWS_ENDPOINT_URL")),
		integration.WithVersioningEnabled())
	client := (*http.Client)(reflect.ValueOf(conf).Elem().FieldByName("httpClient").UnsafePointer())
	client.Transport = opener{client.Transport}
	tests := integration.GetIntTests()
	for names := bufio.NewScanner(os.Stdin); names.Scan(); {
		run(conf, names.Text(), tests[names.Text()])
	}
}

func run(conf *integration.S3Conf, name string, test integration.IntTest) {
	defer func() {
		if p := recover(); p != nil {
			fmt.Printf("FAIL %s: panic: %v\n", name, p)
		}
	}()
	if test == nil {
		panic("there is no such case")
	}
	_ = test(conf) // it prints how it went
}

// An opener sends the suite's requests, and opens the buckets that they make.
type opener struct{ http.RoundTripper }

func (o opener) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := o.RoundTripper.RoundTrip(r)
	bucket := strings.Trim(r.URL.Path, "/")
	if err == nil && r.Method == http.MethodPut && r.URL.RawQuery == "" && resp.StatusCode == http.StatusOK && !strings.Contains(bucket, "/") {
		open(bucket)
	}
	return resp, err
}

func open(bucket string) {
	c := s3.New(s3.Options{Region: os.Getenv("AWS_REGION"), BaseEndpoint: aws.String(os.Getenv("AWS_ENDPOINT_URL")), UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider(os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY"), "")})
	if _, err := c.DeletePublicAccessBlock(context.Background(), &s3.DeletePublicAccessBlockInput{Bucket: &bucket}); err != nil {
		fmt.Printf("the block of %s stays: %v\n", bucket, err)
	}
}

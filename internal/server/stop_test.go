package server

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskeys "github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"penstock/internal/api"
)

// TestWaitingCallsEndWithTheServer stops a server while a call waits for something: it is answered, and not cut off when time is up.
func TestWaitingCallsEndWithTheServer(t *testing.T) {
	s := open(t, t.TempDir())
	defer s.Close()
	waiting := make(chan struct{})
	s.table.Add(api.Service{Name: "logs", Ops: []api.Op{api.Handle(
		func(ctx context.Context, _ *cloudwatchlogs.DescribeLogGroupsInput) (*cloudwatchlogs.DescribeLogGroupsOutput, error) {
			close(waiting)
			<-ctx.Done()
			return nil, ctx.Err()
		}, api.Waits())}})
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error)
	go func() { ended <- s.Run(ctx) }()
	called := make(chan error)
	go func() {
		c := s.Credentials()
		_, err := cloudwatchlogs.New(cloudwatchlogs.Options{Region: "us-east-1", BaseEndpoint: aws.String(s.Endpoint()), RetryMaxAttempts: 1,
			Credentials: awskeys.NewStaticCredentialsProvider(c.AccessKeyID, c.SecretAccessKey, "")}).DescribeLogGroups(t.Context(), nil)
		called <- err
	}()
	<-waiting
	stop()
	var answer *smithyhttp.ResponseError
	if err := <-called; !errors.As(err, &answer) || answer.HTTPStatusCode() != 503 {
		t.Errorf("the call: %v", err)
	}
	if err := <-ended; err != nil {
		t.Errorf("the server: %v", err)
	}
}

package retail

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	gluetypes "github.com/aws/aws-sdk-go-v2/service/glue/types"
)

// TestStuckStackGoesOn: a job that is gone can neither be changed nor brought back. run says what to do, and once the job is there again it
// goes on with the rollback and deploys.
func TestStuckStackGoesOn(t *testing.T) {
	t.Parallel()
	slow(t)
	s := newShop(t, 1000)
	s.run()
	job := aws.String("retail-daily")
	if _, err := s.glue.DeleteJob(context.Background(), &glue.DeleteJobInput{JobName: job}); err != nil {
		t.Fatal(err)
	}
	s.edit("sql/daily.sql", "SELECT", "/* changed */ SELECT")
	for range 2 { // the second tries to go on, in vain
		text := strings.Join(strings.Fields(s.runFails().Stderr), " ")
		for _, want := range []string{"UPDATE_ROLLBACK_FAILED", "Entity not found: retail-daily", "could not be brought back either",
			"aws cloudformation continue-update-rollback --stack-name penstock-retail --resources-to-skip"} {
			if !strings.Contains(text, want) {
				t.Errorf("%q is not said in %s", want, text)
			}
		}
	}
	if _, err := s.glue.CreateJob(context.Background(), &glue.CreateJobInput{Name: job, Role: aws.String("r"),
		Command: &gluetypes.JobCommand{Name: aws.String("glueetl"), ScriptLocation: aws.String("s3://b/k")}}); err != nil {
		t.Fatal(err)
	}
	if out := s.run(); !strings.Contains(out.Stdout, "revenue:") {
		t.Errorf("the run prints %s", out.Stdout)
	}
}

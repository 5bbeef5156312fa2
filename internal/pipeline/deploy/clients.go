// Package deploy makes a compiled pipeline real: its scripts in the assets bucket, its stack created or updated in place. It speaks to
// AWS's APIs only, through the AWS SDK, and does not know whether the embedded runtime or AWS answers.
package deploy

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"penstock/internal/clock"
)

// A Deployer deploys to one account and region.
type Deployer struct {
	s3     *s3.Client
	stacks *cloudformation.Client
	sts    *sts.Client
	region string
	clock  clock.Clock
}

// New returns a Deployer for what cfg points at.
func New(cfg aws.Config, clk clock.Clock) *Deployer {
	return &Deployer{
		s3:     s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true }),
		stacks: cloudformation.NewFromConfig(cfg),
		sts:    sts.NewFromConfig(cfg),
		region: cfg.Region,
		clock:  clk,
	}
}

// Account is the number of the account.
func (d *Deployer) Account(ctx context.Context) (string, error) {
	out, err := d.sts.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return "", fmt.Errorf("ask who we are: %w", err)
	}
	return aws.ToString(out.Account), nil
}

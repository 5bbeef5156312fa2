// Package run drives a deployed pipeline: it lands local files, starts the state machine or attaches to an execution that runs,
// follows it step by step, and asks the warehouse for the report. It speaks to AWS's APIs only, through the AWS SDK. What it prints is
// the caller's: it hands out events and figures.
package run

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"penstock/internal/clock"
	"penstock/internal/killpoint"
	"penstock/internal/pipeline"
	"penstock/internal/pipeline/compile"
)

// A Runner runs one pipeline on one target.
type Runner struct {
	Spec      *pipeline.Spec
	Plan      *compile.Plan
	Machine   string // ARN of the state machine
	Workgroup string
	Database  string // of the warehouse that is asked; "" is the pipeline's
	Progress  Progress
	Kill      killpoint.Hook // for crash tests
	Changed   bool           // the stack was changed just now: an execution that runs is one of the former pipeline
	Asked     bool           // Execute has started an execution of its own, which knows the Ask

	s3     *s3.Client
	glue   *glue.Client
	states *sfn.Client
	data   *redshiftdata.Client
	logs   *cloudwatchlogs.Client
	sts    *sts.Client
	region string
	clock  clock.Clock
	log    *slog.Logger
}

// Progress is told what happens while it happens; the methods are called one at a time.
type Progress interface {
	// Landing is called before files are put, Landed after.
	Landing(source string, files int)
	Landed(source string, did Landed)
	// Began is called when a step begins, Ended when it ended well or, with err set, badly.
	Began(step compile.Step)
	Ended(step compile.Step, result StepResult, err error)
	// Run is called when the work on one run of the plan begins.
	Run(id string)
	// Filling is called before the steps that make a table from earlier runs.
	Filling(what Filled)
	// Attached is called when an execution was running already.
	Attached(execution string)
	// Note is told what a person should know though nothing failed.
	Note(text string)
}

// New returns a Runner for what cfg points at.
func New(cfg aws.Config, spec *pipeline.Spec, plan *compile.Plan, clk clock.Clock, log *slog.Logger) *Runner {
	return &Runner{
		Spec: spec, Plan: plan, clock: clk, log: log, region: cfg.Region,
		s3:     s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true }),
		glue:   glue.NewFromConfig(cfg),
		states: sfn.NewFromConfig(cfg),
		data:   redshiftdata.NewFromConfig(cfg),
		logs:   cloudwatchlogs.NewFromConfig(cfg),
		sts:    sts.NewFromConfig(cfg),
	}
}

// bucketName is the real name of one of the pipeline's buckets.
func (r *Runner) bucketName(ctx context.Context, key string) (string, error) {
	b, ok := r.Spec.Bucket(key)
	if !ok {
		return "", fmt.Errorf("the pipeline has no bucket %q", key)
	}
	if b.Name != "" {
		return b.Name, nil
	}
	out, err := r.sts.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return "", fmt.Errorf("ask who we are: %w", err)
	}
	return fmt.Sprintf("%s-%s-%s-%s", aws.ToString(out.Account), r.region, r.Spec.Name, key), nil
}

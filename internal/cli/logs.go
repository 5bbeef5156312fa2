package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/spf13/cobra"

	"penstock/internal/pipeline"
	"penstock/internal/pipeline/compile"
	"penstock/internal/pipeline/deploy"
	"penstock/internal/pipeline/run"
	"penstock/internal/server"
)

func (a *app) logsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "logs [EXECUTION [STEP]]",
		Short: "Print the merged log of every step of an execution",
		Long: "Prints, in the order of time, the states that an execution went through and what its jobs and crawlers logged.\n" +
			"EXECUTION is a name as \"penstock status\" prints it (default: the latest); STEP keeps the lines of states whose name has\n" +
			"that word in it.",
		Args: args(cobra.MaximumNArgs(2)),
		RunE: func(cmd *cobra.Command, list []string) (err error) {
			ctx := cmd.Context()
			s, r, err := a.deployed(ctx)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, s.close(ctx)) }()
			execution, err := pick(ctx, r, list)
			if err != nil {
				return err
			}
			lines, err := r.Logs(ctx, execution)
			if err != nil {
				return err
			}
			step := ""
			if len(list) > 1 {
				step = list[1]
			}
			return a.printLog(lines, step)
		},
	}
	cmd.Flags().StringVarP(&a.dir, "dir", "C", ".", "folder of the pipeline")
	return cmd
}

// pick finds the execution that was asked for, by its name or the end of it.
func pick(ctx context.Context, r *run.Runner, list []string) (string, error) {
	all, err := r.Executions(ctx, 100)
	if err != nil {
		return "", err
	}
	for _, e := range all {
		if len(list) == 0 || aws.ToString(e.Name) == list[0] || aws.ToString(e.ExecutionArn) == list[0] {
			return aws.ToString(e.ExecutionArn), nil
		}
	}
	if len(list) == 0 {
		return "", errors.New("the pipeline has not been run yet")
	}
	return "", fmt.Errorf("there is no execution %q; \"penstock status\" lists the latest", list[0])
}

func (a *app) printLog(lines []run.LogLine, step string) error {
	e := json.NewEncoder(a.stdout)
	e.SetEscapeHTML(false)
	for _, l := range lines {
		if !strings.Contains(strings.ToLower(l.Step), strings.ToLower(step)) {
			continue
		}
		if a.json {
			if err := e.Encode(map[string]any{"at": l.At, "step": l.Step, "message": l.Message}); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(a.stdout, "%s  %-20s  %s\n", l.At.Format("2006-01-02T15:04:05.000Z"), l.Step, strings.TrimRight(l.Message, "\n"))
	}
	return nil
}

// compiled reads and compiles the pipeline of the folder. What is asked of the runtime is asked in its region from then on.
func (a *app) compiled() (*pipeline.Spec, *compile.Plan, error) {
	spec, err := pipeline.Load(a.dir)
	if err != nil {
		return nil, nil, err
	}
	a.region = spec.Region()
	plan, err := compile.Compile(spec)
	return spec, plan, err
}

// deployed connects to the runtime and finds the pipeline's stack in it.
func (a *app) deployed(ctx context.Context) (*session, *run.Runner, error) {
	spec, plan, err := a.compiled()
	if err != nil {
		return nil, nil, err
	}
	if data, err := a.dataDir(); err != nil {
		return nil, nil, err
	} else if !server.Exists(data) {
		return nil, nil, fmt.Errorf("%w (there is no data directory %s)", deploy.ErrNotDeployed, data)
	}
	for {
		s, err := a.connect(ctx)
		if err != nil {
			return nil, nil, err
		}
		result, err := deploy.New(s.cfg, a.clock).Find(ctx, plan.Stack)
		if err != nil {
			again := s.gone(ctx)
			if err := errors.Join(err, s.close(ctx)); !again {
				return nil, nil, err
			}
			continue
		}
		r := run.New(s.cfg, spec, plan, a.clock, s.log)
		r.Machine, r.Workgroup = result.Machine, result.Workgroup
		return s, r, nil
	}
}

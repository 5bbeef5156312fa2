package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
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
		Use:   "logs [ID [STEP]]",
		Short: "Print the merged log of every step of an execution",
		Long: "Prints, in the order of time, the states that an execution went through and what its jobs and crawlers logged.\n\n" +
			"ID is the id of a run, as \"penstock run\" prints it (the latest execution that worked on it is meant), or the name of an\n" +
			"execution, as \"penstock status\" prints it; default: the latest execution. STEP keeps the lines of states whose name has\n" +
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
	a.folderFlag(cmd)
	return cmd
}

// pick finds the execution that was asked for: by its name, or by a run that it worked on.
func pick(ctx context.Context, r *run.Runner, list []string) (string, error) {
	if len(list) > 0 {
		found, err := r.FindExecution(ctx, list[0])
		if err == nil && found == "" {
			err = fmt.Errorf("there is no run and no execution %q; \"penstock status\" lists the latest executions", list[0])
		}
		return found, err
	}
	latest, err := r.Executions(ctx, 1)
	if err != nil {
		return "", err
	}
	if len(latest) == 0 {
		return "", errors.New("the pipeline has not been run yet")
	}
	return aws.ToString(latest[0].ExecutionArn), nil
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

// outlined reads of the pipeline of the folder what can be read, which is enough to ask about it; what is wrong in it is of no account.
func (a *app) outlined() (*pipeline.Spec, error) {
	spec, whole, err := pipeline.Outline(a.dir)
	if err != nil {
		return nil, err
	}
	if !whole {
		a.warn(filepath.Join(a.dir, pipeline.FileName) + " is no YAML now: what is asked is asked of the pipeline " + spec.Name +
			", and nothing is known of its sources and tables")
	}
	a.region = spec.Region()
	return spec, nil
}

// deployed connects to the runtime and finds the pipeline's stack in it.
func (a *app) deployed(ctx context.Context) (*session, *run.Runner, error) {
	spec, err := a.outlined()
	if err != nil {
		return nil, nil, err
	}
	if data, err := a.dataDir(); err != nil {
		return nil, nil, err
	} else if _, missing := os.Stat(data); missing != nil {
		return nil, nil, fmt.Errorf("%w (there is no data directory %s)", deploy.ErrNotDeployed, data)
	} else if !server.Exists(data) {
		return nil, nil, fmt.Errorf("%w (%s is no data directory of Penstock)", deploy.ErrNotDeployed, data)
	}
	var result deploy.Result
	s, err := a.asking(ctx, func(s *session) (err error) {
		result, err = deploy.New(s.cfg, a.clock).Find(ctx, compile.StackName(spec.Name))
		if errors.Is(err, deploy.ErrNotDeployed) {
			err = fmt.Errorf("%w (in the region %s)", err, s.cfg.Region)
		}
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	r := run.New(s.cfg, spec, nil, a.clock, s.log)
	r.Machine, r.Workgroup = result.Machine, result.Workgroup
	return s, r, nil
}

// asking connects and asks a first question; of the next server, or a runtime of its own, when the one that was asked has ended meanwhile.
func (a *app) asking(ctx context.Context, ask func(*session) error) (*session, error) {
	for {
		s, err := a.connect(ctx)
		if err != nil {
			return nil, err
		}
		if err = ask(s); err == nil {
			return s, nil
		}
		again := s.gone(ctx)
		if err := errors.Join(err, s.close(ctx)); !again {
			return nil, err
		}
	}
}

package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/spf13/cobra"

	"penstock/internal/pipeline/run"
	"penstock/internal/server"
)

func (a *app) statusCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "status [DIR]",
		Short: "Show how a pipeline stands: its server, its latest executions, its tables",
		Args:  args(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, list []string) (err error) {
			a.folder(list)
			ctx := cmd.Context()
			data, err := a.dataDir()
			if err != nil {
				return err
			}
			holder, held, err := server.Held(data, a.clock)
			if err != nil {
				return err
			}
			s, r, err := a.deployed(ctx)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, s.close(ctx)) }()
			st, err := a.state(ctx, r)
			if err != nil {
				return err
			}
			if held {
				st.Server = holder.Endpoint
			}
			return a.printState(st)
		},
	}
}

// state is what "status" prints.
type state struct {
	Pipeline   string           `json:"pipeline"`
	Server     string           `json:"server,omitempty"`
	Executions []executionState `json:"executions"`
	Tables     []tableState     `json:"tables"`
}

type executionState struct {
	Name    string    `json:"name"`
	Status  string    `json:"status"`
	Started time.Time `json:"started"`
	Seconds float64   `json:"seconds"`
	Cause   string    `json:"cause,omitempty"`
}

type tableState struct {
	Name       string  `json:"name"`
	Rows       string  `json:"rows"`
	LastLoaded *string `json:"last_loaded"`
}

func (a *app) state(ctx context.Context, r *run.Runner) (state, error) {
	st := state{Pipeline: r.Spec.Name, Executions: []executionState{}, Tables: []tableState{}}
	all, err := r.Executions(ctx, 5)
	if err != nil {
		return st, err
	}
	for _, e := range all {
		x := executionState{Name: aws.ToString(e.Name), Status: string(e.Status), Started: aws.ToTime(e.StartDate)}
		end := a.clock.Now()
		if e.StopDate != nil {
			end = *e.StopDate
		}
		x.Seconds = end.Sub(x.Started).Seconds()
		if e.Status == types.ExecutionStatusFailed {
			o, err := r.Describe(ctx, aws.ToString(e.ExecutionArn))
			if err != nil {
				return st, err
			}
			x.Cause = o.Failure().Error()
		}
		st.Executions = append(st.Executions, x)
	}
	if len(all) == 0 {
		return st, nil
	}
	for _, t := range r.Spec.Tables {
		if t.From == "" {
			continue
		}
		answer, err := r.Query(ctx, fmt.Sprintf("SELECT (SELECT count(*) FROM %s), (SELECT max(loaded_at) FROM penstock.loads WHERE target = '%s')", t.FullName(), t.FullName()))
		if err != nil {
			return st, fmt.Errorf("count %s: %w", t.FullName(), err)
		}
		if len(answer.Rows) == 1 && answer.Rows[0][0] != nil {
			st.Tables = append(st.Tables, tableState{t.FullName(), *answer.Rows[0][0], answer.Rows[0][1]})
		}
	}
	return st, nil
}

func (a *app) printState(st state) error {
	if a.json {
		e := json.NewEncoder(a.stdout)
		e.SetEscapeHTML(false)
		return e.Encode(st)
	}
	fmt.Fprintf(a.stdout, "pipeline: %s\n", st.Pipeline)
	if st.Server != "" {
		fmt.Fprintf(a.stdout, "server: %s\n", st.Server)
	} else {
		fmt.Fprintln(a.stdout, "server: none (commands host the runtime themselves)")
	}
	for _, e := range st.Executions {
		fmt.Fprintf(a.stdout, "execution %s: %s, started %s, %.1fs\n", e.Name, e.Status, e.Started.UTC().Format(time.RFC3339), e.Seconds)
		if e.Cause != "" {
			fmt.Fprintf(a.stdout, "  %s\n", strings.ReplaceAll(e.Cause, "\n", "\n  "))
		}
	}
	if len(st.Executions) == 0 {
		fmt.Fprintln(a.stdout, "not run yet")
	}
	for _, t := range st.Tables {
		loaded := "never"
		if t.LastLoaded != nil {
			loaded = *t.LastLoaded
		}
		fmt.Fprintf(a.stdout, "table %s: %s rows, last loaded %s\n", t.Name, t.Rows, loaded)
	}
	return nil
}

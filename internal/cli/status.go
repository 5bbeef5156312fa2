package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/spf13/cobra"

	"penstock/internal/pipeline"
	"penstock/internal/pipeline/run"
	"penstock/internal/server"
)

func (a *app) statusCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "status [DIR]",
		Short: "Show how a pipeline stands: its server, its latest executions, its tables; or a data directory",
		Long: "Shows how the deployed pipeline stands: the server of its data directory, landings that were interrupted, the five latest\n" +
			"executions with the cause of those that failed, and the rows of its warehouse tables. What is wrong in the pipeline's files is\n" +
			"listed, and stops nothing here.\n\n" +
			"In a folder without a pipeline it tells of the data directory (--data) what is of no pipeline: its server, what encrypts the\n" +
			"objects, and what the last scrub of the stored bytes found.",
		Args: args(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, list []string) (err error) {
			if err := a.folder(list); err != nil {
				return err
			}
			if data, err := a.dataDir(); err != nil {
				return err
			} else if server.Exists(data) && a.noPipeline() {
				return a.dataStatus(data)
			}
			return a.pipelineStatus(cmd.Context())
		},
	}
	a.folderFlag(cmd)
	return cmd
}

// noPipeline reports whether there is a folder, and no pipeline in it.
func (a *app) noPipeline() bool {
	info, err := os.Stat(a.dir)
	_, missing := os.Stat(filepath.Join(a.dir, pipeline.FileName))
	return err == nil && info.IsDir() && errors.Is(missing, fs.ErrNotExist)
}

// dataStatus tells of a data directory what is of no pipeline. It starts nothing.
func (a *app) dataStatus(data string) error {
	st := state{Data: data, Encryption: atRest, Landings: []string{}, Executions: []executionState{}, Tables: []tableState{}}
	holder, held, err := server.Held(data, a.clock)
	if err != nil {
		return err
	}
	if held {
		st.Server, st.Regions = holder.Endpoint, holder.Regions
	}
	if err := st.readScrub(data); err != nil {
		return err
	}
	return a.printState(st)
}

func (a *app) pipelineStatus(ctx context.Context) (err error) {
	s, r, err := a.deployed(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close(ctx)) }()
	st, err := a.state(ctx, r)
	if err != nil {
		return err
	}
	st.Problems = a.problems()
	if err := st.readScrub(s.data); err != nil {
		return err
	}
	if s.hosted == nil {
		st.Server, st.Regions = s.holder.Endpoint, s.holder.Regions
	} else {
		st.interrupt()
	}
	return a.printState(st)
}

// readScrub takes the result of the last scrub of a data directory, if there is one.
func (s *state) readScrub(data string) error {
	last, ok, err := server.LastScrub(data)
	if ok {
		s.Scrub = &last
	}
	return err
}

// interruptedStatus is the status of an execution that no runtime works on.
const interruptedStatus = "INTERRUPTED"

// interrupt corrects what a runtime says that runs for this question only: it goes on with an execution and is gone before that has ended.
func (s *state) interrupt() {
	for i, e := range s.Executions {
		if e.Status == string(types.ExecutionStatusRunning) {
			s.Executions[i].Status = interruptedStatus
		}
	}
}

// state is what "status" prints.
type state struct {
	Pipeline   string           `json:"pipeline,omitempty"` // "" where only the data directory is told of
	Data       string           `json:"data,omitempty"`     // the data directory, then
	Server     string           `json:"server,omitempty"`
	Regions    []string         `json:"regions,omitempty"`    // that it serves
	Landings   []string         `json:"interrupted_landings"` // sources
	Executions []executionState `json:"executions"`
	Tables     []tableState     `json:"tables"`
	Scrub      *server.Scrub    `json:"last_scrub,omitempty"`
	Encryption string           `json:"encryption"` // of objects at rest
	Problems   []string         `json:"problems,omitempty"`
}

// atRest is where the encryption rests that every object is answered with (SSE-S3).
const atRest = "as the disk of the data directory is (Penstock does not encrypt)"

type executionState struct {
	Name    string    `json:"name"`
	Status  string    `json:"status"`
	Started time.Time `json:"started"`
	Seconds float64   `json:"seconds"`
	Cause   string    `json:"cause,omitempty"`
}

type tableState struct {
	Name       string  `json:"name"`
	Rows       string  `json:"rows,omitempty"` // "" where it is not made yet
	LastLoaded *string `json:"last_loaded"`
}

func (a *app) state(ctx context.Context, r *run.Runner) (state, error) {
	st := state{Pipeline: r.Spec.Name, Encryption: atRest, Executions: []executionState{}, Tables: []tableState{}}
	landings, err := r.Interrupted(ctx)
	if err != nil {
		return st, err
	}
	st.Landings = landings
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
	st.Tables, err = tables(ctx, r)
	return st, err
}

// tables are those that the pipeline declares, as they stand in the warehouse.
func tables(ctx context.Context, r *run.Runner) (list []tableState, err error) {
	made, err := r.Query(ctx, "SELECT table_schema || '.' || table_name FROM svv_tables WHERE table_type = 'BASE TABLE'")
	if err != nil {
		return nil, fmt.Errorf("list the tables: %w", err)
	}
	for _, t := range r.Spec.Tables {
		switch {
		case t.From == "":
			continue
		case !slices.ContainsFunc(made.Rows, func(row []*string) bool { return aws.ToString(row[0]) == t.FullName() }):
			list = append(list, tableState{Name: t.FullName()})
			continue
		}
		answer, err := r.Query(ctx, fmt.Sprintf(
			"SELECT (SELECT count(*) FROM %s), (SELECT max(loaded_at) FROM penstock.loads WHERE target = '%s')", t.FullName(), t.FullName()))
		if err != nil {
			return nil, fmt.Errorf("count %s: %w", t.FullName(), err)
		}
		if len(answer.Rows) == 1 && answer.Rows[0][0] != nil {
			list = append(list, tableState{t.FullName(), *answer.Rows[0][0], answer.Rows[0][1]})
		}
	}
	return list, nil
}

// problems is what is wrong with the pipeline's files: it is no matter for what is deployed, and will stop the next run.
func (a *app) problems() (lines []string) {
	_, _, err := a.compiled()
	var list pipeline.Problems
	switch {
	case errors.As(err, &list):
		for _, p := range list {
			lines = append(lines, p.String())
		}
	case err != nil:
		lines = []string{err.Error()}
	}
	return lines
}

func (a *app) printState(st state) error {
	if a.json {
		e := json.NewEncoder(a.stdout)
		e.SetEscapeHTML(false)
		return e.Encode(st)
	}
	say := func(format string, args ...any) {
		fmt.Fprintln(a.stdout, wrap(fmt.Sprintf(format, args...), terminalWidth(a.stdout), "  "))
	}
	if st.Pipeline == "" {
		say("data directory: %s", st.Data)
	} else {
		say("pipeline: %s", st.Pipeline)
	}
	for _, p := range st.Problems {
		say("problem, to be mended before the next run: %s", p)
	}
	if st.Server != "" {
		say("server: %s, region %s", st.Server, strings.Join(st.Regions, ", "))
	} else {
		say("server: none (commands host the runtime themselves)")
	}
	switch {
	case st.Scrub == nil && st.Pipeline == "":
		say("stored bytes: not scrubbed yet (a server does that once a day, and \"%s\" when none runs)", a.command("scrub"))
	case st.Scrub != nil:
		say("stored bytes: %s, at %s", scrubLine(*st.Scrub), st.Scrub.Ended.Format(time.RFC3339))
		for _, r := range st.Scrub.Rotten {
			say("  rotten: s3://%s/%s version %s", r.Bucket, r.Key, r.Version)
		}
	}
	say("encryption at rest: %s", st.Encryption)
	for _, name := range st.Landings {
		say("landing %s: interrupted; to go on, type: %s", name, a.command("run"))
	}
	for _, e := range st.Executions {
		say("execution %s: %s, started %s, %.1fs", e.Name, e.Status, e.Started.UTC().Format(time.RFC3339), e.Seconds)
		if e.Status == interruptedStatus {
			say("  to go on, type: %s", a.command("run"))
		}
		if e.Cause != "" {
			say("  %s", strings.ReplaceAll(a.here(e.Cause), "\n", "\n  "))
		}
	}
	if len(st.Executions) == 0 && st.Pipeline != "" {
		say("not run yet")
	}
	for _, t := range st.Tables {
		if t.Rows == "" {
			say("table %s: not made yet; the next run makes it", t.Name)
			continue
		}
		loaded := "never"
		if t.LastLoaded != nil {
			loaded = *t.LastLoaded
		}
		say("table %s: %s rows, last loaded %s", t.Name, t.Rows, loaded)
	}
	return nil
}

package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"penstock/internal/pattern"
	"penstock/internal/pipeline"
	"penstock/internal/pipeline/run"
	"penstock/internal/server"
	"penstock/internal/sql/dialect"
	"penstock/internal/sql/lex"
	"penstock/internal/sql/parse"
)

type queryOptions struct{ workgroup, region, database string }

func (a *app) queryCommand() *cobra.Command {
	var opts queryOptions
	cmd := &cobra.Command{
		Use:   "query SQL",
		Short: "Ask the warehouse in Redshift's SQL",
		Long: "Sends SQL to the warehouse and prints its answer: a table, NULL as NULL; where the terminal is too narrow for it, a line a\n" +
			"column. With --json an object a row, columns in their order, numbers as numbers. Several statements, with ; between them, are\n" +
			"one transaction: all are done, or none; each answer is printed.\n\n" +
			"The warehouse is that of the pipeline in the folder; where there is none, the one of the data directory that \"penstock env\"\n" +
			"would name; with --workgroup or --region the one named.",
		Args: func(cmd *cobra.Command, list []string) error {
			if len(list) > 1 {
				return usageError{fmt.Errorf("the SQL is one argument, put it into quotes: penstock query %s",
					shellQuote(strings.Join(list, " ")))}
			}
			return args(cobra.ExactArgs(1))(cmd, list)
		},
		RunE: func(cmd *cobra.Command, list []string) error { return a.query(cmd.Context(), list[0], opts) },
	}
	a.folderFlag(cmd)
	cmd.Flags().StringVar(&opts.workgroup, "workgroup", "", "the workgroup to ask (default: the pipeline's)")
	cmd.Flags().StringVar(&opts.region, "region", "", "the region of the workgroup (default any)")
	cmd.Flags().StringVar(&opts.database, "database", "", "the database to ask (default: that of the workgroup's namespace)")
	return cmd
}

func (a *app) query(ctx context.Context, sql string, opts queryOptions) (err error) {
	list, err := statements(sql)
	if err != nil {
		return err
	}
	s, r, err := a.warehouse(ctx, opts)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close(ctx)) }()
	if len(list) == 1 {
		t, err := r.Query(ctx, list[0])
		if err != nil {
			return err
		}
		return a.printTable(t)
	}
	tables, err := r.QueryTogether(ctx, list)
	if err != nil {
		return err
	}
	printed := false
	for _, t := range tables {
		if printed && t.Columns != nil && !a.json {
			fmt.Fprintln(a.stdout)
		}
		printed = printed || t.Columns != nil
		if err := a.printTable(t); err != nil {
			return err
		}
	}
	return nil
}

// statements cuts SQL at its semicolons. What cannot be cut is left as it is: the warehouse says what is wrong with it.
func statements(sql string) ([]string, error) {
	pieces, err := parse.Split(sql, dialect.Redshift)
	if err != nil {
		return []string{sql}, nil
	}
	list := make([]string, len(pieces))
	for i, p := range pieces {
		list[i] = p.Text
	}
	if n := len(list); n > 2 && transaction(list[0]) == "begin" && transaction(list[n-1]) == "commit" {
		list = list[1 : n-1]
	}
	switch n := len(list); {
	case n == 0:
		return nil, usageError{errors.New("there is no statement in it: penstock query \"SELECT ...\"")}
	case slices.ContainsFunc(list, func(s string) bool { return transaction(s) != "" }):
		return nil, usageError{errors.New("the statements of one call are one transaction by themselves, and none goes on in the next: " +
			"leave BEGIN, COMMIT and ROLLBACK out, or use psql (penstock env)")}
	case n > run.MostTogether:
		return nil, usageError{fmt.Errorf("it takes %d statements at a time, and these are %d: ask in parts, or with psql (penstock env)",
			run.MostTogether, n)}
	case len(pieces) == 1:
		return []string{sql}, nil // as it was typed: places in errors are those of the whole
	}
	return list, nil
}

// transaction is "begin", "commit" or "rollback" for a statement that begins or ends a transaction; "" for another.
func transaction(sql string) string {
	toks, err := lex.Tokens(sql, dialect.Redshift)
	if err != nil || len(toks) == 0 || toks[0].Kind != lex.Word {
		return ""
	}
	switch toks[0].Text {
	case "begin", "start":
		return "begin"
	case "commit", "end":
		return "commit"
	case "rollback", "abort":
		return "rollback"
	}
	return ""
}

// warehouse connects to the warehouse that is asked.
func (a *app) warehouse(ctx context.Context, opts queryOptions) (*session, *run.Runner, error) {
	_, missing := os.Stat(filepath.Join(a.dir, pipeline.FileName))
	if opts.workgroup == "" && opts.region == "" && !errors.Is(missing, fs.ErrNotExist) {
		s, r, err := a.deployed(ctx)
		if err == nil {
			r.Database = opts.database
		}
		return s, r, err
	}
	data, err := a.dataDir()
	if err != nil {
		return nil, nil, err
	}
	if !server.Exists(data) {
		return nil, nil, fmt.Errorf("there is neither a %s in %s nor a data directory %s: name the pipeline's folder with -C, or the data "+
			"directory with --data", pipeline.FileName, a.dir, data)
	}
	var found place
	s, err := a.asking(ctx, func(s *session) (err error) {
		found, err = a.find(ctx, s.holder, s.creds, opts.region, opts.workgroup)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	r := run.New(found.cfg, nil, nil, a.clock, s.log)
	r.Workgroup, r.Database = found.name(), cmp.Or(opts.database, found.database)
	return s, r, nil
}

var flagWithValue = pattern.Lazy(`^--[a-z][a-z-]*=[^\n]*$`)

// sqlLast puts an argument of "query" that is SQL beginning with a comment (-- ...) behind a "--", so that it is not taken for a flag.
func sqlLast(args []string) []string {
	if len(args) == 0 || args[0] != "query" {
		return args
	}
	for i, arg := range args {
		if arg == "--" {
			return args
		}
		if strings.HasPrefix(arg, "--") && strings.ContainsAny(arg, " \t\n") && !flagWithValue().MatchString(arg) {
			rest := append(append([]string{}, args[:i]...), args[i+1:]...)
			return append(rest, "--", arg)
		}
	}
	return args
}

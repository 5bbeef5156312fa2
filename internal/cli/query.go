package cli

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"penstock/internal/pattern"
)

func (a *app) queryCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "query SQL",
		Short: "Ask the warehouse in Redshift's SQL",
		Long: "Sends one statement to the warehouse and prints its answer: a table, NULL as NULL; where the terminal is too narrow for it, a\n" +
			"line a column. With --json an object a row, columns in their order, numbers as numbers.",
		Args: args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, list []string) (err error) {
			ctx := cmd.Context()
			s, r, err := a.deployed(ctx)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, s.close(ctx)) }()
			t, err := r.Query(ctx, list[0])
			if err != nil {
				return err
			}
			return a.printTable(t)
		},
	}
	cmd.Flags().StringVarP(&a.dir, "dir", "C", ".", "folder of the pipeline")
	return cmd
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

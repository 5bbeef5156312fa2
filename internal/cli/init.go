package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"penstock/examples"
	"penstock/internal/server"
)

func (a *app) initCommand() *cobra.Command {
	rows := examples.SampleRows
	cmd := &cobra.Command{
		Use:   "init EXAMPLE [DIR]",
		Short: "Write an example pipeline with sample data",
		Long: "Writes an example pipeline into DIR (default: a folder of the example's name) with sample data, so that\n" +
			"\"penstock run\" works at once. Nothing is overwritten.\n\nExamples: " + strings.Join(examples.Names(), ", "),
		Args: args(cobra.RangeArgs(1, 2)),
		RunE: func(_ *cobra.Command, list []string) error {
			dir := list[0]
			if len(list) > 1 {
				dir = list[1]
			}
			if err := a.writeExample(list[0], dir, rows); err != nil {
				return err
			}
			fmt.Fprintf(a.stdout,
				"\nNext:\n  cd %s\n  penstock run\n  penstock query \"SELECT * FROM shop.revenue ORDER BY revenue DESC LIMIT 5\"\n", dir)
			return nil
		},
	}
	cmd.Flags().IntVar(&rows, "rows", rows, "rows of the sample")
	return cmd
}

func (a *app) writeExample(name, dir string, rows int) error {
	known := false
	for _, n := range examples.Names() {
		known = known || n == name
	}
	if !known {
		return usageError{fmt.Errorf("there is no example %q; there is: %s", name, strings.Join(examples.Names(), ", "))}
	}
	if err := examples.CheckRows(rows); err != nil {
		return usageError{err}
	}
	if err := server.Outside(dir); err != nil {
		return err
	}
	names, err := examples.Write(name, dir)
	if err != nil {
		return err
	}
	wrote, err := examples.Ignore(dir)
	if err != nil {
		return err
	}
	if wrote {
		names = append(names, ".gitignore")
	}
	for _, n := range names {
		fmt.Fprintln(a.stdout, filepath.Join(dir, filepath.FromSlash(n)))
	}
	sample := filepath.Join(dir, "sample")
	if _, err := os.Stat(sample); err == nil {
		return nil
	}
	files, err := examples.Generate(sample, rows)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "%s: %d files, %d rows\n", sample, files, rows)
	return nil
}

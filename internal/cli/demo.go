package cli

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"penstock/examples"
	"penstock/internal/pipeline"
)

func (a *app) demoCommand() *cobra.Command {
	var opts runOptions
	return &cobra.Command{
		Use:   "demo [DIR]",
		Short: "Run the bundled example from nothing",
		Long: "Writes the retail example with its sample data into DIR (default penstock-demo), deploys it and runs it. Called\n" +
			"again it finds nothing new. Delete the folder to start from nothing.",
		Args: args(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, list []string) error {
			a.dir = "penstock-demo"
			if len(list) > 0 {
				a.dir = list[0]
			}
			if _, err := os.Stat(filepath.Join(a.dir, pipeline.FileName)); err != nil {
				quiet := *a
				quiet.stdout = a.stderr
				if err := quiet.writeExample("retail", a.dir, examples.SampleRows); err != nil {
					return err
				}
			}
			if err := a.run(cmd.Context(), opts); err != nil {
				return err
			}
			if !a.json {
				fmt.Fprintf(a.stderr, "\nAsk it yourself:  penstock query -C %s \"SELECT * FROM shop.revenue ORDER BY revenue DESC LIMIT 5\"\n", a.dir)
			}
			return nil
		},
	}
}

package cli

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"penstock/internal/pipeline"
	"penstock/internal/pipeline/compile"
)

func (a *app) synthCommand() *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "synth [DIR]",
		Short: "Print the CloudFormation template of a pipeline",
		Long: "Prints the template that \"run\" deploys. With --out DIR it also writes the state machine and the assets that the template\n" +
			"expects in the bucket <account>-<region>-penstock-assets, so that the AWS CLI can deploy it:\n\n" +
			"  penstock synth --out build\n  aws s3 cp --recursive build/assets s3://<account>-<region>-penstock-assets/\n" +
			"  aws cloudformation deploy --template-file build/template.json --stack-name penstock-NAME --capabilities CAPABILITY_IAM",
		Args: args(cobra.MaximumNArgs(1)),
		RunE: func(_ *cobra.Command, list []string) error {
			if err := a.folder(list); err != nil {
				return err
			}
			spec, err := pipeline.Load(a.dir)
			if err != nil {
				return err
			}
			plan, err := compile.Compile(spec)
			if err != nil {
				return err
			}
			if out == "" {
				_, err = a.stdout.Write(plan.Template)
				return err
			}
			return a.writePlan(plan, out)
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "folder to write template.json, machine.json and assets/ into")
	a.folderFlag(cmd)
	return cmd
}

func (a *app) writePlan(plan *compile.Plan, out string) error {
	files := map[string][]byte{"template.json": plan.Template, "machine.json": plan.Machine}
	for _, asset := range plan.Assets {
		files[filepath.Join("assets", asset.Key)] = asset.Body
	}
	if err := os.MkdirAll(filepath.Join(out, "assets"), 0o777); err != nil {
		return err
	}
	for name, body := range files {
		if err := os.WriteFile(filepath.Join(out, name), body, 0o666); err != nil {
			return err
		}
	}
	fmt.Fprintf(a.stdout, "%s\n%s\n%s (%d files)\n", filepath.Join(out, "template.json"), filepath.Join(out, "machine.json"),
		filepath.Join(out, "assets"), len(plan.Assets))
	return nil
}

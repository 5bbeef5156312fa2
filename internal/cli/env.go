package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"strings"

	"github.com/spf13/cobra"

	"penstock/internal/server"
)

func (a *app) envCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "env [DIR]",
		Short: "Print the exports that point other clients at the runtime",
		Long:  "Prints shell exports for the AWS CLI, boto3, Terraform, psql and others:  eval \"$(penstock env)\"",
		Args:  args(cobra.MaximumNArgs(1)),
		RunE: func(_ *cobra.Command, list []string) error {
			a.folder(list)
			data, err := a.dataDir()
			if err != nil {
				return err
			}
			creds, err := server.ReadCredentials(data)
			if errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("no runtime has been started in %s yet: \"penstock serve\" makes the keys", data)
			}
			if err != nil {
				return err
			}
			holder, held, err := server.Held(data, a.clock)
			if err != nil {
				return err
			}
			if !held {
				return fmt.Errorf("no server runs on %s; start one with: penstock serve --data %s", data, data)
			}
			return a.exports(holder, creds)
		},
	}
	return cmd
}

// exports prints the variables for a shell, or with --json as one object.
func (a *app) exports(h server.Holder, c server.Credentials) error {
	host, port, err := net.SplitHostPort(h.Warehouse)
	if err != nil {
		host, port = h.Warehouse, ""
	}
	object := map[string]string{}
	for _, v := range [][2]string{
		{"AWS_ENDPOINT_URL", h.Endpoint}, {"AWS_ACCESS_KEY_ID", c.AccessKeyID}, {"AWS_SECRET_ACCESS_KEY", c.SecretAccessKey},
		{"AWS_REGION", Region}, {"AWS_DEFAULT_REGION", Region},
		{"PGHOST", host}, {"PGPORT", port}, {"PGUSER", c.User}, {"PGPASSWORD", c.Password}, {"PGDATABASE", "dev"},
	} {
		object[v[0]] = v[1]
		if !a.json {
			fmt.Fprintf(a.stdout, "export %s=%s\n", v[0], shellQuote(v[1]))
		}
	}
	if !a.json {
		return nil
	}
	return json.NewEncoder(a.stdout).Encode(object)
}

func shellQuote(s string) string {
	if strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"penstock/internal/certs"
	"penstock/internal/server"
)

func (a *app) envCommand() *cobra.Command {
	var workgroup, region string
	cmd := &cobra.Command{
		Use:   "env [DIR]",
		Short: "Print the exports that point other clients at the runtime",
		Long: "Prints shell exports for the AWS CLI, boto3, Terraform, psql and others:  eval \"$(penstock env)\"\n\n" +
			"The variables PG... are of one workgroup: the one at the port of \"serve --warehouse-listen\", or the one named, or of the region\n" +
			"that is named the only one. PGUSER is the administrator of its namespace. PGPASSWORD is left out where that password was given\n" +
			"by whoever made the namespace.\n\n" +
			"AWS_REGION is the region named, or that of the workgroup named, or else the first that the server serves; where it serves several,\n" +
			"PENSTOCK_REGIONS names them all.",
		Args: args(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, list []string) error {
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
			if region != "" && !slices.Contains(holder.Regions, region) {
				return usageError{fmt.Errorf("the server at %s serves %s, and not %q", holder.Endpoint, strings.Join(holder.Regions, ", "), region)}
			}
			login, err := a.login(cmd.Context(), holder, creds, region, workgroup)
			if err != nil {
				return err
			}
			return a.exports(holder, creds, login)
		},
	}
	cmd.Flags().StringVar(&region, "region", "", "the region that AWS_REGION and the workgroup are of (default the first that is served)")
	cmd.Flags().StringVar(&workgroup, "workgroup", "", "the workgroup that PGHOST, PGPORT, PGUSER, PGPASSWORD and PGDATABASE are of")
	return cmd
}

// A variable is one that is exported.
type variable struct{ name, value string }

// exports prints the variables for a shell, or with --json as one object.
func (a *app) exports(h server.Holder, c server.Credentials, l login) error {
	vars := []variable{
		{"AWS_ENDPOINT_URL", h.Endpoint}, {"AWS_ACCESS_KEY_ID", c.AccessKeyID}, {"AWS_SECRET_ACCESS_KEY", c.SecretAccessKey},
		{"AWS_REGION", l.region}, {"AWS_DEFAULT_REGION", l.region},
	}
	if l.host != "" {
		vars = append(vars, variable{"PGHOST", l.host}, variable{"PGPORT", l.port}, variable{"PGUSER", l.user})
	}
	if l.region != "us-east-1" { // rclone signs for that one, whatever AWS_REGION says
		vars = append(vars, variable{"RCLONE_S3_REGION", l.region})
	}
	if len(h.Regions) > 1 {
		vars = append(vars, variable{"PENSTOCK_REGIONS", strings.Join(h.Regions, ",")})
	}
	if l.password != "" {
		vars = append(vars, variable{"PGPASSWORD", l.password})
	}
	if l.host != "" {
		vars = append(vars, variable{"PGDATABASE", l.database})
	}
	trust, note := a.trusts(h, l)
	vars = append(vars, trust...)
	if a.json {
		object := map[string]string{}
		for _, v := range vars {
			object[v.name] = v.value
		}
		a.warn(l.warning, note)
		return json.NewEncoder(a.stdout).Encode(object)
	}
	for _, v := range vars {
		fmt.Fprintf(a.stdout, "export %s=%s\n", v.name, shellQuote(v.value))
	}
	if l.note != "" {
		fmt.Fprintln(a.stdout, "# "+l.note)
	}
	a.warn(l.warning, note)
	return nil
}

// warn says on stderr, where eval leaves it, what the variables cannot.
func (a *app) warn(texts ...string) {
	for _, t := range texts {
		if t != "" {
			fmt.Fprintln(a.stderr, wrap("penstock: "+t, terminalWidth(a.stderr), "  "))
		}
	}
}

// trusts are the variables by which clients trust the server's certificate, without trusting anything less than before: PGSSLROOTCERT is
// read by libpq and pgx, NODE_EXTRA_CA_CERTS adds to what Node.js trusts, AWS_CA_BUNDLE is read by AWS's clients only, which
// AWS_ENDPOINT_URL points here. SSL_CERT_FILE, which redshift_connector, dbt, Go and OpenSSL read, takes the place of everything that they
// trusted: it gets a file that holds that too, and is not touched when it is set already.
func (a *app) trusts(h server.Holder, l login) (vars []variable, note string) {
	t := h.TLS
	if t.File == "" {
		return nil, ""
	}
	vars = []variable{{"PGSSLROOTCERT", t.File}, {"NODE_EXTRA_CA_CERTS", t.File}}
	if l.host != "" {
		vars = append(vars, variable{"PENSTOCK_JDBC_URL",
			"jdbc:redshift://" + net.JoinHostPort(l.host, l.port) + "/" + l.database + ";sslrootcert=" + t.File})
	}
	if strings.HasPrefix(h.Endpoint, "https://") {
		vars = append(vars, variable{"AWS_CA_BUNDLE", t.File})
	}
	switch set := a.getenv("SSL_CERT_FILE"); {
	case t.Bundle != "" && (set == "" || set == t.Bundle || certs.OfSystem(set)):
		vars = append(vars, variable{"SSL_CERT_FILE", t.Bundle})
	case set != "":
		note = "SSL_CERT_FILE is " + set + " and stays; for redshift_connector and dbt it must hold the certificate in " + t.File + " too"
	default:
		note = "this system keeps its trusted certificates in no file: for redshift_connector and dbt set SSL_CERT_FILE to " + t.File
	}
	return vars, note
}

func shellQuote(s string) string {
	if strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

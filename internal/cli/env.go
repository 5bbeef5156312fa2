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

const envName = "env"

// failEval makes eval "$(penstock env)" fail: the exit code of a command in $(...) is lost there, and of no output eval makes a success.
func (a *app) failEval() {
	if !isTerminal(a.stdout) {
		fmt.Fprintln(a.stdout, "false # penstock env has failed: nothing is exported")
	}
}

func (a *app) envCommand() *cobra.Command {
	var workgroup, region string
	cmd := &cobra.Command{
		Use:   envName + " [DIR]",
		Short: "Print the exports that point other clients at the runtime",
		Long: "Prints shell exports for the AWS CLI, boto3, Terraform, psql and others:  eval \"$(penstock env)\"\n\n" +
			"The variables PG... are of one workgroup: the one at the port of \"serve --warehouse-listen\", or the one named, or of the region\n" +
			"that is named the only one. PGUSER is the administrator of its namespace. PGPASSWORD is left out where that password was given\n" +
			"by whoever made the namespace.\n\n" +
			"AWS_REGION is the region named, or that of the workgroup named, or else the first that the server serves; where it serves several,\n" +
			"PENSTOCK_REGIONS names them all.\n\n" +
			"What the shell has from another server (\"penstock env\" of another data directory) and this one does not need is unset, and so are\n" +
			"AWS_SESSION_TOKEN and AWS_PROFILE. SSL_CERT_FILE and NODE_EXTRA_CA_CERTS stay where they are files of your own.\n\n" +
			"Without a server it says why on stderr, and prints \"false\" for eval, which would not know that it failed: a script with set -e,\n" +
			"or eval \"$(penstock env)\" && ..., stops before it goes on to AWS itself with your own keys. Nothing is set or unset then, and\n" +
			"--json prints nothing.",
		Args: args(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, list []string) error {
			if err := a.folder(list); err != nil {
				return err
			}
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
			login, err := a.login(cmd.Context(), holder, creds, region, workgroup)
			if err != nil {
				return err
			}
			return a.exports(holder, creds, login)
		},
	}
	cmd.Flags().StringVar(&region, "region", "", "the region that AWS_REGION and the workgroup are of (default the first that is served)")
	cmd.Flags().StringVar(&workgroup, "workgroup", "", "the workgroup that PGHOST, PGPORT, PGUSER, PGPASSWORD and PGDATABASE are of")
	a.folderFlag(cmd)
	return cmd
}

// A variable is one that is exported, or with value "" one that must not be there.
type variable struct{ name, value string }

// exports prints the variables for a shell, or with --json as one object, in which null is what must not be there.
func (a *app) exports(h server.Holder, c server.Credentials, l login) error {
	vars := []variable{
		{"AWS_ENDPOINT_URL", h.Endpoint}, {"AWS_ACCESS_KEY_ID", c.AccessKeyID}, {"AWS_SECRET_ACCESS_KEY", c.SecretAccessKey},
		{"AWS_SESSION_TOKEN", ""}, {"AWS_PROFILE", ""}, {"AWS_REGION", l.region}, {"AWS_DEFAULT_REGION", l.region},
		{"RCLONE_S3_REGION", ""}, {"RCLONE_S3_LOCATION_CONSTRAINT", ""}, {"PENSTOCK_REGIONS", ""},
		{"PGHOST", l.host}, {"PGPORT", l.port}, {"PGUSER", l.user}, {"PGPASSWORD", l.password}, {"PGDATABASE", l.database},
	}
	set := func(name, value string) {
		vars[slices.IndexFunc(vars, func(v variable) bool { return v.name == name })].value = value
	}
	if l.region != "us-east-1" { // rclone signs for that one and makes buckets without a location, whatever AWS_REGION says
		set("RCLONE_S3_REGION", l.region)
		set("RCLONE_S3_LOCATION_CONSTRAINT", l.region)
	}
	if len(h.Regions) > 1 {
		set("PENSTOCK_REGIONS", strings.Join(h.Regions, ","))
	}
	trust, note := a.trusts(h, l)
	vars = slices.DeleteFunc(append(vars, trust...), func(v variable) bool { return v.value == "" && a.getenv(v.name) == "" })
	a.warn(append(strings.Split(note, "\n"), l.warning)...)
	if a.json {
		object := map[string]*string{}
		for _, v := range vars {
			if object[v.name] = nil; v.value != "" {
				object[v.name] = &v.value
			}
		}
		return json.NewEncoder(a.stdout).Encode(object)
	}
	for _, v := range vars {
		if v.value == "" {
			fmt.Fprintf(a.stdout, "unset %s\n", v.name)
			continue
		}
		fmt.Fprintf(a.stdout, "export %s=%s\n", v.name, shellQuote(v.value))
	}
	if l.note != "" {
		fmt.Fprintln(a.stdout, "# "+l.note)
	}
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
// read by libpq and pgx, AWS_CA_BUNDLE by AWS's clients only, which AWS_ENDPOINT_URL points here. NODE_EXTRA_CA_CERTS adds to what Node.js
// trusts. SSL_CERT_FILE, which redshift_connector, dbt, Go and OpenSSL read, takes the place of everything that they trusted: it gets a
// file that holds that too. Neither of the two is touched when it is a file of the user's own. What another data directory's server was
// trusted by is replaced, or goes where this one needs nothing.
func (a *app) trusts(h server.Holder, l login) (vars []variable, note string) {
	t := h.TLS
	vars = []variable{{"PGSSLROOTCERT", t.File}, {"NODE_EXTRA_CA_CERTS", t.File}, {"PENSTOCK_JDBC_URL", ""}, {"AWS_CA_BUNDLE", ""},
		{"SSL_CERT_FILE", t.Bundle}}
	if t.Bundle != "" && certs.OfSystem(a.getenv("NODE_EXTRA_CA_CERTS")) {
		vars[1].value = t.Bundle
	}
	if t.File != "" && l.host != "" {
		vars[2].value = "jdbc:redshift://" + net.JoinHostPort(l.host, l.port) + "/" + l.database + ";sslrootcert=" + t.File
	}
	if strings.HasPrefix(h.Endpoint, "https://") {
		vars[3].value = t.File
	}
	var notes []string
	for _, v := range [][2]string{{"NODE_EXTRA_CA_CERTS", "Node.js"}, {"SSL_CERT_FILE", "redshift_connector and dbt"}} {
		set := a.getenv(v[0])
		if set == "" || certs.OfAuthority(set) || t.Bundle != "" && certs.OfSystem(set) {
			continue
		}
		vars = slices.DeleteFunc(vars, func(x variable) bool { return x.name == v[0] })
		if t.File != "" {
			notes = append(notes, v[0]+" is "+set+" and stays; for "+v[1]+" it must hold the certificate in "+t.File+" too")
		}
	}
	if t.File != "" && t.Bundle == "" && a.getenv("SSL_CERT_FILE") == "" {
		notes = append(notes, "this system keeps its trusted certificates in no file: for redshift_connector and dbt set SSL_CERT_FILE to "+
			t.File)
	}
	return slices.DeleteFunc(vars, func(v variable) bool {
		set := a.getenv(v.name)
		return v.value == "" && v.name != "PENSTOCK_JDBC_URL" && (set == "" || !certs.OfAuthority(set))
	}), strings.Join(notes, "\n")
}

func shellQuote(s string) string {
	if strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

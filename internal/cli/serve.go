package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"penstock/internal/server"
)

func (a *app) serveCommand() *cobra.Command {
	http, warehouse := "127.0.0.1:4580", "127.0.0.1:5439"
	var secure bool
	var cert, key, account, regions, master string
	cmd := &cobra.Command{
		Use:   "serve [DIR]",
		Short: "Run the runtime until it is interrupted",
		Long: "Serves S3, Glue, Redshift, Step Functions, CloudFormation, IAM, STS, SSM parameters, CloudWatch, Logs and SNS on one HTTP\n" +
			"port, and the warehouse's PostgreSQL protocol on another, both on the loopback interface unless told otherwise. DIR is the\n" +
			"folder whose .penstock is the data directory (see --data).\n\n" +
			"The warehouse offers TLS to clients that ask for it; --tls makes the HTTP port speak TLS only. The certificate is signed by\n" +
			"an authority that the data directory's first start makes (tls/ca.crt there, what \"penstock env\" lets clients trust), or is\n" +
			"your own (--tls-cert, --tls-key).\n\n" +
			"Each region of --region has resources of its own, which requests choose by the region that they are signed for; buckets, roles and\n" +
			"keys are the account's. What lies in a region that is not served now is kept until it is served again.",
		Args: args(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, list []string) error {
			if err := a.folder(list); err != nil {
				return err
			}
			data, err := a.dataDir()
			if err != nil {
				return err
			}
			opts, err := a.serverOptions(data, http, warehouse, cmp.Or(regions, a.getenv("PENSTOCK_REGION")), a.logger(a.stderr, slog.LevelWarn))
			if err != nil {
				return err
			}
			opts.TLS, opts.DefaultWorkgroup, opts.Scripts.Master = secure, true, master
			if account != "" {
				opts.Account = account
			}
			if opts.TLSCert, opts.TLSKey, err = absolute(cert, key); err != nil {
				return err
			}
			srv, err := openServer(cmd.Context(), opts)
			if err != nil {
				return err
			}
			if err := a.banner(cmd.Context(), srv, data); err != nil {
				return errors.Join(err, srv.Close())
			}
			return errors.Join(srv.Run(cmd.Context()), srv.Close())
		},
	}
	cmd.Flags().StringVar(&http, "listen", http, "address of the HTTP port; port 0 picks a free one")
	cmd.Flags().StringVar(&warehouse, "warehouse-listen", warehouse, "address of the warehouse's port; port 0 picks a free one")
	cmd.Flags().StringVar(&account, "account", "",
		"number of the account, 12 digits (default $PENSTOCK_ACCOUNT, else 000000000000); the first start fixes it")
	cmd.Flags().StringVar(&regions, "region", "",
		"region to serve, or several, the usual one first: us-east-1,eu-west-1 (default $PENSTOCK_REGION, else us-east-1)")
	cmd.Flags().BoolVar(&secure, "tls", false, "serve AWS clients by TLS only; the endpoint is then an https one")
	cmd.Flags().StringVar(&cert, "tls-cert", "",
		"certificate to show, with its chain (PEM), in place of the one of the data directory's own authority")
	cmd.Flags().StringVar(&key, "tls-key", "", "the key of --tls-cert (PEM)")
	a.folderFlag(cmd)
	cmd.Flags().StringVar(&master, "spark-master", "",
		"Spark cluster that runs the scripts of Spark jobs: spark://host:port (default: this machine)")
	return cmd
}

// absolute makes the names of two files good for processes in any folder; "" stays.
func absolute(a, b string) (string, string, error) {
	for _, name := range []*string{&a, &b} {
		if *name == "" {
			continue
		}
		full, err := filepath.Abs(*name)
		if err != nil {
			return "", "", err
		}
		*name = full
	}
	return a, b, nil
}

// banner says where the runtime is and how clients reach it. It prints no secret: those are in the credentials file.
func (a *app) banner(ctx context.Context, srv *server.Server, data string) error {
	vacant, err := srv.Vacant(ctx)
	if err != nil {
		return err
	}
	at := "postgresql://" + srv.Credentials().User + "@" + srv.Warehouse() + "/dev"
	if vacant {
		at = "none at " + srv.Warehouse() + ": no workgroup listens there (penstock env says how to make one)"
	}
	fmt.Fprintf(a.stdout, "AWS endpoint  %s\n", srv.Endpoint())
	fmt.Fprintf(a.stdout, "warehouse     %s\n", at)
	fmt.Fprintf(a.stdout, "region        %s\n", strings.Join(srv.Holder().Regions, ", "))
	fmt.Fprintf(a.stdout, "data          %s (keys and password: credentials)\n", data)
	fmt.Fprintf(a.stdout, "clients       eval \"$(penstock env --data %s)\"\n", data)
	fmt.Fprintln(a.stdout, "Interrupt to stop.")
	return nil
}

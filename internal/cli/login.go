package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/redshiftserverless"
	"github.com/aws/aws-sdk-go-v2/service/redshiftserverless/types"
	"github.com/jackc/pgx/v5/pgconn"

	"penstock/internal/server"
)

// A login is how a PostgreSQL client reaches a workgroup.
type login struct {
	host, port, user, database string
	password                   string // "" when only the namespace's maker knows it
	note                       string // whose it is
	warning                    string // what the variables cannot do
}

// login describes a workgroup; "" is the one at the warehouse's port.
func (a *app) login(ctx context.Context, h server.Holder, c server.Credentials, workgroup string) (login, error) {
	l := login{user: c.User, database: "dev"}
	l.host, l.port = hostPort(h.Warehouse)
	client, group, err := anyWorkgroup(ctx, h, c, workgroup, l.port)
	if err != nil {
		return l, err
	}
	if group == nil && workgroup != "" {
		return l, fmt.Errorf("there is no workgroup %q", workgroup)
	}
	if group == nil {
		l.password = c.Password
		l.warning = "no workgroup listens at " + h.Warehouse +
			" now; the password is that of one whose namespace is made without a password of its own"
		return l, nil
	}
	out, err := client.GetNamespace(ctx, &redshiftserverless.GetNamespaceInput{NamespaceName: group.NamespaceName})
	if err != nil {
		return l, err
	}
	if group.Endpoint != nil && group.Endpoint.Port != nil {
		l.port = strconv.Itoa(int(*group.Endpoint.Port))
	}
	l.user, l.database = aws.ToString(out.Namespace.AdminUsername), aws.ToString(out.Namespace.DbName)
	l.try(ctx, aws.ToString(group.WorkgroupName), aws.ToString(group.NamespaceName), c.Password)
	return l, nil
}

// anyWorkgroup looks for a workgroup in all regions, in their order.
func anyWorkgroup(ctx context.Context, h server.Holder, c server.Credentials, name, port string) (
	client *redshiftserverless.Client, group *types.Workgroup, err error) {
	for _, region := range h.Regions {
		cfg, err := config(h, c, region)
		if err != nil {
			return nil, nil, err
		}
		client = redshiftserverless.NewFromConfig(cfg)
		if group, err = findWorkgroup(ctx, client, name, port); err != nil || group != nil {
			return client, group, err
		}
	}
	return client, nil, nil
}

// findWorkgroup finds a workgroup by its name, or without one by its port; nil when there is none.
func findWorkgroup(ctx context.Context, client *redshiftserverless.Client, name, port string) (*types.Workgroup, error) {
	pages := redshiftserverless.NewListWorkgroupsPaginator(client, &redshiftserverless.ListWorkgroupsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, g := range page.Workgroups {
			at := g.Endpoint != nil && g.Endpoint.Port != nil && strconv.Itoa(int(*g.Endpoint.Port)) == port
			if name != "" && aws.ToString(g.WorkgroupName) == name || name == "" && at {
				return &g, nil
			}
		}
	}
	return nil, nil
}

// patience of an attempt to log in: a warehouse that was just made is starting.
const loginTime = 20 * time.Second

// try logs in with the installation's password, which is the administrator's where none was given,
// and until it is changed: only the warehouse knows.
func (l *login) try(ctx context.Context, workgroup, namespace, password string) {
	ctx, cancel := context.WithTimeout(ctx, loginTime)
	defer cancel()
	u := url.URL{Scheme: "postgres", User: url.UserPassword(l.user, password), Host: net.JoinHostPort(l.host, l.port), Path: l.database,
		RawQuery: "sslmode=disable"}
	conn, err := pgconn.Connect(ctx, u.String())
	var said *pgconn.PgError
	whose := fmt.Sprintf("%s, the administrator of namespace %s (workgroup %s)", l.user, namespace, workgroup)
	switch {
	case err == nil:
		_ = conn.Close(ctx)
		l.password, l.note = password, "PGPASSWORD is that of "+whose+": this data directory's own, made at its first start"
	case errors.As(err, &said) && (said.Code == "28000" || said.Code == "28P01"):
		l.warning = "the password of " + whose +
			" was given by whoever made the namespace or changed it; it is kept only in a form that cannot be told, so set PGPASSWORD yourself"
	default:
		l.password = password
		l.warning = fmt.Sprintf("whether PGPASSWORD is the password of %s could not be tried: %v", whose, err)
	}
}

func hostPort(address string) (host, port string) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return address, ""
	}
	return host, port
}

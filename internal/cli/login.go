package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/redshiftserverless"
	"github.com/aws/aws-sdk-go-v2/service/redshiftserverless/types"
	"github.com/jackc/pgx/v5/pgconn"

	"penstock/internal/server"
)

// A login is how a PostgreSQL client reaches a workgroup.
type login struct {
	region                     string // the workgroup's
	host, port, user, database string
	password                   string // "" when only the namespace's maker knows it
	note                       string // whose it is
	warning                    string // what the variables cannot do
}

// login describes a workgroup: the named one, or else the one at the warehouse's port, or the only one of a region. region is "" for any.
func (a *app) login(ctx context.Context, h server.Holder, c server.Credentials, region, workgroup string) (login, error) {
	l := login{user: c.User, database: "dev", region: cmp.Or(region, h.Regions[0])}
	l.host, l.port = hostPort(h.Warehouse)
	found, err := workgroups(ctx, h, c, region, workgroup)
	if err != nil {
		return l, err
	}
	at, err := choose(found, workgroup, l.port, region != "")
	switch {
	case err != nil:
		return l, err
	case at == nil && workgroup != "":
		return l, fmt.Errorf("there is no workgroup %q in %s", workgroup, cmp.Or(region, strings.Join(h.Regions, ", ")))
	case at == nil && region != "" && region != h.Regions[0]:
		l.host, l.port, l.warning = "", "", "the region "+region+" has no workgroup yet, so PGHOST, PGPORT and PGPASSWORD are left out"
		return l, nil
	case at == nil:
		l.password = c.Password
		l.warning = "no workgroup listens at " + h.Warehouse +
			" now; the password is that of one whose namespace is made without a password of its own"
		return l, nil
	}
	out, err := at.client.GetNamespace(ctx, &redshiftserverless.GetNamespaceInput{NamespaceName: at.NamespaceName})
	if err != nil {
		return l, err
	}
	l.port, l.region = cmp.Or(at.port(), l.port), at.region
	l.user, l.database = aws.ToString(out.Namespace.AdminUsername), aws.ToString(out.Namespace.DbName)
	l.try(ctx, aws.ToString(at.WorkgroupName), aws.ToString(at.NamespaceName), c.Password)
	return l, nil
}

// A located workgroup is one with its region and a client of that.
type located struct {
	types.Workgroup
	region string
	client *redshiftserverless.Client
}

// port is where it listens, "" while it does not.
func (l *located) port() string {
	if l.Endpoint == nil || l.Endpoint.Port == nil {
		return ""
	}
	return strconv.Itoa(int(*l.Endpoint.Port))
}

// workgroups are all of a region, or of all regions in their order; with a name only those of that name.
func workgroups(ctx context.Context, h server.Holder, c server.Credentials, only, name string) (found []located, err error) {
	for _, region := range h.Regions {
		if only != "" && region != only {
			continue
		}
		cfg, err := config(h, c, region)
		if err != nil {
			return nil, err
		}
		client := redshiftserverless.NewFromConfig(cfg)
		pages := redshiftserverless.NewListWorkgroupsPaginator(client, &redshiftserverless.ListWorkgroupsInput{})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, err
			}
			for _, g := range page.Workgroups {
				if name == "" || aws.ToString(g.WorkgroupName) == name {
					found = append(found, located{g, region, client})
				}
			}
		}
	}
	return found, nil
}

// choose finds the workgroup that is meant, nil when there is none: the one that was named, the one at the warehouse's port, or, of a
// region that was named, the only one.
func choose(found []located, name, port string, regional bool) (*located, error) {
	for i := range found {
		if name == "" && found[i].port() == port {
			return &found[i], nil
		}
	}
	switch {
	case len(found) == 0 || name == "" && !regional:
		return nil, nil
	case len(found) == 1:
		return &found[0], nil
	}
	names := make([]string, len(found))
	for i := range found {
		if names[i] = found[i].region; name == "" {
			names[i] = aws.ToString(found[i].WorkgroupName)
		}
	}
	all := strings.Join(names, ", ")
	if name != "" {
		return nil, fmt.Errorf("there is a workgroup %s in each of %s: say which with --region", name, all)
	}
	return nil, fmt.Errorf("the region %s has several workgroups (%s): say which with --workgroup", found[0].region, all)
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

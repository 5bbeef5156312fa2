package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/redshiftserverless"
	"github.com/aws/aws-sdk-go-v2/service/redshiftserverless/types"
	"github.com/jackc/pgx/v5/pgconn"

	"penstock/internal/pipeline"
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

// A vacant is the error of a data directory in which nothing can be chosen.
type vacant struct {
	at        string   // the warehouse's port
	others    []string // workgroups at ports of their own
	namespace string   // one without a workgroup, "" for none
}

// Error implements error.
func (v *vacant) Error() string {
	if len(v.others) > 0 {
		return fmt.Sprintf("no workgroup listens at %s; name one that does elsewhere with --workgroup: %s", v.at, strings.Join(v.others, ", "))
	}
	name := cmp.Or(v.namespace, "default")
	command := "aws redshift-serverless create-workgroup --workgroup-name " + name + " --namespace-name " + name
	if v.namespace == "" {
		command = "aws redshift-serverless create-namespace --namespace-name " + name + " && " + command
	}
	return "there is no workgroup, so no warehouse answers at " + v.at + ": \"penstock run\" makes a pipeline's. " +
		"To make one without a pipeline, type: " + command
}

// A place is a workgroup as it is asked.
type place struct {
	*located
	user     string // the administrator of its namespace
	database string // the namespace's first
}

// find finds a workgroup: the named one, or else the one at the warehouse's port, or the only one of a region, or the only one that there
// is. region is "" for any.
func (a *app) find(ctx context.Context, h server.Holder, c server.Credentials, region, name string) (place, error) {
	if region != "" && !slices.Contains(h.Regions, region) {
		return place{}, usageError{fmt.Errorf("the server at %s serves %s, and not %q", h.Endpoint, strings.Join(h.Regions, ", "), region)}
	}
	found, err := workgroups(ctx, h, c, region, name)
	if err != nil {
		return place{}, err
	}
	_, port := hostPort(h.Warehouse)
	at, err := choose(found, name, port, region != "")
	if err == nil && at == nil {
		err = a.missing(ctx, h, c, region, name)
	}
	if err != nil {
		return place{}, err
	}
	out, err := at.client.GetNamespace(ctx, &redshiftserverless.GetNamespaceInput{NamespaceName: at.NamespaceName})
	if err != nil {
		return place{}, err
	}
	return place{at, aws.ToString(out.Namespace.AdminUsername), aws.ToString(out.Namespace.DbName)}, nil
}

// errRegion is the error of a region that has no workgroup.
type errRegion string

// Error implements error.
func (e errRegion) Error() string { return "the region " + string(e) + " has no workgroup yet" }

// missing says what there is in place of the workgroup that was looked for.
func (a *app) missing(ctx context.Context, h server.Holder, c server.Credentials, region, name string) error {
	all, err := workgroups(ctx, h, c, region, "")
	if err != nil {
		return err
	}
	names := make([]string, len(all))
	for i := range all {
		names[i] = all[i].name()
	}
	switch {
	case name != "":
		hint := ""
		if w := pipeline.Nearest(name, names); w != "" {
			hint = fmt.Sprintf("; did you mean %q?", w)
		} else if len(names) > 0 {
			hint = "; there are: " + strings.Join(names, ", ")
		}
		return fmt.Errorf("there is no workgroup %q in %s%s", name, cmp.Or(region, strings.Join(h.Regions, ", ")), hint)
	case region != "" && region != h.Regions[0]:
		return errRegion(region)
	case len(all) > 0:
		return &vacant{at: h.Warehouse, others: names}
	}
	cfg, err := config(h, c, "")
	if err != nil {
		return err
	}
	out, err := redshiftserverless.NewFromConfig(cfg).ListNamespaces(ctx, &redshiftserverless.ListNamespacesInput{MaxResults: aws.Int32(1)})
	if err != nil {
		return err
	}
	none := &vacant{at: h.Warehouse}
	if len(out.Namespaces) > 0 {
		none.namespace = aws.ToString(out.Namespaces[0].NamespaceName)
	}
	return none
}

// login describes a workgroup, as find finds it.
func (a *app) login(ctx context.Context, h server.Holder, c server.Credentials, region, workgroup string) (login, error) {
	l := login{user: c.User, database: "dev", region: cmp.Or(region, h.Regions[0])}
	l.host, l.port = hostPort(h.Warehouse)
	p, err := a.find(ctx, h, c, region, workgroup)
	var none *vacant
	var empty errRegion
	switch {
	case errors.As(err, &empty):
		l.host, l.port, l.user, l.database = "", "", "", ""
		l.warning = err.Error() + ", so PGHOST, PGPORT and PGPASSWORD are left out"
		return l, nil
	case errors.As(err, &none):
		l.password, l.warning = c.Password, err.Error() // what those of the first workgroup will be
		return l, nil
	case err != nil:
		return l, err
	}
	l.user, l.database, l.port, l.region = p.user, p.database, cmp.Or(p.port(), l.port), p.cfg.Region
	l.try(ctx, p, c.Password, a.getenv("PGPASSWORD"))
	return l, nil
}

// A located workgroup is one with its region and a client of that.
type located struct {
	types.Workgroup
	cfg    aws.Config
	client *redshiftserverless.Client
}

func (l *located) name() string { return aws.ToString(l.WorkgroupName) }

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
					found = append(found, located{g, cfg, client})
				}
			}
		}
	}
	return found, nil
}

// choose finds the workgroup that is meant, nil when there is none: the one that was named, the one at the warehouse's port, or the only
// one.
func choose(found []located, name, port string, regional bool) (*located, error) {
	for i := range found {
		if name == "" && found[i].port() == port {
			return &found[i], nil
		}
	}
	switch {
	case len(found) == 1:
		return &found[0], nil
	case len(found) == 0 || name == "" && !regional:
		return nil, nil
	}
	names := make([]string, len(found))
	for i := range found {
		if names[i] = found[i].cfg.Region; name == "" {
			names[i] = found[i].name()
		}
	}
	all := strings.Join(names, ", ")
	if name != "" {
		return nil, fmt.Errorf("there is a workgroup %s in each of %s: say which with --region", name, all)
	}
	return nil, fmt.Errorf("the region %s has several workgroups (%s): say which with --workgroup", found[0].cfg.Region, all)
}

// patience of an attempt to log in: a warehouse that was just made is starting.
const loginTime = 20 * time.Second

// try logs in with the installation's password, which is the administrator's where it is managed or none was given, and until it is
// changed: only the warehouse knows. Where it is another, it may be the one that the environment has.
func (l *login) try(ctx context.Context, p place, ours, set string) {
	ctx, cancel := context.WithTimeout(ctx, loginTime)
	defer cancel()
	whose := fmt.Sprintf("%s, the administrator of namespace %s (workgroup %s)", l.user, aws.ToString(p.NamespaceName), p.name())
	err := l.connect(ctx, ours)
	switch {
	case err == nil:
		l.password, l.note = ours, "PGPASSWORD is that of "+whose+": this data directory's own, made at its first start"
	case !refused(err):
		l.password, l.warning = ours, fmt.Sprintf("whether PGPASSWORD is the password of %s could not be tried: %v", whose, err)
	case set != "" && l.connect(ctx, set) == nil:
		l.password, l.note = set, "PGPASSWORD is that of "+whose+", as it was set before"
	default:
		l.warning = "the password of " + whose +
			" was given by whoever made the namespace or changed it; it is kept only in a form that cannot be told, so set PGPASSWORD yourself"
	}
}

func (l *login) connect(ctx context.Context, password string) error {
	u := url.URL{Scheme: "postgres", User: url.UserPassword(l.user, password), Host: net.JoinHostPort(l.host, l.port), Path: l.database,
		RawQuery: "sslmode=disable"}
	conn, err := pgconn.Connect(ctx, u.String())
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}

// refused reports whether a warehouse answered that user or password are wrong.
func refused(err error) bool {
	var said *pgconn.PgError
	return errors.As(err, &said) && (said.Code == "28000" || said.Code == "28P01")
}

func hostPort(address string) (host, port string) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return address, ""
	}
	return host, port
}

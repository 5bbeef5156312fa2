package warehouse

import (
	"cmp"
	"context"
	"crypto/x509"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"penstock/internal/api"
	"penstock/internal/child"
	"penstock/internal/child/warehouse/calls"
	"penstock/internal/meta"
	"penstock/internal/object"
	"penstock/internal/object/allowed"
)

// handler answers a child's calls.
func (g *endpoint) handler(c *child.Child) http.Handler {
	mux := http.NewServeMux()
	mux.Handle(calls.PathResolve, child.Handle(func(ctx context.Context, r *calls.Resolve) (*calls.Resolved, error) {
		return g.resolve(ctx, c.ID, r)
	}))
	mux.Handle(calls.PathSecret, child.Handle(g.secret))
	mux.Handle(calls.PathUser, child.Handle(g.user))
	mux.Handle(calls.PathUsers, child.Handle(g.users))
	mux.Handle(calls.PathCertificate, child.Handle(g.certificate))
	return mux
}

// resolve names files and leases them to the child, if the reader may list and read them.
func (g *endpoint) resolve(ctx context.Context, owner string, r *calls.Resolve) (*calls.Resolved, error) {
	w := g.w
	if other, err := w.elsewhere(ctx, r); err != nil || other != "" {
		return &calls.Resolved{Elsewhere: other}, err
	}
	who, refused, err := g.reader(ctx, r.Reader)
	if err != nil || refused != "" {
		return &calls.Resolved{Refused: refused}, err
	}
	var found []object.Resolved
	if r.Keys == nil {
		err = allowed.List(ctx, w.o.Invoker, who, r.Bucket, r.Prefix)
	}
	if err == nil {
		found, err = w.objects(ctx, r)
	}
	if err == nil {
		err = allowed.Read(ctx, w.o.Invoker, who, r.Bucket, found)
	}
	if api.Code(err) == "AccessDenied" {
		return &calls.Resolved{Refused: "Access Denied,Status 403,Error AccessDenied"}, nil
	}
	if err != nil {
		return nil, err
	}
	w.o.Objects.LeaseResolved(owner, found)
	out := &calls.Resolved{Objects: make([]calls.Object, len(found))}
	for i, f := range found {
		out.Objects[i] = calls.Object{Key: f.Key, Version: f.VersionID, ETag: f.ETag, Size: f.Size, Path: f.Path}
	}
	return out, nil
}

// elsewhere is the region of a bucket that lies in another one than a COPY says, "" when it lies there. A bucket of a region that is not
// served is looked for in every one, as by S3's clients.
func (w *Warehouses) elsewhere(ctx context.Context, r *calls.Resolve) (string, error) {
	b, err := w.o.Objects.HeadBucket(ctx, r.Bucket)
	if err != nil || b.Region == cmp.Or(r.Region, w.o.Region) || !slices.Contains(w.o.Served, b.Region) {
		return "", err
	}
	return b.Region, nil
}

// objects finds what a COPY reads. Listed keys that do not exist are left out.
func (w *Warehouses) objects(ctx context.Context, r *calls.Resolve) ([]object.Resolved, error) {
	if r.Keys == nil {
		return w.o.Objects.Resolve(ctx, r.Bucket, r.Prefix)
	}
	keys := make([]object.KeyVersion, len(r.Keys))
	for i, k := range r.Keys {
		keys[i].Key = k
	}
	all, err := w.o.Objects.ResolveKeys(ctx, r.Bucket, keys)
	if err == nil {
		return all, nil
	}
	var out []object.Resolved
	for _, k := range keys {
		one, err := w.o.Objects.ResolveKeys(ctx, r.Bucket, []object.KeyVersion{k})
		switch {
		case err == nil:
			out = append(out, one...)
		case !errors.Is(err, object.ErrNoKey) && !errors.Is(err, object.ErrNoVersion):
			return nil, err
		}
	}
	return out, nil
}

// certificate gives the child what its listener shows to clients.
func (g *endpoint) certificate(context.Context, *calls.None) (*calls.Certificate, error) {
	if g.w.o.Certificate == nil {
		return nil, errors.New("there is no TLS certificate")
	}
	cert, err := g.w.o.Certificate()
	if err != nil {
		return nil, err
	}
	key, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
	if err != nil {
		return nil, fmt.Errorf("pass on the TLS key: %w", err)
	}
	return &calls.Certificate{Chain: cert.Certificate, Key: key}, nil
}

// secret finds how a user of the workgroup's namespace proves itself.
func (g *endpoint) secret(ctx context.Context, q *calls.Secret) (*calls.SecretAnswer, error) {
	out := &calls.SecretAnswer{}
	err := g.w.o.Meta.View(ctx, func(tx *meta.Tx) error {
		var expires int64
		err := tx.QueryRow("SELECT secret, expires FROM warehouse_user WHERE region = ? AND namespace = ? AND name = ?",
			g.w.o.Region, g.def.Namespace, q.User).Scan(&out.Secret, &expires)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		out.OK = err == nil && (expires == 0 || expires > g.w.o.Clock.Now().Unix()) && out.Secret != "disabled"
		return err
	})
	return out, err
}

// users lists those of the workgroup's namespace whose password, if it ends, still counts.
func (g *endpoint) users(ctx context.Context, _ *calls.None) (*calls.Users, error) {
	out := &calls.Users{}
	err := g.w.o.Meta.View(ctx, func(tx *meta.Tx) (err error) {
		out.Users, err = g.w.usersTx(tx, g.def.Namespace, g.w.o.Clock.Now().Unix())
		return err
	})
	return out, err
}

func (w *Warehouses) usersTx(tx *meta.Tx, namespace string, now int64) ([]calls.ListedUser, error) {
	rows, err := tx.Query(`SELECT name, number, super FROM warehouse_user WHERE region = ? AND namespace = ? AND (expires = 0 OR expires > ?)
		ORDER BY number`, w.o.Region, namespace, now)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []calls.ListedUser
	for rows.Next() {
		var u calls.ListedUser
		if err := rows.Scan(&u.Name, &u.ID, &u.Super); err != nil {
			return nil, err
		}
		out = append(out, u)
	}
	return out, rows.Err()
}

// user runs the child's CREATE USER, ALTER USER and DROP USER.
func (g *endpoint) user(ctx context.Context, u *calls.User) (*calls.UserAnswer, error) {
	out := &calls.UserAnswer{}
	return out, g.w.o.Meta.Update(ctx, func(tx *meta.Tx) (err error) {
		out.Refused, out.Code, err = g.w.changeUser(tx, g.def.Namespace, u)
		return err
	})
}

// changeUser changes a user, or says why not, with the SQLSTATE.
func (w *Warehouses) changeUser(tx *meta.Tx, namespace string, u *calls.User) (refused, code string, err error) {
	var secret string
	var super, supers int
	err = tx.QueryRow("SELECT secret, super FROM warehouse_user WHERE region = ? AND namespace = ? AND name = ?",
		w.o.Region, namespace, u.Name).Scan(&secret, &super)
	there := err == nil
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", "", err
	}
	err = tx.QueryRow("SELECT count(*) FROM warehouse_user WHERE region = ? AND namespace = ? AND super = 1 AND expires = 0",
		w.o.Region, namespace).Scan(&supers)
	if err != nil {
		return "", "", err
	}
	if u.Super == nil {
		u.Super = new(bool)
		*u.Super = super == 1
	}
	last := super == 1 && supers == 1
	switch {
	case u.Action == "create" && there:
		return "user \"" + u.Name + "\" already exists", "42710", nil
	case u.Action != "create" && !there:
		return "user \"" + u.Name + "\" does not exist", "42704", nil
	case u.Action == "create" && u.Secret == "":
		return "CREATE USER needs a PASSWORD", "42601", nil
	case last && (u.Action == "drop" || !*u.Super):
		return "user \"" + u.Name + "\" is the last superuser", "55006", nil
	case u.Action == "drop":
		_, err := tx.Exec("DELETE FROM warehouse_user WHERE region = ? AND namespace = ? AND name = ?", w.o.Region, namespace, u.Name)
		return "", "", err
	}
	if u.Secret == "" {
		u.Secret = secret
	}
	return "", "", w.putUser(tx, namespace, u.Name, u.Secret, *u.Super, 0)
}

func (w *Warehouses) putUser(tx *meta.Tx, namespace, name, secret string, super bool, expires int64) error {
	_, err := tx.Exec(`INSERT INTO warehouse_user(region, namespace, name, secret, super, expires, number) VALUES (?1, ?2, ?3, ?4, ?5, ?6,
			(SELECT coalesce(max(number), 99) + 1 FROM warehouse_user WHERE region = ?1 AND namespace = ?2))
		ON CONFLICT(region, namespace, name) DO UPDATE SET secret = excluded.secret, super = excluded.super, expires = excluded.expires`,
		w.o.Region, namespace, name, secret, super, expires)
	return err
}

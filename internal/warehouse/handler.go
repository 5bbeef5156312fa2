package warehouse

import (
	"context"
	"database/sql"
	"errors"
	"net/http"

	"penstock/internal/child"
	"penstock/internal/child/warehouse/calls"
	"penstock/internal/meta"
	"penstock/internal/object"
)

// handler answers a child's calls.
func (g *workgroup) handler(c *child.Child) http.Handler {
	mux := http.NewServeMux()
	mux.Handle(calls.PathResolve, child.Handle(func(ctx context.Context, r *calls.Resolve) (*calls.Resolved, error) { return g.w.resolve(ctx, c.ID, r) }))
	mux.Handle(calls.PathSecret, child.Handle(g.secret))
	mux.Handle(calls.PathUser, child.Handle(g.user))
	return mux
}

// resolve names files and leases them to the child.
func (w *Warehouses) resolve(ctx context.Context, owner string, r *calls.Resolve) (*calls.Resolved, error) {
	found, err := w.objects(ctx, r)
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

// secret finds how a user of the workgroup's namespace proves itself.
func (g *workgroup) secret(ctx context.Context, q *calls.Secret) (*calls.SecretAnswer, error) {
	out := &calls.SecretAnswer{}
	err := g.w.o.Meta.View(ctx, func(tx *meta.Tx) error {
		var expires int64
		err := tx.QueryRow("SELECT secret, expires FROM warehouse_user WHERE namespace = ? AND name = ?", g.def.Namespace, q.User).Scan(&out.Secret, &expires)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		out.OK = err == nil && (expires == 0 || expires > g.w.o.Clock.Now().Unix()) && out.Secret != "disabled"
		return err
	})
	return out, err
}

// user runs the child's CREATE USER, ALTER USER and DROP USER.
func (g *workgroup) user(ctx context.Context, u *calls.User) (*calls.None, error) {
	return &calls.None{}, g.w.o.Meta.Update(ctx, func(tx *meta.Tx) error {
		var n int
		if err := tx.QueryRow("SELECT count(*) FROM warehouse_user WHERE namespace = ? AND name = ?", g.def.Namespace, u.Name).Scan(&n); err != nil {
			return err
		}
		switch {
		case u.Action == "create" && n > 0:
			return errors.New("user \"" + u.Name + "\" already exists")
		case u.Action != "create" && n == 0:
			return errors.New("user \"" + u.Name + "\" does not exist")
		case u.Action == "drop":
			_, err := tx.Exec("DELETE FROM warehouse_user WHERE namespace = ? AND name = ?", g.def.Namespace, u.Name)
			return err
		case u.Secret == "" && u.Action == "create":
			return errors.New("CREATE USER needs a PASSWORD")
		case u.Secret == "":
			return nil
		}
		return putUser(tx, g.def.Namespace, u.Name, u.Secret, u.Create, 0)
	})
}

func putUser(tx *meta.Tx, namespace, name, secret string, super bool, expires int64) error {
	_, err := tx.Exec("INSERT INTO warehouse_user(namespace, name, secret, super, expires) VALUES (?,?,?,?,?) ON CONFLICT(namespace, name) DO UPDATE SET secret = excluded.secret, super = excluded.super, expires = excluded.expires",
		namespace, name, secret, super, expires)
	return err
}

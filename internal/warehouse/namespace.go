package warehouse

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"penstock/internal/id"
	"penstock/internal/meta"
	"penstock/internal/pgwire"
)

// CreateNamespace makes a namespace. password is the administrator's; where it is managed, or none is given, it is the installation's
// (Options.AdminPassword), which "penstock env" tells.
func (w *Warehouses) CreateNamespace(ctx context.Context, n Namespace, password string) (*Namespace, error) {
	n = w.begin(n, password)
	err := w.o.Meta.Update(ctx, func(tx *meta.Tx) error {
		switch _, err := namespaceTx(tx, n.Name); {
		case err == nil:
			return ErrNamespaceExists
		case !errors.Is(err, ErrNoNamespace):
			return err
		}
		if err := putUser(tx, n.Name, n.AdminUser, n.AdminSecret, true, 0); err != nil {
			return err
		}
		return putNamespace(tx, &n)
	})
	if err != nil {
		return nil, err
	}
	return &n, nil
}

// begin gives a namespace what it has from its beginning.
func (w *Warehouses) begin(n Namespace, password string) Namespace {
	n.ID, n.Created = id.UUID(), w.o.Clock.Now().Truncate(time.Millisecond)
	n.ARN = w.arn("namespace", n.ID)
	if n.AdminUser == "" {
		n.AdminUser = "admin"
	}
	if n.Database == "" {
		n.Database = "dev"
	}
	if n.Managed || password == "" {
		password = w.o.AdminPassword
	}
	if password == "" { // only GetCredentials logs in
		password = id.Hex(24)
	}
	n.AdminUser = strings.ToLower(n.AdminUser)
	n.AdminSecret = pgwire.MD5Secret(n.AdminUser, password)
	return n
}

func namespaceTx(tx *meta.Tx, name string) (*Namespace, error) {
	return getDoc[Namespace](tx, ErrNoNamespace, "SELECT doc FROM warehouse_namespace WHERE name = ?", name)
}

func putNamespace(tx *meta.Tx, n *Namespace) error {
	doc, err := docOf(n)
	if err != nil {
		return err
	}
	_, err = tx.Exec("INSERT INTO warehouse_namespace(name, doc) VALUES (?,?) ON CONFLICT(name) DO UPDATE SET doc = excluded.doc", n.Name, doc)
	return err
}

// Namespace finds a namespace.
func (w *Warehouses) Namespace(ctx context.Context, name string) (n *Namespace, err error) {
	err = w.o.Meta.View(ctx, func(tx *meta.Tx) error {
		n, err = namespaceTx(tx, name)
		return err
	})
	return n, err
}

// Namespaces lists namespaces behind a name.
func (w *Warehouses) Namespaces(ctx context.Context, after string, limit int) (out []Namespace, err error) {
	err = w.o.Meta.View(ctx, func(tx *meta.Tx) error {
		out, err = listDocs[Namespace](tx, "SELECT doc FROM warehouse_namespace WHERE name > ? ORDER BY name LIMIT ?", after, limit)
		return err
	})
	return out, err
}

// ChangeNamespace edits a namespace. A password that is not "" becomes the administrator's.
func (w *Warehouses) ChangeNamespace(ctx context.Context, name, password string, edit func(*Namespace)) (n *Namespace, err error) {
	err = w.o.Meta.Update(ctx, func(tx *meta.Tx) error {
		if n, err = namespaceTx(tx, name); err != nil {
			return err
		}
		before := n.AdminUser
		edit(n)
		n.AdminUser = strings.ToLower(n.AdminUser)
		if password != "" {
			n.AdminSecret = pgwire.MD5Secret(n.AdminUser, password)
		} else if n.AdminUser != before {
			return errors.New("a new administrator needs a password")
		}
		if n.AdminUser != before {
			if _, err := tx.Exec("DELETE FROM warehouse_user WHERE namespace = ? AND name = ?", name, before); err != nil {
				return err
			}
		}
		if err := putUser(tx, name, n.AdminUser, n.AdminSecret, true, 0); err != nil {
			return err
		}
		return putNamespace(tx, n)
	})
	return n, err
}

// DeleteNamespace removes a namespace without workgroups, with its databases.
func (w *Warehouses) DeleteNamespace(ctx context.Context, name string) (n *Namespace, err error) {
	err = w.o.Meta.Update(ctx, func(tx *meta.Tx) error {
		if n, err = namespaceTx(tx, name); err != nil {
			return err
		}
		var used int
		if err := tx.QueryRow("SELECT count(*) FROM warehouse_workgroup WHERE namespace = ?", name).Scan(&used); err != nil {
			return err
		}
		if used > 0 {
			return ErrNamespaceInUse
		}
		if _, err := tx.Exec("DELETE FROM warehouse_user WHERE namespace = ?", name); err != nil {
			return err
		}
		_, err := tx.Exec("DELETE FROM warehouse_namespace WHERE name = ?", name)
		return err
	})
	if err != nil {
		return nil, err
	}
	return n, meta.After(ctx, func(context.Context) error {
		if err := os.RemoveAll(filepath.Join(w.o.Dir, name)); err != nil {
			return fmt.Errorf("delete namespace %s: %w", name, err)
		}
		return nil
	})
}

// Credentials makes a temporary password for a user of the workgroup's namespace, good until expires.
func (w *Warehouses) Credentials(ctx context.Context, workgroup, user string, valid time.Duration) (password string, expires time.Time, err error) {
	password, expires = id.Upper(8)+id.Hex(12)+"=", w.o.Clock.Now().Add(valid).Truncate(time.Second)
	err = w.o.Meta.Update(ctx, func(tx *meta.Tx) error {
		g, err := workgroupTx(tx, workgroup)
		if err != nil {
			return err
		}
		return putUser(tx, g.Namespace, user, pgwire.MD5Secret(user, password), true, expires.Unix())
	})
	return password, expires, err
}

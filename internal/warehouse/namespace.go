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
	"penstock/internal/meta/tag"
	"penstock/internal/pgwire"
)

// CreateNamespace makes a namespace. password is the administrator's; where none is given, it is the installation's
// (Options.AdminPassword), which "penstock env" tells.
func (w *Warehouses) CreateNamespace(ctx context.Context, n Namespace, password string) (*Namespace, error) {
	n = w.begin(n, password)
	err := w.o.Meta.Update(ctx, func(tx *meta.Tx) error {
		switch _, err := w.namespaceTx(tx, n.Name); {
		case err == nil:
			return ErrNamespaceExists
		case !errors.Is(err, ErrNoNamespace):
			return err
		}
		if err := w.putUser(tx, n.Name, n.AdminUser, n.AdminSecret, true, 0); err != nil {
			return err
		}
		if err := tag.Add(tx, n.ARN, n.Tags); err != nil {
			return err
		}
		return w.putNamespace(tx, &n)
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
	n.Folder = n.Name + "." + n.ID
	if n.AdminUser == "" {
		n.AdminUser = "admin"
	}
	if n.Database == "" {
		n.Database = "dev"
	}
	if password == "" {
		password = w.o.AdminPassword
	}
	if password == "" { // only GetCredentials logs in
		password = id.Hex(24)
	}
	n.AdminUser = strings.ToLower(n.AdminUser)
	n.AdminSecret = pgwire.MD5Secret(n.AdminUser, password)
	return n
}

// folder is where the databases are, below Options.Dir. Namespaces of other regions may have the same name.
func (n *Namespace) folder() string {
	if n.Folder == "" { // made by an earlier program, which knew one region
		return n.Name
	}
	return n.Folder
}

func (w *Warehouses) namespaceTx(tx *meta.Tx, name string) (*Namespace, error) {
	return getDoc[Namespace](tx, ErrNoNamespace, "SELECT doc FROM warehouse_namespace WHERE region = ? AND name = ?", w.o.Region, name)
}

func (w *Warehouses) putNamespace(tx *meta.Tx, n *Namespace) error {
	doc, err := docOf(n)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO warehouse_namespace(region, name, doc) VALUES (?, ?, ?)
		ON CONFLICT(region, name) DO UPDATE SET doc = excluded.doc`, w.o.Region, n.Name, doc)
	return err
}

// Namespace finds a namespace.
func (w *Warehouses) Namespace(ctx context.Context, name string) (n *Namespace, err error) {
	err = w.o.Meta.View(ctx, func(tx *meta.Tx) error {
		n, err = w.namespaceTx(tx, name)
		return err
	})
	return n, err
}

// Namespaces lists namespaces behind a name.
func (w *Warehouses) Namespaces(ctx context.Context, after string, limit int) (out []Namespace, err error) {
	err = w.o.Meta.View(ctx, func(tx *meta.Tx) error {
		out, err = listDocs[Namespace](tx, "SELECT doc FROM warehouse_namespace WHERE region = ? AND name > ? ORDER BY name LIMIT ?",
			w.o.Region, after, limit)
		return err
	})
	return out, err
}

// ChangeNamespace edits a namespace. A password that is not "" becomes the administrator's.
func (w *Warehouses) ChangeNamespace(ctx context.Context, name, password string, edit func(*Namespace)) (n *Namespace, err error) {
	err = w.o.Meta.Update(ctx, func(tx *meta.Tx) error {
		if n, err = w.namespaceTx(tx, name); err != nil {
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
			_, err := tx.Exec("DELETE FROM warehouse_user WHERE region = ? AND namespace = ? AND name = ?", w.o.Region, name, before)
			if err != nil {
				return err
			}
		}
		if err := w.putUser(tx, name, n.AdminUser, n.AdminSecret, true, 0); err != nil {
			return err
		}
		return w.putNamespace(tx, n)
	})
	return n, err
}

// DeleteNamespace removes a namespace without workgroups, with its databases.
func (w *Warehouses) DeleteNamespace(ctx context.Context, name string) (n *Namespace, err error) {
	end, err := w.turn(ctx) // a workgroup that is being deleted may still write into the folder
	if err != nil {
		return nil, err
	}
	err = w.o.Meta.Update(ctx, func(tx *meta.Tx) error {
		n, err = w.deleteNamespace(tx, name)
		return err
	})
	if err != nil {
		end()
		return nil, err
	}
	meta.OnUndo(ctx, end)
	return n, meta.After(ctx, func(context.Context) error {
		defer end()
		if err := os.RemoveAll(filepath.Join(w.o.Dir, n.folder())); err != nil {
			return fmt.Errorf("delete namespace %s: %w", name, err)
		}
		return nil
	})
}

func (w *Warehouses) deleteNamespace(tx *meta.Tx, name string) (*Namespace, error) {
	n, err := w.namespaceTx(tx, name)
	if err != nil {
		return nil, err
	}
	if err := w.withoutWorkgroup(tx, name); err != nil {
		return nil, err
	}
	if _, err := tx.Exec("DELETE FROM warehouse_user WHERE region = ? AND namespace = ?", w.o.Region, name); err != nil {
		return nil, err
	}
	if err := tag.Drop(tx, n.ARN); err != nil {
		return nil, err
	}
	_, err = tx.Exec("DELETE FROM warehouse_namespace WHERE region = ? AND name = ?", w.o.Region, name)
	return n, err
}

// Credentials makes a temporary password for a user of the workgroup's namespace, good until expires.
func (w *Warehouses) Credentials(
	ctx context.Context, workgroup, user string, valid time.Duration,
) (password string, expires time.Time, err error) {
	password, expires = id.Upper(8)+id.Hex(12)+"=", w.o.Clock.Now().Add(valid).Truncate(time.Second)
	err = w.o.Meta.Update(ctx, func(tx *meta.Tx) error {
		g, err := w.workgroupTx(tx, workgroup)
		if err != nil {
			return err
		}
		return w.putUser(tx, g.Namespace, user, pgwire.MD5Secret(user, password), true, expires.Unix())
	})
	return password, expires, err
}

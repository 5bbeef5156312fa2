package catalog

import (
	"context"
	"database/sql"
	"time"

	"penstock/internal/meta"
)

// A Function is a user-defined function: the catalog keeps where its code is and runs nothing.
type Function struct {
	Database  string     `json:"-"`
	Name      string     `json:"-"`
	Class     *string    `json:"class,omitempty"`
	Owner     *string    `json:"owner,omitempty"`
	OwnerType string     `json:"ownerType,omitempty"`
	Type      string     `json:"type,omitempty"`
	Resources []Resource `json:"resources,omitempty"`
	Created   time.Time  `json:"-"`
}

// A Resource is a file that a function needs.
type Resource struct {
	Type string  `json:"type,omitempty"`
	URI  *string `json:"uri,omitempty"`
}

// CreateFunctionTx makes a function of a database that exists in the caller's transaction.
func (c *Catalog) CreateFunctionTx(tx *meta.Tx, f Function) error {
	if _, err := c.DatabaseTx(tx, f.Database); err != nil {
		return err
	}
	if f.Name == "" {
		return errorf(Invalid, "Function name cannot be empty")
	}
	doc, err := toJSON(f)
	if err != nil {
		return err
	}
	n, err := affected(tx.Exec(`INSERT INTO catalog_function (region, database, name, created, doc) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT DO NOTHING`, c.region, Fold(f.Database), Fold(f.Name), c.now(), doc))
	if err == nil && n == 0 {
		err = errorf(Exists, "Function already exists.")
	}
	return err
}

// UpdateFunctionTx replaces all that a function says in the caller's transaction; f may have another name.
func (c *Catalog) UpdateFunctionTx(tx *meta.Tx, name string, f Function) error {
	if err := c.functionThere(tx, f.Database, name); err != nil {
		return err
	}
	if f.Name == "" {
		f.Name = name
	}
	doc, err := toJSON(f)
	if err != nil {
		return err
	}
	n, err := affected(tx.Exec("UPDATE OR IGNORE catalog_function SET name = ?, doc = ? WHERE region = ? AND database = ? AND name = ?",
		Fold(f.Name), doc, c.region, Fold(f.Database), Fold(name)))
	if err == nil && n == 0 {
		err = errorf(Exists, "Function already exists.")
	}
	return err
}

// functionThere refuses a function that does not exist.
func (c *Catalog) functionThere(tx *meta.Tx, database, name string) error {
	if _, err := c.DatabaseTx(tx, database); err != nil {
		return err
	}
	var n int
	err := tx.QueryRow("SELECT count(*) FROM catalog_function WHERE region = ? AND database = ? AND name = ?", c.region, Fold(database),
		Fold(name)).Scan(&n)
	if err == nil && n == 0 {
		err = errorf(NotFound, "Function %s not found.", name)
	}
	return err
}

// DeleteFunctionTx removes a function in the caller's transaction. Its files stay where they are.
func (c *Catalog) DeleteFunctionTx(tx *meta.Tx, database, name string) error {
	if err := c.functionThere(tx, database, name); err != nil {
		return err
	}
	_, err := tx.Exec("DELETE FROM catalog_function WHERE region = ? AND database = ? AND name = ?", c.region, Fold(database), Fold(name))
	return err
}

// Function returns a function.
func (c *Catalog) Function(ctx context.Context, database, name string) (*Function, error) {
	return view(ctx, c, func(tx *meta.Tx) (*Function, error) {
		if err := c.functionThere(tx, database, name); err != nil {
			return nil, err
		}
		f := &Function{}
		return f, f.scan(tx.QueryRow("SELECT database, name, created, doc FROM catalog_function WHERE region = ? AND database = ? AND name = ?",
			c.region, Fold(database), Fold(name)))
	})
}

func (f *Function) scan(row scanner) error {
	var created int64
	var doc string
	if err := row.Scan(&f.Database, &f.Name, &created, &doc); err != nil {
		return err
	}
	f.Created = instant(created)
	return fromJSON(doc, f)
}

// Functions returns up to limit functions that follow database and name after, in that order, and whether there are more: those of one
// database, or of all if it is "".
func (c *Catalog) Functions(ctx context.Context, database, afterDatabase, afterName string, limit int) (list []Function, more bool,
	err error) {
	list, err = view(ctx, c, func(tx *meta.Tx) (out []Function, err error) {
		to := "\U0010ffff"
		if database != "" {
			if _, err := c.DatabaseTx(tx, database); err != nil {
				return nil, err
			}
			if to = Fold(database); afterDatabase == "" {
				afterDatabase = to
			}
		}
		err = each(tx, func(r *sql.Rows) error {
			var f Function
			err := f.scan(r)
			out = append(out, f)
			return err
		}, `SELECT database, name, created, doc FROM catalog_function WHERE region = ? AND (database, name) > (?, ?) AND database <= ?
			ORDER BY database, name LIMIT ?`, c.region, afterDatabase, afterName, to, limit+1)
		return out, err
	})
	if len(list) > limit {
		return list[:limit], true, err
	}
	return list, false, err
}

package store

import (
	"context"
	"encoding/json"
	"fmt"

	"penstock/internal/engine"
	"penstock/internal/sql/typed"
)

// loadCatalog reads Penstock's tables as the connection's transaction sees them.
func loadCatalog(ctx context.Context, c *engine.Conn) (*Catalog, error) {
	cat := &Catalog{Schemas: map[string]Schema{}, Tables: map[string]map[string]*Table{}}
	err := each(ctx, c, "SELECT oid, name, owner FROM penstock._schemas", func(row []string) error {
		s := Schema{OID: number(row[0]), Name: row[1], Owner: row[2]}
		cat.Schemas[s.Name] = s
		cat.Tables[s.Name] = map[string]*Table{}
		return nil
	})
	if err != nil {
		return nil, err
	}
	byOID := map[int64]*Table{}
	err = each(ctx, c, `SELECT oid, schema_name, name, kind, diststyle, sortstyle, primary_key, text, late, owner, comment, depends
		FROM penstock._tables`, func(row []string) error {
		t := &Table{OID: number(row[0]), Schema: row[1], Name: row[2], Kind: row[3], DistStyle: row[4], SortStyle: row[5], Text: row[7],
			LateBinding: row[8] == "true", Owner: row[9], Comment: row[10]}
		if err := json.Unmarshal([]byte(row[6]), &t.PrimaryKey); err != nil {
			return fmt.Errorf("primary key of %s: %w", t.Name, err)
		}
		if err := json.Unmarshal([]byte(row[11]), &t.Depends); err != nil {
			return fmt.Errorf("dependencies of %s: %w", t.Name, err)
		}
		if cat.Tables[t.Schema] == nil {
			return fmt.Errorf("table %s is in the unknown schema %s", t.Name, t.Schema)
		}
		cat.Tables[t.Schema][t.Name], byOID[t.OID] = t, t
		return nil
	})
	if err != nil {
		return nil, err
	}
	return cat, loadColumns(ctx, c, byOID)
}

func loadColumns(ctx context.Context, c *engine.Conn, byOID map[int64]*Table) error {
	return each(ctx, c, `SELECT oid, name, type, not_null, default_text, identity, encode, distkey, sortkey, comment, trimmed, shown
		FROM penstock._columns ORDER BY oid, ordinal`, func(row []string) error {
		t := byOID[number(row[0])]
		if t == nil {
			return fmt.Errorf("column %s belongs to no table", row[1])
		}
		ty, err := typed.ParseType(row[2])
		if err != nil {
			return fmt.Errorf("column %s of %s: %w", row[1], t.Name, err)
		}
		identity, err := parseIdentity(row[5])
		if err != nil {
			return fmt.Errorf("column %s of %s: %w", row[1], t.Name, err)
		}
		t.Columns = append(t.Columns, Column{Name: row[1], Type: ty, NotNull: row[3] == "true", Default: row[4], Identity: identity,
			Encode: row[6], DistKey: row[7] == "true", SortKey: int(number(row[8])), Comment: row[9], Trimmed: row[10] == "true", Shown: row[11]})
		return nil
	})
}

// each runs a query and gives every row as text.
func each(ctx context.Context, c *engine.Conn, sql string, fn func([]string) error, args ...any) error {
	rows, err := c.Query(ctx, sql, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	row := make([]string, len(rows.Columns()))
	for {
		chunk, err := rows.Next(ctx)
		if err != nil || chunk == nil {
			return err
		}
		for r := range chunk.Size() {
			for i := range row {
				row[i] = chunk.Column(i).Text(r)
			}
			if err := fn(row); err != nil {
				return err
			}
		}
	}
}

func number(s string) int64 {
	var n int64
	fmt.Sscan(s, &n)
	return n
}

// put writes a table's description, replacing an older one of the same OID.
func put(ctx context.Context, c *engine.Conn, t *Table) error {
	if err := remove(ctx, c, t.OID); err != nil {
		return err
	}
	pk, err := json.Marshal(t.PrimaryKey)
	if err != nil {
		return err
	}
	dep, err := json.Marshal(t.Depends)
	if err != nil {
		return err
	}
	_, err = c.Exec(ctx, "INSERT INTO penstock._tables VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12)", t.OID, t.Schema, t.Name, t.Kind,
		t.DistStyle, t.SortStyle, string(pk), t.Text, t.LateBinding, t.Owner, t.Comment, string(dep))
	if err != nil {
		return err
	}
	for i, col := range t.Columns {
		_, err := c.Exec(ctx, "INSERT INTO penstock._columns VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13)", t.OID, int64(i+1), col.Name,
			col.Type.String(), col.NotNull, col.Default, col.Identity.String(), col.Encode, col.DistKey,
			int64(col.SortKey), col.Comment, col.Trimmed, col.Shown)
		if err != nil {
			return err
		}
	}
	return nil
}

func remove(ctx context.Context, c *engine.Conn, oid int64) error {
	if _, err := c.Exec(ctx, "DELETE FROM penstock._columns WHERE oid = $1", oid); err != nil {
		return err
	}
	_, err := c.Exec(ctx, "DELETE FROM penstock._tables WHERE oid = $1", oid)
	return err
}

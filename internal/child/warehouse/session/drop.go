package session

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"penstock/internal/child/warehouse/store"
	"penstock/internal/engine"
	"penstock/internal/pgwire"
	"penstock/internal/sql/syntax"
)

func (s *Session) drop(ctx context.Context, t *syntax.Drop) (*answer, error) {
	for _, n := range t.Names {
		var err error
		switch t.Kind {
		case "schema":
			err = s.dropSchema(ctx, n.Last().Name, t)
		case "table", "view":
			err = s.dropTable(ctx, n.Strings(), t)
		default:
			err = unsupported("DROP %s", strings.ToUpper(t.Kind))
		}
		if err != nil {
			return nil, err
		}
	}
	return &answer{tag: "DROP " + strings.ToUpper(t.Kind)}, nil
}

func (s *Session) dropTable(ctx context.Context, name []string, t *syntax.Drop) error {
	table, err := s.hold(ctx, name)
	if err != nil {
		return err
	}
	if table == nil {
		if t.IfExists {
			s.client.Notice("INFO", "00000",
				fmt.Sprintf("%s \"%s\" does not exist and will be skipped", strings.ToUpper(t.Kind[:1])+t.Kind[1:], strings.Join(name, ".")))
			return nil
		}
		return failure("42P01", "%s \"%s\" does not exist", strings.ToUpper(t.Kind[:1])+t.Kind[1:], strings.Join(name, "."))
	}
	if kind := map[string]string{"r": "table", "v": "view"}[table.Kind]; kind != t.Kind {
		return &pgwire.Error{Code: "42809", Message: fmt.Sprintf("\"%s\" is not a %s", table.Name, t.Kind),
			Hint: fmt.Sprintf("Use DROP %s to remove a %s.", strings.ToUpper(kind), kind)}
	}
	return s.remove(ctx, table, t.Cascade)
}

// remove drops a table or view and, with CASCADE, the views that read it.
func (s *Session) remove(ctx context.Context, table *store.Table, cascade bool) error {
	if err := s.lock(ctx, s.tx(), table.Schema, table.Name, table.Temp); err != nil {
		return err
	}
	cat, err := s.h.Catalog(ctx)
	if err != nil {
		return err
	}
	for _, v := range cat.Dependents(table.OID) {
		if v.LateBinding {
			continue
		}
		if !cascade {
			return &pgwire.Error{Code: "2BP01",
				Message: fmt.Sprintf("cannot drop %s %s because other objects depend on it", kindWord(table), table.Name),
				Detail:  fmt.Sprintf("view %s depends on %s %s", v.Name, kindWord(table), table.Name),
				Hint:    "Use DROP ... CASCADE to drop the dependent objects too."}
		}
		if err := s.remove(ctx, v, true); err != nil {
			return err
		}
	}
	if !table.LateBinding {
		if err := s.exec(ctx, "DROP "+strings.ToUpper(kindWord(table))+" "+physical(table)); err != nil {
			return err
		}
	} else if err := s.tx().Start(ctx); err != nil {
		return err
	}
	for _, c := range table.Columns {
		if c.Identity != nil && c.Identity.Sequence != "" {
			if err := s.exec(ctx, "DROP SEQUENCE "+c.Identity.Sequence); err != nil {
				return err
			}
		}
	}
	return s.tx().Remove(ctx, table)
}

func kindWord(t *store.Table) string {
	if t.Kind == store.KindView {
		return "view"
	}
	return "table"
}

func (s *Session) dropSchema(ctx context.Context, name string, t *syntax.Drop) error {
	if err := s.holdSchema(ctx, name); err != nil {
		return err
	}
	cat, err := s.h.Catalog(ctx)
	if err != nil {
		return err
	}
	sc, ok := cat.Schemas[name]
	switch {
	case !ok && t.IfExists:
		s.client.Notice("INFO", "00000", fmt.Sprintf("Schema \"%s\" does not exist and will be skipped", name))
		return nil
	case !ok:
		return failure("3F000", "schema \"%s\" does not exist", name)
	case name == store.Internal || name == "pg_catalog":
		return failure("42501", "permission denied for schema %s", name)
	}
	for _, n := range slices.Sorted(maps.Keys(cat.Tables[name])) {
		table := cat.Tables[name][n]
		if !t.Cascade {
			return &pgwire.Error{Code: "2BP01", Message: fmt.Sprintf("cannot drop schema %s because other objects depend on it", name),
				Detail: fmt.Sprintf("%s %s.%s depends on schema %s", kindWord(table), name, table.Name, name),
				Hint:   "Use DROP ... CASCADE to drop the dependent objects too."}
		}
		if now, err := s.h.Catalog(ctx); err != nil {
			return err
		} else if _, still := now.Table(name, table.Name); !still {
			continue
		}
		if err := s.remove(ctx, table, true); err != nil {
			return err
		}
	}
	if err := s.exec(ctx, "DROP SCHEMA "+engine.Ident(name)+" CASCADE"); err != nil {
		return err
	}
	return s.tx().RemoveSchema(ctx, sc)
}

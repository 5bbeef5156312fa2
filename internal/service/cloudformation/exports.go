package cloudformation

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"penstock/internal/meta"
)

// exportTx replaces a stack's exports by those of out. clash says why that cannot be: another stack exports the name, or one that
// imports it would lose it.
func (s *Service) exportTx(tx *meta.Tx, st *record, out []outputValue) (clash string, err error) {
	values := map[string]string{}
	for _, o := range out {
		if o.Export == "" {
			continue
		}
		values[o.Export] = o.Value
		var owner string
		err := tx.QueryRow(`SELECT stack FROM cfn_exports WHERE region = ? AND name = ?`, s.Region, o.Export).Scan(&owner)
		if err == nil && owner != st.ID {
			return fmt.Sprintf("Export with name %s is already exported by stack %s. ", o.Export, stackNameOf(owner)), nil
		}
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return "", err
		}
	}
	if clash, err := s.lostTx(tx, st.ID, values); err != nil || clash != "" {
		return clash, err
	}
	if _, err := tx.Exec(`DELETE FROM cfn_exports WHERE region = ? AND stack = ?`, s.Region, st.ID); err != nil {
		return "", err
	}
	for name, v := range values {
		if _, err := tx.Exec(`INSERT INTO cfn_exports (region, name, stack, value) VALUES (?, ?, ?, ?)`, s.Region, name, st.ID, v); err != nil {
			return "", err
		}
	}
	return "", nil
}

// lostTx finds an export of the stack that others import and that values would take away or change.
func (s *Service) lostTx(tx *meta.Tx, stack string, values map[string]string) (string, error) {
	rows, err := tx.Query(`SELECT e.name, e.value, i.stack FROM cfn_exports e JOIN cfn_imports i ON i.region = e.region AND i.name = e.name
		WHERE e.region = ? AND e.stack = ? ORDER BY e.name`, s.Region, stack)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	for rows.Next() {
		var name, value, user string
		if err := rows.Scan(&name, &value, &user); err != nil {
			return "", err
		}
		now, kept := values[name]
		if !kept {
			return fmt.Sprintf("Export %s cannot be deleted as it is in use by %s. ", name, stackNameOf(user)), nil
		}
		if now != value {
			return fmt.Sprintf("Export %s cannot be updated as it is in use by %s. ", name, stackNameOf(user)), nil
		}
	}
	return "", rows.Err()
}

func (s *Service) importTx(tx *meta.Tx, stack string, names []string) error {
	if _, err := tx.Exec(`DELETE FROM cfn_imports WHERE region = ? AND stack = ?`, s.Region, stack); err != nil {
		return err
	}
	for _, n := range names {
		if _, err := tx.Exec(`INSERT INTO cfn_imports (region, name, stack) VALUES (?, ?, ?)`, s.Region, n, stack); err != nil {
			return err
		}
	}
	return nil
}

// stackNameOf takes NAME from arn:aws:cloudformation:...:stack/NAME/ID.
func stackNameOf(id string) string {
	p := strings.Split(id, "/")
	if len(p) != 3 {
		return id
	}
	return p[1]
}

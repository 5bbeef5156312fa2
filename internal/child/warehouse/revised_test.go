package warehouse_test

import (
	"testing"

	"github.com/jackc/pgx/v5"
)

// TestAlterAfterUpdateIsKilled changes rows and alters their table in one transaction, and kills the warehouse after the commit: its log
// gives the same rows again. The engine alone replays an UPDATE before a RENAME into the table that had the new name, or not at all.
func TestAlterAfterUpdateIsKilled(t *testing.T) {
	r := newRig(t, t.TempDir())
	r.create()
	c, err := pgx.Connect(t.Context(), r.dsn())
	if err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		"CREATE TABLE a(x INT NOT NULL, s VARCHAR(10) DEFAULT 'd', id INT IDENTITY(1,1))", "CREATE TABLE b(LIKE a)",
		"INSERT INTO a(x) VALUES (1), (2), (3)", "INSERT INTO b VALUES (100, 'b', 1)",
		// The swap of two tables.
		"BEGIN; INSERT INTO a(x) VALUES (4); UPDATE a SET x = x + 10 WHERE x <> 2; ALTER TABLE b RENAME TO old; ALTER TABLE a RENAME TO b; " +
			"INSERT INTO b(x) VALUES (5); COMMIT",
		"BEGIN; DELETE FROM b WHERE x = 2; ALTER TABLE b ADD COLUMN n INT DEFAULT 7; UPDATE b SET n = 8 WHERE x = 5; " +
			"ALTER TABLE b RENAME COLUMN n TO m; ALTER TABLE b RENAME TO c; COMMIT",
		"BEGIN; MERGE INTO old USING (SELECT 100 AS x) n ON old.x = n.x WHEN MATCHED THEN UPDATE SET s = 'z' WHEN NOT MATCHED THEN INSERT (x) " +
			"VALUES (n.x); ALTER TABLE old DROP COLUMN id; COMMIT",
		"INSERT INTO c(x) VALUES (6)",
		"BEGIN; UPDATE c SET x = 0; ALTER TABLE c RENAME TO gone; ROLLBACK",
		"CREATE TEMP TABLE e(x INT); INSERT INTO e VALUES (1); BEGIN; UPDATE e SET x = 2; ALTER TABLE e ADD COLUMN y INT DEFAULT 3; COMMIT",
		"INSERT INTO old SELECT x, y::VARCHAR FROM e",
	} {
		if _, err := c.Exec(t.Context(), sql, pgx.QueryExecModeSimpleProtocol); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	kill(t, r.w.PID("shop-wg"))
	for query, want := range map[string]string{
		"SELECT count(*), count(DISTINCT id), sum(x), sum(m), min(s) FROM c": "LongValue=5 LongValue=5 LongValue=49 LongValue=36 StringValue=d",
		"SELECT LISTAGG(x || s, ',') WITHIN GROUP (ORDER BY x) FROM old":     "StringValue=23,100z",
	} {
		if got := r.rows(query); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
}

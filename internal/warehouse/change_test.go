package warehouse

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"penstock/internal/clock"
	"penstock/internal/meta"
	"penstock/internal/meta/metatest"
	"penstock/internal/meta/tag"
	"penstock/internal/object"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestOneWorkgroupGetsThePort: of many that are made at once, with tokens and without, exactly one listens at the server's port, and the
// rows say the same after a restart.
func TestOneWorkgroupGetsThePort(t *testing.T) {
	for _, way := range []string{"without tokens", "with tokens"} {
		t.Run(way, func(t *testing.T) {
			s := newSite(t)
			var all []Workgroup
			for i := range 4 {
				all = append(all, s.namespace(s.Warehouses, fmt.Sprintf("space-%d", i)))
			}
			var wg sync.WaitGroup
			for i, g := range all {
				wg.Go(func() {
					create := func(ctx context.Context) ([]byte, error) {
						_, err := s.CreateWorkgroup(ctx, g)
						return []byte("made"), err
					}
					var err error
					if way == "with tokens" {
						_, _, err = s.meta.Once(t.Context(), meta.Call{Token: fmt.Sprint("x#", i), Service: "s", Op: "o"}, create)
					} else {
						_, err = create(t.Context())
					}
					if err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			holder := s.at(s.first())
			if holder == DefaultName || holder == "nobody" {
				t.Errorf("%s has the server's port", holder)
			}
			s.expect(s.Warehouses, holder)
			s.stop()
			w, _ := s.start("us-east-1", s.port)
			s.expect(w, holder)
		})
	}
}

// TestACutChangeLeavesAWholeOne: whenever a caller goes away, each workgroup that is stored runs, and no other.
func TestACutChangeLeavesAWholeOne(t *testing.T) {
	s := newSite(t)
	g := s.namespace(s.Warehouses, "space")
	want := DefaultName
	for i := range 40 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i/2)*500*time.Microsecond)
		var err error
		if want == DefaultName {
			if _, err = s.CreateWorkgroup(ctx, g); err == nil {
				want = "space"
			}
		} else if _, err = s.DeleteWorkgroup(ctx, "space"); err == nil {
			want = DefaultName
		}
		cancel()
		if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		s.expect(s.Warehouses, want)
	}
}

// TestABusyDefaultWorkgroupKeepsItsPort: one that is used, or does not answer, is left alone; who does not wait for
// its answer changes nothing.
func TestABusyDefaultWorkgroupKeepsItsPort(t *testing.T) {
	s := newSite(t)
	s.look = 200 * time.Millisecond
	s.expect(s.Warehouses, DefaultName)
	for _, what := range []string{"used", "hangs"} {
		end := s.mark(s.Warehouses, DefaultName, what)
		g := s.namespace(s.Warehouses, what)
		_, err := s.CreateWorkgroup(t.Context(), g)
		must(t, err)
		s.expect(s.Warehouses, DefaultName)
		end()
	}
	defer s.mark(s.Warehouses, DefaultName, "hangs")()
	s.look = time.Minute
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := s.CreateWorkgroup(ctx, s.namespace(s.Warehouses, "space")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a caller that has gone away: %v", err)
	}
	s.expect(s.Warehouses, DefaultName)
}

// TestProcessesFollowTheRows: an operation under a token waits for no child while it holds the writer, and one that is undone has moved
// nothing.
func TestProcessesFollowTheRows(t *testing.T) {
	s := newSite(t)
	g := s.namespace(s.Warehouses, "space")
	boom := errors.New("boom")
	once := func(token string, fail error, do func(ctx context.Context) error) {
		t.Helper()
		_, _, err := s.meta.Once(t.Context(), meta.Call{Token: token, Service: "s", Op: "o"}, func(ctx context.Context) ([]byte, error) {
			return []byte("done"), errors.Join(do(ctx), fail)
		})
		if !errors.Is(err, fail) {
			t.Fatal(err)
		}
	}
	create := func(ctx context.Context) error { _, err := s.CreateWorkgroup(ctx, g); return err }
	remove := func(ctx context.Context) error {
		began := time.Now()
		_, err := s.DeleteWorkgroup(ctx, "space")
		if took := time.Since(began); took > 500*time.Millisecond {
			t.Errorf("the writer was held for %s", took)
		}
		return err
	}
	once("c#1", boom, create)
	s.expect(s.Warehouses, DefaultName)
	once("c#2", nil, create)
	s.expect(s.Warehouses, "space")
	s.mark(s.Warehouses, "space", "slow")
	once("d#1", boom, remove)
	s.expect(s.Warehouses, "space")
	once("d#2", nil, remove)
	s.expect(s.Warehouses, DefaultName)
	if _, err := s.DeleteWorkgroup(t.Context(), DefaultName); err != nil {
		t.Fatal(err)
	}
	s.expect(s.Warehouses, "nobody")
}

// TestAStartSeatsWhoShouldBeThere: an earlier program could be killed between the deletion of a workgroup and the move of the default one.
func TestAStartSeatsWhoShouldBeThere(t *testing.T) {
	s := newSite(t)
	s.stop()
	must(t, s.meta.Update(t.Context(), func(tx *meta.Tx) error {
		_, err := tx.Exec("UPDATE warehouse_workgroup SET doc = json_set(doc, '$.First', json('false'), '$.Port', 1)")
		return err
	}))
	w, _ := s.start("us-east-1", s.port)
	s.expect(w, DefaultName)
}

// TestRegions: each region has its own names, and the server's port is the first one's.
func TestRegions(t *testing.T) {
	s := newSite(t)
	eu, stopEU := s.start("eu-west-1", nil)
	both := []*Warehouses{s.Warehouses, eu}
	for _, w := range both {
		if _, err := w.CreateWorkgroup(t.Context(), s.namespace(w, "space")); err != nil {
			t.Fatal(err)
		}
		must(t, w.AddTags(t.Context(), groupOf(t, w, "space").ARN, map[string]string{"k": w.Region()}))
	}
	s.expect(eu, "space")
	s.expect(s.Warehouses, "space")
	a, b := groupOf(t, s.Warehouses, "space"), groupOf(t, eu, "space")
	if a.Port != s.first() || b.Port == a.Port || b.First {
		t.Errorf("ports %d and %d", a.Port, b.Port)
	}
	if _, err := eu.Tags(t.Context(), a.ARN); !errors.Is(err, ErrNoResource) {
		t.Errorf("the tags of another region: %v", err)
	}
	if _, err := eu.Workgroup(t.Context(), DefaultName); !errors.Is(err, ErrNoWorkgroup) {
		t.Errorf("the default workgroup in the second region: %v", err)
	}
	if name, err := eu.Named(t.Context(), b.ARN); name != "space" || err != nil {
		t.Errorf("%s is %s, %v", b.ARN, name, err)
	}
	if _, err := eu.Named(t.Context(), a.ARN); !errors.Is(err, ErrNoWorkgroup) {
		t.Errorf("a workgroup of another region: %v", err)
	}
	if _, err := eu.DeleteWorkgroup(t.Context(), "space"); err != nil {
		t.Fatal(err)
	}
	if _, err := eu.DeleteNamespace(t.Context(), "space"); err != nil {
		t.Fatal(err)
	}
	s.expect(s.Warehouses, "space")
	s.stop()
	stopEU()
	w, stop := s.start("eu-west-1", s.port) // the first region is another one now
	s.expect(w, DefaultName)
	us, _ := s.start("us-east-1", nil)
	if g := groupOf(t, us, "space"); g.First || s.at(g.Port) != "space" {
		t.Errorf("%+v", g)
	}
	stop()
}

func groupOf(t *testing.T, w *Warehouses, name string) *Workgroup {
	t.Helper()
	g, err := w.Workgroup(t.Context(), name)
	must(t, err)
	return g
}

// TestStatementsOfRegions: a statement, its token and its end are its region's.
func TestStatementsOfRegions(t *testing.T) {
	s := newSite(t)
	eu, _ := s.start("eu-west-1", nil)
	var ids []string
	for _, w := range []*Warehouses{s.Warehouses, eu} {
		if _, err := w.CreateWorkgroup(t.Context(), s.namespace(w, "space")); err != nil {
			t.Fatal(err)
		}
		st, err := w.Submit(t.Context(), Statement{Workgroup: "space", Database: "dev", Token: "mine", Subs: []Sub{{SQL: "SELECT 1"}}})
		must(t, err)
		st, err = w.Wait(t.Context(), st.ID)
		if err != nil || st.Status != Finished {
			t.Fatalf("%+v, %v", st, err)
		}
		ids = append(ids, st.ID)
	}
	if ids[0] == ids[1] {
		t.Error("the token of one region is taken for that of another")
	}
	for i, w := range []*Warehouses{s.Warehouses, eu} {
		if _, _, err := w.Statement(t.Context(), ids[1-i]); !errors.Is(err, ErrNoStatement) {
			t.Errorf("%s knows a statement of the other region: %v", w.Region(), err)
		}
		if all, err := w.Statements(t.Context(), StatementQuery{Limit: 10}); err != nil || len(all) != 1 || all[0].ID != ids[i] {
			t.Errorf("%s lists %+v, %v", w.Region(), all, err)
		}
	}
}

// TestRowsOfAnEarlierProgram: what was there before regions were is of us-east-1, keeps its folder, its users, and its tags.
func TestRowsOfAnEarlierProgram(t *testing.T) {
	dir := t.TempDir()
	old := Schema
	old.Migrations = old.Migrations[:4]
	m := metatest.Open(t, dir, clock.Real{}, tag.Schema, object.Schema, old)
	must(t, m.Update(t.Context(), func(tx *meta.Tx) error {
		for _, q := range []string{
			`INSERT INTO warehouse_namespace VALUES ('space', '{"Name":"space","ARN":"arn:n","Database":"dev","Tags":{"k":"v"}}')`,
			`INSERT INTO warehouse_workgroup VALUES ('wg', 'space', '{"Name":"wg","ARN":"arn:w","Namespace":"space","Tags":null}')`,
			`INSERT INTO warehouse_user (namespace, name, secret, super, expires, number) VALUES ('space', 'bob', 'secret', 1, 7, 101)`,
			`INSERT INTO warehouse_statement (id, token, status, workgroup, created, doc) VALUES ('s', 'tok', 'FINISHED', 'wg', 5, '{"ID":"s"}')`,
			`INSERT INTO warehouse_first (made) VALUES (1)`,
		} {
			if _, err := tx.Exec(q); err != nil {
				return err
			}
		}
		return nil
	}))
	must(t, m.Close())
	s := &site{t: t, dir: dir}
	s.meta = metatest.Open(t, dir, clock.Real{}, tag.Schema, object.Schema, Schema)
	w := s.open("us-east-1", nil)
	n, err := w.Namespace(t.Context(), "space")
	must(t, err)
	if filepath.Base(n.folder()) != "space" || groupOf(t, w, "wg").Namespace != "space" {
		t.Errorf("%+v", n)
	}
	for arn, want := range map[string]string{"arn:n": "map[k:v]", "arn:w": "map[]"} {
		if tags, err := w.Tags(t.Context(), arn); err != nil || fmt.Sprint(tags) != want {
			t.Errorf("tags of %s: %v, %v", arn, tags, err)
		}
	}
	var user, token string
	must(t, s.meta.View(t.Context(), func(tx *meta.Tx) error {
		const whole = "SELECT region || namespace || name || secret || super || expires || number FROM warehouse_user"
		return errors.Join(tx.QueryRow(whole).Scan(&user),
			tx.QueryRow("SELECT region || token FROM warehouse_statement").Scan(&token))
	}))
	if user != "us-east-1spacebobsecret17101" || token != "us-east-1tok" {
		t.Errorf("user %s, statement %s", user, token)
	}
	groups, err := w.groups(t.Context())
	if err != nil || len(groups) != 1 {
		t.Errorf("a start finds %+v, %v", groups, err)
	}
}

package object

import (
	"bufio"
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"penstock/internal/blob"
	"penstock/internal/clock"
	"penstock/internal/meta"
	"penstock/internal/meta/metatest"
	"penstock/internal/object/lock"
	"penstock/internal/vfs"
)

func TestMain(m *testing.M) {
	metatest.Worker(writeForEver)
	goleak.VerifyTestMain(m)
}

func openAt(dir string) (*Store, error) {
	for _, d := range []string{"meta", "blobs"} {
		if err := vfs.MkdirAll(vfs.OS{}, filepath.Join(dir, d)); err != nil {
			return nil, err
		}
	}
	m, err := meta.Open(context.Background(), filepath.Join(dir, "meta"), []meta.Schema{Schema}, meta.Options{Clock: clock.Real{}})
	if err != nil {
		return nil, err
	}
	b, err := blob.Open(vfs.OS{}, filepath.Join(dir, "blobs"))
	if err != nil {
		return nil, err
	}
	return Open(m, b, Options{GarbageDelay: 50 * time.Millisecond}), nil
}

const writers = 8

// writeForEver puts, overwrites, locks and deletes with 8 writers and says on stdout what has been acknowledged: "put KEY VERSION MD5",
// "hold KEY VERSION" or "del KEY VERSION", and before a deletion "try KEY VERSION". Each line is one write, so a kill cuts between lines.
func writeForEver(dir string) error {
	s, err := openAt(dir)
	if err != nil {
		return err
	}
	ctx := context.Background()
	if _, err := s.CreateBucket(ctx, "lake", "", nil); err != nil && !errors.Is(err, ErrBucketExists) {
		return err
	}
	if err := s.SetVersioning(ctx, "lake", Enabled); err != nil {
		return err
	}
	if err := s.SetBucketLock(ctx, "lake", lock.Default{}); err != nil {
		return err
	}
	failed := make(chan error, writers+1)
	for w := range writers {
		go func() { failed <- s.writeOne(ctx, w) }()
	}
	go func() { failed <- s.Run(ctx) }()
	return <-failed
}

func (s *Store) writeOne(ctx context.Context, w int) error {
	rng := rand.New(rand.NewPCG(uint64(w), uint64(time.Now().UnixNano())))
	var last Version
	for i := 0; ; i++ {
		if i%15 == 4 { // every third is held and stays
			if err := s.SetHold(ctx, "lake", last.Key, last.VersionID, true); err != nil {
				return err
			}
			os.Stdout.WriteString("hold " + last.Key + " " + last.VersionID + "\n")
			_, err := s.Delete(ctx, "lake", Deletion{Key: last.Key, VersionID: last.VersionID, Bypass: true})
			if !errors.Is(err, lock.ErrLocked) {
				return fmt.Errorf("the deletion of a version that is held: %w", err)
			}
			continue
		}
		if i%5 == 4 {
			os.Stdout.WriteString("try " + last.Key + " " + last.VersionID + "\n")
			if _, err := s.Delete(ctx, "lake", Deletion{Key: last.Key, VersionID: last.VersionID}); err != nil {
				return err
			}
			os.Stdout.WriteString("del " + last.Key + " " + last.VersionID + "\n")
			continue
		}
		body := strings.Repeat(fmt.Sprintf("%d/%d/", w, i), rng.IntN(4000))
		key := fmt.Sprintf("w%d/%d", w, rng.IntN(20))
		put := func() (Version, error) { return s.Put(ctx, "lake", key, strings.NewReader(body), PutOptions{}) }
		if i%5 == 3 { // the version that is deleted next is a copy, or the source of one
			put = func() (v Version, err error) {
				v, _, err = s.Copy(ctx, "lake", key, Source{Bucket: "lake", Key: last.Key, VersionID: last.VersionID}, CopyOptions{Attrs: sameAttrs})
				return v, err
			}
		}
		v, err := put()
		if err != nil {
			return err
		}
		last = v
		os.Stdout.WriteString("put " + key + " " + v.VersionID + " " + v.ETag + "\n")
	}
}

// acknowledged runs the writers and kills them; it adds what they said to live and dead.
func acknowledged(t *testing.T, dir string, after time.Duration, live map[string]string, dead map[string]bool) (lines int, err error) {
	t.Helper()
	return metatest.TryKill(t, dir, after, func(f []string) {
		switch {
		case f[0] == "put" && len(f) == 4:
			live[f[1]+" "+f[2]] = f[3]
		case f[0] == "hold" && len(f) == 3:
			live[f[1]+" "+f[2]] += " held"
		case f[0] == "try" && len(f) == 3:
			delete(live, f[1]+" "+f[2]) // it may be there or gone
		case f[0] == "del" && len(f) == 3:
			dead[f[1]+" "+f[2]] = true
		}
	})
}

// TestKillMinusNine kills a process with 8 writers and a garbage collector again and again: what was acknowledged is there with its bytes,
// what was deleted stays deleted, and no version is half. (kill -9 keeps the page cache: that nothing is acknowledged before it is on
// the disk is shown by the crash clones and by test/crash's trace.)
func TestKillMinusNine(t *testing.T) {
	rounds := 6
	if testing.Short() {
		rounds = 2
	}
	if n, err := strconv.Atoi(os.Getenv("PENSTOCK_SOAK")); err == nil {
		rounds = max(n, 1) * 50
	}
	if brokenBuild {
		rounds = 100 // one kill in two shows it
	}
	rng := rand.New(rand.NewPCG(4, 4))
	var dir string
	var live map[string]string
	var dead map[string]bool
	total := 0
	var lost error
	for round := range rounds {
		if round%50 == 0 { // all that was ever acknowledged is looked at in each round: a soak begins anew before that takes minutes
			dir, live, dead = t.TempDir(), map[string]string{}, map[string]bool{}
		}
		lines, err := acknowledged(t, dir, time.Duration(100+rng.IntN(700))*time.Millisecond, live, dead)
		total += lines
		if err == nil {
			err = verifyAll(dir, live, dead)
		}
		if err != nil {
			lost = fmt.Errorf("round %d: %w", round, err)
			break
		}
	}
	t.Logf("%d rounds, %d acknowledged changes", rounds, total)
	if brokenBuild {
		if lost == nil {
			t.Fatal("this build answers before the commit and no kill has shown it")
		}
		t.Logf("caught: %v", lost)
		return
	}
	if lost != nil {
		t.Fatal(lost)
	}
	if total < rounds*metatest.Fewest {
		t.Errorf("only %d changes in %d rounds", total, rounds)
	}
}

func verifyAll(dir string, live map[string]string, dead map[string]bool) error {
	s, err := openAt(dir)
	if err != nil {
		return err
	}
	defer s.meta.Close()
	ctx := context.Background()
	if _, err := s.Sweep(ctx); err != nil {
		return err
	}
	found := map[string]bool{}
	for q := (VersionQuery{Bucket: "lake"}); ; {
		p, err := s.ListVersions(ctx, q)
		if err != nil {
			return err
		}
		for _, i := range p.Objects {
			name := i.Key + " " + i.VersionID
			found[name] = true
			if err := s.whole(i); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			want, ok := live[name]
			want, held := strings.CutSuffix(want, " held")
			if held && i.Lock.Hold != lock.HoldOn {
				return fmt.Errorf("%s was put on hold and is not", name)
			}
			if ok && want != i.ETag {
				return fmt.Errorf("%s has ETag %s, acknowledged was %s", name, i.ETag, want)
			}
			if dead[name] {
				return fmt.Errorf("%s was deleted and is there", name)
			}
		}
		if !p.Truncated {
			break
		}
		q.KeyMarker, q.VersionMarker = p.Last, p.LastVersion
	}
	for name := range live {
		if !found[name] {
			return fmt.Errorf("%s was acknowledged and is gone", name)
		}
	}
	return nil
}

// whole reads a version's bytes against its ETag.
func (s *Store) whole(i Info) error {
	_, f, err := s.Get(context.Background(), "lake", i.Key, i.VersionID, Conditions{})
	if err != nil {
		return err
	}
	defer f.Close()
	h := md5.New()
	n, err := bufio.NewReader(f).WriteTo(h)
	if err != nil {
		return err
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != i.ETag || n != i.Size {
		return fmt.Errorf("%d bytes with MD5 %s, want %d with %s", n, got, i.Size, i.ETag)
	}
	return nil
}

package object

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// listing shows a whole listing, page by page of size limit: objects by key, prefixes with a trailing "*".
func (l *lake) listing(q ListQuery, limit int) []string {
	l.t.Helper()
	q.Bucket, q.Limit = "lake", limit
	var out []string
	for {
		p, err := l.List(ctx, q)
		if err != nil {
			l.t.Fatal(err)
		}
		if n := len(p.Objects) + len(p.Prefixes); n > limit || n == 0 && p.Truncated {
			l.t.Fatalf("a page of %d entries, limit %d, truncated %v", n, limit, p.Truncated)
		}
		var page []string
		for _, o := range p.Objects {
			page = append(page, o.Key)
		}
		for _, c := range p.Prefixes {
			page = append(page, c+"*")
		}
		slices.Sort(page)
		out = append(out, page...)
		if !p.Truncated {
			return out
		}
		q.Token = p.Token
	}
}

// wantListing computes a listing the slow way.
func wantListing(keys []string, q ListQuery) []string {
	seen := map[string]bool{}
	var out []string
	for _, k := range keys {
		if !strings.HasPrefix(k, q.Prefix) || k <= q.After {
			continue
		}
		if rest := k[len(q.Prefix):]; q.Delimiter != "" && strings.Contains(rest, q.Delimiter) {
			i := strings.Index(rest, q.Delimiter)
			k = q.Prefix + rest[:i] + q.Delimiter + "*"
		}
		if !seen[k] {
			seen[k] = true
			out = append(out, k)
		}
	}
	slices.Sort(out)
	return out
}

// TestListingAgainstAModel lists random keys with random queries and page sizes. The alphabet makes prefixes of each other likely.
func TestListingAgainstAModel(t *testing.T) {
	l := newLake(t, Enabled)
	rng := rand.New(rand.NewPCG(7, 7))
	pieces := []string{"a", "b", "/", "//", "ü", "a/", "\x01", "z", "日"}
	text := func(n int) string {
		var b strings.Builder
		for range rng.IntN(n) {
			b.WriteString(pieces[rng.IntN(len(pieces))])
		}
		return b.String()
	}
	keys := map[string]bool{}
	for len(keys) < 120 {
		if k := text(7); k != "" && !keys[k] {
			keys[k] = true
			l.put(k, "1")
			if rng.IntN(3) == 0 {
				l.put(k, "2") // an old version must not be listed
			}
		}
	}
	for range 40 { // below one prefix, so that the walk jumps
		k := "deep/" + text(9)
		if !keys[k] {
			keys[k] = true
			l.put(k, "1")
		}
	}
	for k := range keys {
		if rng.IntN(6) == 0 {
			l.del(k, "")
			delete(keys, k)
		}
	}
	var all []string
	for k := range keys {
		all = append(all, k)
	}
	slices.Sort(all)
	for range 150 {
		q := ListQuery{Prefix: text(3), Delimiter: []string{"", "/", "a", "//"}[rng.IntN(4)], After: text(4)}
		limit := 1 + rng.IntN(9)
		got, want := l.listing(q, limit), wantListing(all, q)
		if !slices.Equal(got, want) {
			t.Fatalf("prefix %q delimiter %q after %q, pages of %d:\n got %q\nwant %q", q.Prefix, q.Delimiter, q.After, limit, got, want)
		}
	}
}

func TestListingNothing(t *testing.T) {
	l := newLake(t, Unversioned)
	l.put("k", "x")
	p, err := l.List(ctx, ListQuery{Bucket: "lake", Limit: -1})
	if err != nil || p.Truncated || len(p.Objects) != 0 {
		t.Errorf("%+v, %v", p, err)
	}
	if _, err := l.List(ctx, ListQuery{Bucket: "absent"}); !errors.Is(err, ErrNoBucket) {
		t.Error(err)
	}
}

func TestTokensBelongToTheirListing(t *testing.T) {
	l := newLake(t, Unversioned)
	for i := range 3 {
		l.put(fmt.Sprint("k", i), "x")
	}
	p, _ := l.List(ctx, ListQuery{Bucket: "lake", Limit: 1})
	if p.Token == "" {
		t.Fatal("no token")
	}
	if _, err := l.List(ctx, ListQuery{Bucket: "lake", Prefix: "k", Token: p.Token}); !errors.Is(err, ErrToken) {
		t.Errorf("a token of another prefix: %v", err)
	}
	l.put("k00", "between the pages")
	next, err := l.List(ctx, ListQuery{Bucket: "lake", Token: p.Token})
	if err != nil || next.Objects[0].Key != "k00" {
		t.Errorf("a page after a change: %+v, %v", next.Objects, err)
	}
}

func TestMarkerThatIsAPrefixSkipsIt(t *testing.T) {
	l := newLake(t, Unversioned)
	for _, k := range []string{"a/1", "a/2", "b"} {
		l.put(k, "x")
	}
	q := ListQuery{Bucket: "lake", Delimiter: "/", After: "a/"}
	p, _ := l.List(ctx, q)
	if len(p.Prefixes) != 1 {
		t.Errorf("StartAfter a/: %v", p.Prefixes)
	}
	q.SkipPrefix = true
	if p, _ = l.List(ctx, q); len(p.Prefixes) != 0 || len(p.Objects) != 1 {
		t.Errorf("Marker a/: %v %v", p.Prefixes, p.Objects)
	}
}

func TestVersionPages(t *testing.T) {
	l := newLake(t, Enabled)
	rng := rand.New(rand.NewPCG(3, 3))
	for range 150 {
		k := fmt.Sprintf("%c/%d", 'a'+rng.IntN(4), rng.IntN(6))
		if rng.IntN(4) == 0 {
			l.del(k, "")
		} else {
			l.put(k, "x")
		}
	}
	all, err := l.ListVersions(ctx, VersionQuery{Bucket: "lake"})
	if err != nil || all.Truncated || len(all.Objects) != 150 {
		t.Fatalf("%d versions, %v", len(all.Objects), err)
	}
	for i := 1; i < len(all.Objects); i++ {
		a, b := all.Objects[i-1], all.Objects[i]
		if a.Key > b.Key || a.Key == b.Key && (a.seq <= b.seq || b.Latest) || a.Key != b.Key && !b.Latest {
			t.Fatalf("order: %s %d %v before %s %d %v", a.Key, a.seq, a.Latest, b.Key, b.seq, b.Latest)
		}
	}
	for _, limit := range []int{1, 2, 7, 149, 150} {
		var got []Info
		q := VersionQuery{Bucket: "lake", Limit: limit}
		for {
			p, err := l.ListVersions(ctx, q)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, p.Objects...)
			if !p.Truncated {
				break
			}
			q.KeyMarker, q.VersionMarker = p.Last, p.LastVersion
		}
		same := slices.EqualFunc(got, all.Objects, func(a, b Info) bool { return a.Key == b.Key && a.VersionID == b.VersionID })
		if !same {
			t.Errorf("pages of %d give %d versions in another order than one page", limit, len(got))
		}
	}
	p, _ := l.ListVersions(ctx, VersionQuery{Bucket: "lake", Delimiter: "/", Limit: 2})
	if strings.Join(p.Prefixes, " ") != "a/ b/" || !p.Truncated || p.LastVersion != "" {
		t.Errorf("with delimiter: %v %v %q", p.Prefixes, p.Truncated, p.LastVersion)
	}
}

func TestVersionDeletedBetweenPagesLosesNone(t *testing.T) {
	l := newLake(t, Enabled)
	for i := range 4 {
		l.put("k", fmt.Sprint(i))
	}
	p, _ := l.ListVersions(ctx, VersionQuery{Bucket: "lake", Limit: 2})
	l.del("k", p.LastVersion)
	rest, err := l.ListVersions(ctx, VersionQuery{Bucket: "lake", KeyMarker: p.Last, VersionMarker: p.LastVersion})
	if err != nil || len(rest.Objects) < 2 {
		t.Errorf("%d versions after the marker went, %v", len(rest.Objects), err)
	}
}

package page

import (
	"errors"
	"strconv"
	"strings"
	"testing"
)

var errBad = errors.New("bad token")

func self(s string) string { return s }

// TestPages reads a list by pages of every size, whole and from the store's side.
func TestPages(t *testing.T) {
	all := strings.Fields("a b c d e f g")
	for limit := 1; limit <= 8; limit++ {
		var got []string
		var token *string
		for n := 0; ; n++ {
			p, err := Read(token, limit, errBad, "list", "x")
			if err != nil || n > 7 {
				t.Fatal(n, err)
			}
			items := Of(p, all, self)
			if len(items) > limit || p.More() != (p.Next() != nil) {
				t.Fatalf("limit %d: %v, more %v", limit, items, p.More())
			}
			got = append(got, items...)
			if token = p.Next(); token == nil {
				break
			}
		}
		if strings.Join(got, " ") != strings.Join(all, " ") {
			t.Errorf("limit %d: %v", limit, got)
		}
	}
}

func TestTokenOfAnotherList(t *testing.T) {
	p, err := Read(nil, 1, errBad, "list", "x")
	if err != nil {
		t.Fatal(err)
	}
	if Cut(p, []string{"a", "b"}, self); p.Next() == nil {
		t.Fatal("no second page")
	}
	broken := "?"
	for _, token := range []*string{p.Next(), &broken} {
		if _, err := Read(token, 1, errBad, "list", "y"); !errors.Is(err, errBad) {
			t.Errorf("%v: %v", token, err)
		}
	}
	if p, err = Read(p.Next(), 1, errBad, "list", "x"); err != nil || p.After != "a" {
		t.Errorf("after %q, %v", p.After, err)
	}
	if _, err := p.Number(0); !errors.Is(err, errBad) {
		t.Errorf("a text for a number: %v", err)
	}
}

func TestNumbers(t *testing.T) {
	p, _ := Read(nil, 2, errBad, "n")
	for i := range int64(3) {
		if p.TakeNumber(i+10) != (i < 2) {
			t.Errorf("%d", i)
		}
	}
	p, err := Read(p.Next(), 2, errBad, "n")
	if n, numErr := p.Number(-1); err != nil || numErr != nil || n != 11 {
		t.Errorf("after %s, %v, %v", strconv.FormatInt(n, 10), err, numErr)
	}
}

func TestSize(t *testing.T) {
	seven, many := int32(7), int32(7000)
	if Size(nil, 10, 50) != 10 || Size(&seven, 10, 50) != 7 || Size(&many, 10, 50) != 50 {
		t.Error(Size(nil, 10, 50), Size(&seven, 10, 50), Size(&many, 10, 50))
	}
}

package tagging

import (
	"strings"
	"testing"

	"penstock/internal/api"
)

func FuzzHeader(f *testing.F) {
	for _, s := range []string{"a=b", "a=b&c=d", "a=b&a=c", "%zz", "=x", "a"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		m, err := Header(&text)
		if err == nil && len(m) > MaxObject {
			t.Errorf("%q gives %d tags", text, len(m))
		}
		for k, v := range m {
			if check(k, v) != nil {
				t.Errorf("%q gives the tag %q=%q", text, k, v)
			}
		}
	})
}

func TestLimits(t *testing.T) {
	for text, want := range map[string]string{
		"a=b": "", strings.Repeat("k", 129) + "=v": "InvalidTag", "k=" + strings.Repeat("v", 257): "InvalidTag", "a=1&a=2": "InvalidArgument",
		"a=&b=&c=&d=&e=&f=&g=&h=&i=&j=&k=": "BadRequest", "%zz=1": "InvalidArgument",
	} {
		if _, err := Header(&text); api.Code(err) != want {
			t.Errorf("%.20q: %v, want %q", text, err, want)
		}
	}
}

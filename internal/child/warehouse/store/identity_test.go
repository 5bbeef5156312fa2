package store

import "testing"

// TestIdentityText keeps the text that files of earlier versions have.
func TestIdentityText(t *testing.T) {
	for _, text := range []string{"", "always:1,1", "default:-9223372036854775808,-2", `always:0,5:"s"."a:b_id_seq"`} {
		if i, err := parseIdentity(text); err != nil || i.String() != text {
			t.Errorf("%q is read as %+v, %v", text, i, err)
		}
	}
	for _, text := range []string{"1,1", "always:", "always:1", "sometimes:1,1"} {
		if i, err := parseIdentity(text); err == nil {
			t.Errorf("%q is read as %+v", text, i)
		}
	}
}

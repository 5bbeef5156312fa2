package warehouse

import "testing"

func TestStepNames(t *testing.T) {
	for name, want := range map[string]bool{"retail/orders": true, "retail": false, "/orders": false, "retail/": false, "a/b/c": false} {
		if _, _, ok := splitName(name); ok != want {
			t.Errorf("%s: %v", name, ok)
		}
	}
	for sql, want := range map[string]string{"INSERT INTO shop.orders SELECT 1": "orders",
		"insert  into \"Orders\" (a) values (1)": "orders", "INSERT INTO #x VALUES (1)": "#x"} {
		if m := insertInto().FindStringSubmatch(sql); m == nil || lastPart(m[1]) != want {
			t.Errorf("%s: %v", sql, m)
		}
	}
	for sql, want := range map[string]string{"COPY shop.orders FROM 's3://b/k'": "orders", " copy t(a) from 'x'": "t"} {
		if m := copyInto().FindStringSubmatch(sql); m == nil || lastPart(m[1]) != want {
			t.Errorf("%s: %v", sql, m)
		}
	}
}

package asl_test

import (
	"fmt"
	"strings"
	"testing"

	"penstock/internal/asl"
)

// BenchmarkMap4000 steps a Map over 4,000 items, 20,000 events.
func BenchmarkMap4000(b *testing.B) {
	m, diags := asl.Parse(`{"StartAt": "M", "States": {"M": {"Type": "Map", "ItemSelector": {"v.$": "$$.Map.Item.Value"}, `+
		`"ItemProcessor": {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}, "End": true}}}`, nil)
	if m == nil {
		b.Fatal(diags)
	}
	input := "[" + strings.TrimSuffix(strings.Repeat("1,", 4000), ",") + "]"
	for b.Loop() {
		x := newExecution(m)
		if err := x.Start(input, start); err != nil {
			b.Fatal(err)
		}
		if drive(x, nil, nil, start); x.Status != asl.Succeeded {
			b.Fatal(fmt.Sprint(x.Status, x.Failure))
		}
	}
}

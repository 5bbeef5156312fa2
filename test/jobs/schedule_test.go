package jobs

import (
	"os"
	"testing"

	"penstock/test/harness"
)

// TestScheduledTrigger waits for the next minute, which is why only the soak does.
func TestScheduledTrigger(t *testing.T) {
	if os.Getenv("PENSTOCK_SOAK") == "" {
		t.Skip("only in soak: PENSTOCK_SOAK is not set")
	}
	python := harness.Python(t, "boto3", "pyarrow")
	rt := harness.Serve(t, t.TempDir())
	scenario(t, rt, python, "testdata/_schedule.py")
	rt.Stop(t)
}

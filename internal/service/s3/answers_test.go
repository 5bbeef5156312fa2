package s3

import (
	"encoding/json"
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"

	"penstock/internal/api"
	"penstock/internal/api/apitest"
)

var uploadID = regexp.MustCompile(`"UploadId":"([0-9a-f]+)"`)

// TestAnswers runs testdata/answers.test on one service.
func TestAnswers(t *testing.T) {
	file, err := os.ReadFile("testdata/answers.test")
	if err != nil {
		t.Fatal(err)
	}
	inv, ctx := open(t)(), apitest.Context(t)
	var call, upload string
	for _, line := range strings.Split(string(file), "\n") {
		want, answer := strings.CutPrefix(line, "= ")
		if !answer {
			call = line
			continue
		}
		op, in, _ := strings.Cut(strings.ReplaceAll(call, "$UploadId", upload), " ")
		out, err := inv.Invoke(ctx, "s3", op, json.RawMessage(in))
		got := ""
		var e *api.Error
		if errors.As(err, &e) {
			got = e.Code + ": " + e.Message
			if got != want {
				t.Errorf("%s\n got %s\nwant %s", call, got, want)
			}
			continue
		}
		text, merr := json.Marshal(out)
		if err != nil || merr != nil {
			t.Fatalf("%s: %v %v", call, err, merr)
		}
		if m := uploadID.FindStringSubmatch(string(text)); m != nil && op == "CreateMultipartUpload" {
			upload = m[1]
		}
		if !strings.Contains(string(text), want) {
			t.Errorf("%s\n got %s\nwant %s", call, text, want)
		}
	}
}

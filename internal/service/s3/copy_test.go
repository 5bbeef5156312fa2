package s3

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
)

func TestCopyRange(t *testing.T) {
	for text, want := range map[string][2]int64{
		"bytes=0-9": {0, 10}, "bytes=3-3": {3, 1}, "bytes=0-10": {}, "bytes=5-": {}, "bytes=-5": {}, "bytes=5-3": {}, "bytes=a-b": {}, "5-6": {},
		"bytes=1-2,4-5": {}, "bytes=+1-2": {}, "bytes=10-11": {}, "bytes=0-99999999999999999999": {},
	} {
		start, length, err := copyRange(aws.String(text), 10)
		if (err != nil) != (want[1] == 0) || err == nil && [2]int64{start, length} != want {
			t.Errorf("%s: %d %d %v", text, start, length, err)
		}
	}
}

package crash

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"penstock/test/harness"
)

// TestServerKilledUnderWriters kills the server with SIGKILL while eight clients put versions of the same keys, and starts it on the
// same data directory: each acknowledged version is there, whole.
func TestServerKilledUnderWriters(t *testing.T) {
	servers, rounds := 1, 2
	if n, err := strconv.Atoi(os.Getenv("PENSTOCK_SOAK")); err == nil {
		servers, rounds = max(n, 1), 20 // each round looks at all that was ever acknowledged: not too many on one data directory
	}
	rng := rand.New(rand.NewPCG(8, 8))
	for range servers {
		killUnderWriters(t, rng, rounds)
	}
}

func killUnderWriters(t *testing.T, rng *rand.Rand, rounds int) {
	t.Helper()
	data := t.TempDir()
	acked := map[string]string{} // "key version" -> body
	for round := range rounds {
		rt := harness.Serve(t, data)
		client := s3.NewFromConfig(rt.Config(), func(o *s3.Options) { o.UsePathStyle, o.RetryMaxAttempts = true, 1 })
		if round == 0 {
			versioned(t, client)
		}
		if lost := lostVersions(t, client, acked); lost != "" {
			t.Fatalf("round %d: %s", round, lost)
		}
		before := len(acked)
		kill := sync.OnceFunc(func() { time.AfterFunc(time.Duration(300+rng.IntN(700))*time.Millisecond, rt.Kill) })
		putUntilKilled(client, round, acked, kill)
		if len(acked) == before {
			t.Errorf("round %d: nothing was put before the kill", round)
		}
		rt.Wait()
	}
	rt := harness.Serve(t, data)
	client := s3.NewFromConfig(rt.Config(), func(o *s3.Options) { o.UsePathStyle = true })
	if lost := lostVersions(t, client, acked); lost != "" {
		t.Fatal(lost)
	}
	acked["w0/0 no-such-version"] = "x"
	if lostVersions(t, client, acked) == "" {
		t.Error("a version that never was is not missed")
	}
	t.Logf("%d rounds, %d acknowledged versions", rounds, len(acked)-1)
}

func versioned(t *testing.T, client *s3.Client) {
	t.Helper()
	if _, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("lake")}); err != nil {
		t.Fatal(err)
	}
	on := &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled}
	if _, err := client.PutBucketVersioning(t.Context(),
		&s3.PutBucketVersioningInput{Bucket: aws.String("lake"), VersioningConfiguration: on}); err != nil {
		t.Fatal(err)
	}
}

// putUntilKilled puts until the server is gone; kill is called when a version was acknowledged.
func putUntilKilled(client *s3.Client, round int, acked map[string]string, kill func()) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	for w := range 8 {
		wg.Go(func() {
			for i := 0; ; i++ {
				key, body := fmt.Sprintf("w%d/%d", w, i%5), strings.Repeat(fmt.Sprintf("%d/%d/%d,", round, w, i), 1+i%700)
				out, err := client.PutObject(context.Background(),
					&s3.PutObjectInput{Bucket: aws.String("lake"), Key: &key, Body: strings.NewReader(body)})
				if err != nil {
					return
				}
				mu.Lock()
				acked[key+" "+*out.VersionId] = body
				mu.Unlock()
				kill()
			}
		})
	}
	wg.Wait()
}

func lostVersions(t *testing.T, client *s3.Client, acked map[string]string) string {
	t.Helper()
	for name, body := range acked {
		key, version, _ := strings.Cut(name, " ")
		out, err := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("lake"), Key: &key, VersionId: &version})
		if err != nil {
			return fmt.Sprintf("%s is lost: %v", name, err)
		}
		got, err := io.ReadAll(out.Body)
		out.Body.Close()
		if err != nil || string(got) != body {
			return fmt.Sprintf("%s has %d bytes (%v), acknowledged were %d", name, len(got), err, len(body))
		}
	}
	return ""
}

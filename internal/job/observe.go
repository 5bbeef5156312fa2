package job

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"penstock/internal/api"
	"penstock/internal/child"
	"penstock/internal/clock"
	"penstock/internal/job/script"
	"penstock/internal/s3uri"
)

// ContinuousGroup is the log group of --enable-continuous-cloudwatch-log, of jobs before Glue 5.0; --continuous-log-logGroup names another.
const ContinuousGroup = LogGroup + "/logs-v2"

// continuous begins a run's continuous log, if it asks for one: Java writes into a named pipe, whose lines become those of a stream. end
// waits for the last of them.
func (j *Jobs) continuous(ctx context.Context, r Run, s *script.Submit) (end func(), err error) {
	args := s.Run.Args
	if args["--enable-continuous-cloudwatch-log"] != "true" || script.Since5(r.Definition.GlueVersion) {
		return func() {}, nil
	}
	s.Log = &script.DriverLog{Pipe: filepath.Join(s.Dir, "driver.log"), Pattern: args["--continuous-log-conversionPattern"],
		All: args["--enable-continuous-log-filter"] == "false"}
	if err := syscall.Mkfifo(s.Log.Pipe, 0o600); err != nil {
		return nil, fmt.Errorf("make a pipe for the continuous log: %w", err)
	}
	from, err := os.OpenFile(s.Log.Pipe, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	open, err := os.OpenFile(s.Log.Pipe, os.O_WRONLY, 0) // so that the reader sees no end before Java's beginning
	if err != nil {
		return nil, errors.Join(err, from.Close())
	}
	c := j.collect(ctx, cmp.Or(args["--continuous-log-logGroup"], ContinuousGroup),
		cmp.Or(args["--continuous-log-logStreamPrefix"], r.ID)+"-driver")
	done := make(chan struct{})
	go func() {
		defer close(done)
		for in := bufio.NewReaderSize(from, child.LongestLine); ; {
			line, err := in.ReadSlice('\n')
			if text := strings.TrimRight(strings.ToValidUTF8(string(line), "\uFFFD"), "\r\n"); text != "" {
				c.line(text)
			}
			if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
				return
			}
		}
	}()
	return func() {
		open.Close()
		from.SetReadDeadline(clock.Real{}.Now().Add(pipeTime))
		<-done
		from.Close()
		c.end()
	}, nil
}

// pipeTime is how long the rest of a continuous log is waited for after the script's end: only a process that has left the script's
// group can keep it open.
const pipeTime = 10 * 1e9

// observed keeps what Spark has told of a run: its events in S3, and its metrics. What cannot be kept is said, and changes no outcome.
func (j *Jobs) observed(ctx context.Context, r Run, s *script.Submit, say func(string)) {
	ctx = context.WithoutCancel(ctx) // of a run that is stopped it counts too
	logs, err := s.EventLogs()
	if err != nil || len(logs) == 0 {
		return
	}
	if s.KeepsEvents() {
		for _, name := range logs {
			if err := j.keepEvents(ctx, r, s.Run.Args["--spark-event-logs-path"], name); err != nil {
				say("--spark-event-logs-path: the event log is not kept: " + err.Error())
			}
		}
	}
	if s.Measured() {
		if err := j.gauge(ctx, r, s); err != nil {
			say("--enable-metrics: there are none of this run: " + err.Error())
		}
	}
}

// keepEvents copies an event log to where the job wants it, as the job's role. One that Spark has not ended keeps its ending .inprogress,
// by which the history server knows it.
func (j *Jobs) keepEvents(ctx context.Context, r Run, uri, name string) error {
	bucket, prefix, err := s3uri.Parse(uri)
	if err != nil {
		return err
	}
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	ctx = api.WithPrincipal(ctx, api.Principal{ARN: j.role(r), Account: j.account})
	_, err = j.invoker.Invoke(ctx, "s3", "PutObject", &s3.PutObjectInput{Bucket: aws.String(bucket), Body: f,
		ContentLength: aws.Int64(info.Size()), Key: aws.String(strings.TrimPrefix(path.Join(prefix, filepath.Base(name)), "/"))})
	return err
}

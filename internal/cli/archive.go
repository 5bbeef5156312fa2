package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"penstock/internal/awsglue"
	"penstock/internal/job/script"
)

// fastStart says whether runs on this machine start from an archive of classes.
func (a *app) fastStart(h *script.Host, s script.Spark) string {
	switch {
	case s.JavaOf < script.FirstArchiving:
		return fmt.Sprintf("not with Java %d: with Java %d or newer Spark starts in half the CPU", s.JavaOf, script.FirstArchiving)
	case h.Archive(s, h.UsualClassPath(s)) == "":
		return "not prepared: penstock install spark-archive"
	}
	return "prepared"
}

// installArchive lets Spark run the training script against a runtime of its own, and keeps the archive that Java leaves.
func (a *app) installArchive(ctx context.Context) (err error) {
	h := a.scriptHost()
	spark, err := h.Spark(ctx)
	if err != nil {
		return err
	}
	if err := h.NeedJars(spark, "s3"); err != nil {
		return err
	}
	if h.Archive(spark, h.UsualClassPath(spark)) != "" {
		fmt.Fprintln(a.stdout, "Spark's archive of classes is there")
		return nil
	}
	dir, err := os.MkdirTemp(h.Jars, "train-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := a.train(ctx, &h, spark, dir); err != nil {
		return fmt.Errorf("the archive of Spark's classes cannot be made: %w", err)
	}
	fmt.Fprintf(a.stdout, "archive of classes for Spark %s and Java %d made\n", spark.Version, spark.JavaOf)
	return nil
}

func (a *app) train(ctx context.Context, h *script.Host, spark script.Spark, dir string) (err error) {
	opts, err := a.serverOptions(filepath.Join(dir, "data"), "127.0.0.1:0", "127.0.0.1:0", "us-east-1", a.logger(a.stderr, slog.LevelError))
	if err != nil {
		return err
	}
	srv, err := openServer(ctx, opts)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- srv.Run(ctx) }()
	defer func() {
		cancel()
		err = errors.Join(err, <-ended, srv.Close())
	}()
	cfg, err := config(srv.Holder(), srv.Credentials(), "us-east-1")
	if err != nil {
		return err
	}
	client := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true })
	if _, err := client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("train")}); err != nil {
		return err
	}
	glue, err := awsglue.Write(dir)
	if err != nil {
		return err
	}
	file := filepath.Join(dir, "train.py")
	if err := os.WriteFile(file, script.Training(), 0o600); err != nil {
		return err
	}
	s := &script.Submit{Spark: spark, Host: h, Dir: dir, Script: file, Path: []string{glue}, Python: spark.Python.Path, Memory: 2 << 30,
		Threads: 2, Endpoint: srv.Endpoint(), Region: "us-east-1", Run: script.Run{Job: "train", ID: "jr_train"}}
	if err := h.ArchiveSubmit(s); err != nil {
		return err
	}
	path, args, err := s.Command()
	if err != nil {
		return err
	}
	keys, err := cfg.Credentials.Retrieve(ctx)
	if err != nil {
		return err
	}
	c := exec.CommandContext(ctx, path, args...)
	c.Dir = dir
	c.Env = append(s.Env(), "AWS_ACCESS_KEY_ID="+keys.AccessKeyID, "AWS_SECRET_ACCESS_KEY="+keys.SecretAccessKey,
		"AWS_SESSION_TOKEN="+keys.SessionToken, "AWS_REGION=us-east-1", "AWS_ENDPOINT_URL="+srv.Endpoint())
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return h.KeepArchive(s)
}

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/redshiftserverless"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/jackc/pgx/v5/pgconn"
)

// wire is the warehouse, asked by a PostgreSQL client.
type wire struct{ c *pgconn.PgConn }

func openWire(ctx context.Context, binary, dir string) (_ *wire, stop func(), err error) {
	data := filepath.Join(dir, "data")
	cmd := exec.Command(binary, "serve", "--data", data, "--listen", "127.0.0.1:0", "--warehouse-listen", "127.0.0.1:0")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, func() {}, err
	}
	if err := cmd.Start(); err != nil {
		return nil, func() {}, err
	}
	stop = func() {
		cmd.Process.Signal(syscall.SIGINT)
		cmd.Wait()
	}
	if lines := bufio.NewScanner(out); !lines.Scan() {
		return nil, stop, fmt.Errorf("the server does not start")
	}
	env := map[string]string{}
	text, err := exec.Command(binary, "env", "--json", "--data", data).Output()
	if err != nil {
		return nil, stop, fmt.Errorf("penstock env: %w", err)
	}
	if err := json.Unmarshal(text, &env); err != nil {
		return nil, stop, err
	}
	if err := prepare(ctx, env, dir); err != nil {
		return nil, stop, err
	}
	c, err := connect(ctx, env)
	if err != nil {
		return nil, stop, err
	}
	w := &wire{c}
	return w, stop, w.load(ctx)
}

// prepare makes the workgroup and puts the files into a bucket.
func prepare(ctx context.Context, env map[string]string, dir string) error {
	cfg := aws.Config{Region: "us-east-1", BaseEndpoint: aws.String(env["AWS_ENDPOINT_URL"]),
		Credentials: credentials.NewStaticCredentialsProvider(env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"], "")}
	rs := redshiftserverless.NewFromConfig(cfg)
	if _, err := rs.CreateNamespace(ctx, &redshiftserverless.CreateNamespaceInput{NamespaceName: aws.String("shapes"),
		DbName:            aws.String("dev"),
		DefaultIamRoleArn: aws.String("arn:aws:iam::000000000000:role/r"), IamRoles: []string{"arn:aws:iam::000000000000:role/r"}}); err != nil {
		return err
	}
	if _, err := rs.CreateWorkgroup(ctx,
		&redshiftserverless.CreateWorkgroupInput{WorkgroupName: aws.String("shapes"), NamespaceName: aws.String("shapes")}); err != nil {
		return err
	}
	s := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true })
	if _, err := s.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("shapes")}); err != nil {
		return err
	}
	for _, t := range tables {
		if err := put(ctx, s, t+"/1.parquet", filepath.Join(dir, t+".parquet")); err != nil {
			return err
		}
	}
	return nil
}

func put(ctx context.Context, s *s3.Client, key, file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = s.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String("shapes"), Key: &key, Body: f})
	return err
}

// connect waits for the workgroup.
func connect(ctx context.Context, env map[string]string) (c *pgconn.PgConn, err error) {
	for range 50 {
		if c, err = pgconn.Connect(ctx, fmt.Sprintf("host=%s port=%s user=%s password=%s dbname=dev sslmode=disable", env["PGHOST"],
			env["PGPORT"], env["PGUSER"], env["PGPASSWORD"])); err == nil {
			return c, nil
		}
		time.Sleep(200 * time.Millisecond)
	}
	return nil, err
}

func (w *wire) load(ctx context.Context) error {
	text := statements(tablesText)
	for _, t := range tables {
		text = append(text, "COPY "+t+" FROM 's3://shapes/"+t+"/' IAM_ROLE default FORMAT AS PARQUET")
	}
	for _, s := range text {
		if _, err := w.c.Exec(ctx, s).ReadAll(); err != nil {
			return fmt.Errorf("%w\n%s", err, s)
		}
	}
	return nil
}

func (w *wire) ask(ctx context.Context, sql string) ([]string, error) {
	r := w.c.ExecParams(ctx, sql, nil, nil, nil, nil)
	var out []string
	for r.NextRow() {
		cells := make([]string, len(r.Values()))
		for i, v := range r.Values() {
			cells[i] = string(v)
		}
		out = append(out, strings.Join(cells, "|"))
	}
	_, err := r.Close()
	return out, err
}

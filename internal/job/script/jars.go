package script

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A JarSet is jars that Spark needs beside its own, by what they are for.
type JarSet struct {
	Name string // s3, iceberg, jdbc
	For  string
}

// JarSets are the sets that can be installed, the one that every job needs first.
func JarSets() []JarSet {
	return []JarSet{{"s3", "S3, Avro"}, {"iceberg", "Iceberg tables"}, {"jdbc", "PostgreSQL and MySQL over JDBC"}}
}

// coordinates are Maven's names of what a set consists of, and of what it does not although that depends on it.
type coordinates struct{ packages, without []string }

// hadoopCloud is the version of spark-hadoop-cloud for a Spark: not every Spark has its own on Maven, and within a minor version any fits.
func (s Spark) hadoopCloud() (string, error) {
	switch minor(s.Version) {
	case "3.5":
		return "3.5.7", nil
	case "4.1":
		return "4.1.1", nil
	}
	return "", fmt.Errorf("for Spark %s no set of jars is known; it is for 3.5 and 4.1: pip install pyspark==%s", s.Version, Recommended)
}

// coordinates are those of a set for this Spark.
func (s Spark) coordinates(set string) (c coordinates, err error) {
	switch set {
	case "s3":
		return s.s3Coordinates()
	case "iceberg":
		c.packages = []string{"org.apache.iceberg:iceberg-spark-runtime-" + minor(s.Version) + "_" + s.Scala + ":1.10.1",
			"org.apache.iceberg:iceberg-aws-bundle:1.10.1"}
		if minor(s.Version) != "3.5" {
			return c, fmt.Errorf("for Spark %s no jars of Iceberg are known; they are for 3.5", s.Version)
		}
	case "jdbc":
		c.packages = []string{"org.postgresql:postgresql:42.7.8", "com.mysql:mysql-connector-j:9.4.0"}
		c.without = []string{"com.google.protobuf:protobuf-java", "org.checkerframework:checker-qual"}
	default:
		return c, fmt.Errorf("no set of jars is called %q; there are s3, iceberg and jdbc", set)
	}
	return c, nil
}

// The part of AWS's SDK that S3A uses, for Hadoop 3.3 and for 3.4: a thirtieth of the bundle that hadoop-aws asks for.
const (
	sdk1 = "1.12.262"
	sdk2 = "2.29.52"
)

func (s Spark) s3Coordinates() (c coordinates, err error) {
	cloud, err := s.hadoopCloud()
	if err != nil {
		return c, err
	}
	c.packages = []string{"org.apache.hadoop:hadoop-aws:" + s.Hadoop, "org.apache.spark:spark-hadoop-cloud_" + s.Scala + ":" + cloud,
		"org.apache.spark:spark-avro_" + s.Scala + ":" + s.Version}
	c.without = []string{"com.amazonaws:aws-java-sdk-bundle", "software.amazon.awssdk:bundle", "org.apache.hadoop:hadoop-client-runtime",
		"org.apache.hadoop:hadoop-client-api", "org.apache.hadoop:hadoop-cloud-storage", "org.apache.hadoop:hadoop-annotations",
		"org.apache.hadoop:hadoop-openstack", "org.apache.hadoop:hadoop-azure", "org.apache.hadoop:hadoop-azure-datalake",
		"com.google.cloud.bigdataoss:gcs-connector"}
	if older(s.Hadoop, "3.4") {
		for _, part := range []string{"s3", "sts", "dynamodb"} {
			c.packages = append(c.packages, "com.amazonaws:aws-java-sdk-"+part+":"+sdk1)
		}
		return c, nil
	}
	for _, part := range []string{"s3", "s3-transfer-manager", "apache-client", "netty-nio-client", "sts"} {
		c.packages = append(c.packages, "software.amazon.awssdk:"+part+":"+sdk2)
	}
	c.packages = append(c.packages, "software.amazon.s3.analyticsaccelerator:analyticsaccelerator-s3:1.2.1")
	return c, nil
}

// kept are how the names of the jars begin that go to Spark; what else was resolved it has itself, often in another version, and its own
// must win.
var kept = []string{"org.apache.hadoop_hadoop-aws-", "org.apache.spark_spark-hadoop-cloud_", "org.apache.spark_spark-avro_",
	"com.amazonaws_",
	"software.amazon", "joda-time_", "com.fasterxml.jackson.dataformat_jackson-dataformat-cbor-", "org.reactivestreams_",
	"org.wildfly.openssl_", "org.apache.iceberg_", "org.postgresql_", "com.mysql_"}

// JarFolder is where the jars of a set lie for this Spark.
func (h *Host) JarFolder(s Spark, set string) string {
	return filepath.Join(h.Jars, "spark-"+s.Version+"-"+s.Scala, set)
}

// HasJars reports whether a set has been installed.
func (h *Host) HasJars(s Spark, set string) bool {
	return Whole(h.JarFolder(s, set))
}

// NeedJars is the error of who misses a set, or nil.
func (h *Host) NeedJars(s Spark, set string) error {
	if h.HasJars(s, set) {
		return nil
	}
	for _, known := range JarSets() {
		if known.Name == set {
			return fmt.Errorf("jars are missing: Spark %s needs those of %s, which \"penstock install spark-jars%s\" downloads once from Maven",
				s.Version, known.For, strings.TrimSuffix(" "+set, " s3"))
		}
	}
	return fmt.Errorf("jars are missing: no set is called %q", set)
}

// ResolveArgs are the arguments of spark-submit with which Spark resolves a set into the folder ivy, and runs an empty script.
func (s Spark) ResolveArgs(set, ivy, empty string) ([]string, error) {
	c, err := s.coordinates(set)
	if err != nil {
		return nil, err
	}
	args := []string{"--master", "local[1]", "--conf", "spark.jars.ivy=" + ivy, "--conf", "spark.ui.enabled=false",
		"--packages", strings.Join(c.packages, ",")}
	if len(c.without) > 0 {
		args = append(args, "--exclude-packages", strings.Join(c.without, ","))
	}
	return append(args, empty), nil
}

// KeepJars moves what Spark resolved below ivy into the folder of a set, whole or not at all.
func (h *Host) KeepJars(s Spark, set, ivy string) (names []string, err error) {
	to := h.JarFolder(s, set)
	parts := to + ".new"
	if err := errors.Join(os.RemoveAll(parts), os.MkdirAll(parts, 0o755)); err != nil {
		return nil, err
	}
	list, err := os.ReadDir(filepath.Join(ivy, "jars"))
	if err != nil {
		return nil, fmt.Errorf("Spark has resolved nothing: %w", err)
	}
	for _, f := range list {
		if !slices.ContainsFunc(kept, func(start string) bool { return strings.HasPrefix(f.Name(), start) }) {
			continue
		}
		if err := copyFile(filepath.Join(parts, f.Name()), filepath.Join(ivy, "jars", f.Name())); err != nil {
			return nil, err
		}
		names = append(names, f.Name())
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("Spark has resolved %d jars, of which none belongs to %s", len(list), set)
	}
	if err := os.WriteFile(filepath.Join(parts, mark), nil, 0o644); err != nil {
		return nil, err
	}
	return names, errors.Join(os.RemoveAll(to), os.Rename(parts, to))
}

func copyFile(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

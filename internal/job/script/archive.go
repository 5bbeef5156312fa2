package script

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// An archive holds Java's classes as Spark's start leaves them in memory (class data sharing), so that a run need not load, check and link
// them again, which is half of a small run's work. It is of one Java and of one class path: names, sizes and times of all its jars.
type archive struct {
	ClassPath string `json:"classPath"` // as in spark.driver.extraClassPath
	Of        string `json:"of"`        // the fingerprint of Java and of all jars
	Size      int64  `json:"size"`
	Sum       uint32 `json:"crc32c"`
}

// FirstArchiving is the first Java that can write an archive of a program's classes when it ends.
const FirstArchiving = 13

// archiveFile is where the archive for a Spark lies; beside it, with .json, what it is of.
func (h *Host) archiveFile(s Spark) string {
	return filepath.Join(filepath.Dir(h.JarFolder(s, "s3")), "classes.jsa")
}

// Archive is the file of the archive for a Spark and a class path, or "" when none is there that fits and is whole.
func (h *Host) Archive(s Spark, classPath string) string {
	name := h.archiveFile(s)
	text, err := os.ReadFile(name + ".json")
	if err != nil {
		return ""
	}
	var a archive
	if err := json.Unmarshal(text, &a); err != nil || a.ClassPath != classPath {
		return ""
	}
	if of, err := s.fingerprint(classPath); err != nil || of != a.Of {
		return ""
	}
	if size, sum, err := sumOf(name); err != nil || size != a.Size || sum != a.Sum {
		return ""
	}
	return name
}

// ArchiveSubmit makes s, a run of a script that uses what jobs use, one that leaves an archive. Java writes it as it ends.
func (h *Host) ArchiveSubmit(s *Submit) error {
	if s.Spark.JavaOf < FirstArchiving {
		return fmt.Errorf("version %d of Java keeps no archive of classes; %d and newer do", s.Spark.JavaOf, FirstArchiving)
	}
	s.dump = h.archiveFile(s.Spark) + ".new"
	if err := os.Remove(s.dump); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// KeepArchive takes what a run of ArchiveSubmit left for the archive of its Spark.
func (h *Host) KeepArchive(s *Submit) error {
	classPath, err := s.classPath()
	if err != nil {
		return err
	}
	a := archive{ClassPath: classPath}
	if a.Of, err = s.Spark.fingerprint(classPath); err != nil {
		return err
	}
	if a.Size, a.Sum, err = sumOf(s.dump); err != nil {
		return fmt.Errorf("no archive was left by Java: %w", err)
	}
	text, err := json.Marshal(a)
	if err != nil {
		return err
	}
	name := h.archiveFile(s.Spark)
	// The archive first: what is told of it is believed only when its sum is right.
	if err := errors.Join(os.Chmod(s.dump, 0o644), syncFile(s.dump), os.Rename(s.dump, name),
		os.WriteFile(name+".json.new", text, 0o644)); err != nil {
		return err
	}
	return errors.Join(syncFile(name+".json.new"), os.Rename(name+".json.new", name+".json"))
}

func syncFile(name string) error {
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// fingerprint tells Java and the jars of Spark and of a class path apart from others, by what Java looks at too.
func (s Spark) fingerprint(classPath string) (string, error) {
	h := sha256.New()
	about := func(name string) error {
		info, err := os.Stat(name)
		if err != nil {
			return err
		}
		fmt.Fprintf(h, "%q %d %d\n", name, info.Size(), info.ModTime().UnixNano())
		return nil
	}
	if err := about(s.Java); err != nil {
		return "", err
	}
	for _, part := range append(strings.Split(classPath, ":"), filepath.Join(s.Home, "jars", "*")) {
		dir, all := strings.CutSuffix(part, "/*")
		if !all {
			if err := about(part); err != nil {
				return "", err
			}
			continue
		}
		// In the order in which the system lists them, which is Java's.
		f, err := os.Open(dir)
		if err != nil {
			return "", err
		}
		names, err := f.Readdirnames(-1)
		if err = errors.Join(err, f.Close()); err != nil {
			return "", err
		}
		for _, name := range names {
			if err := about(filepath.Join(dir, name)); err != nil {
				return "", err
			}
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func sumOf(name string) (size int64, sum uint32, err error) {
	f, err := os.Open(name)
	if err != nil {
		return 0, 0, err
	}
	defer f.Close()
	h := crc32.New(crc32.MakeTable(crc32.Castagnoli))
	size, err = io.CopyBuffer(onlyWriter{h}, f, make([]byte, 1<<20))
	return size, h.Sum32(), err
}

// onlyWriter hides what else a writer can do, so that the buffer given is used.
type onlyWriter struct{ io.Writer }

// Training is the script whose run leaves the archive: it goes once through what jobs do, with a bucket $1.
func Training() []byte { return bytes.TrimLeft([]byte(training), "\n") }

const training = `
import sys
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from pyspark.sql import functions as F

at = sys.argv[1]
spark = GlueContext(SparkContext.getOrCreate()).spark_session
rows = spark.range(2000).select("id", (F.col("id") % 7).cast("string").alias("k"), F.rand(1).alias("v"),
                                F.date_add(F.lit("2024-01-01").cast("date"), (F.col("id") % 30).cast("int")).alias("day"))
for form in ("csv", "json", "parquet"):
    rows.write.mode("overwrite").option("header", True).format(form).save(at + form)
    read = spark.read.option("header", True).format(form).load(at + form)
    print(form, read.count(), read.where("k = '3'").groupBy("day").agg(F.sum("v"), F.count("*")).orderBy("day").collect()[:1])
rows.write.mode("overwrite").partitionBy("k").parquet(at + "by")
rows.createOrReplaceTempView("rows")
print(spark.sql("select a.k, count(distinct b.id) n from rows a join rows b on a.id = b.id group by a.k order by n desc limit 3").collect())
print(rows.select(F.udf(lambda x: x + "!")("k")).distinct().count(), rows.toDF("a", "b", "c", "d").drop("d").limit(3).collect())
`

// UsualClassPath is the class path of a run on this machine that asks for no jars of its own; "" when those of S3 are missing.
func (h *Host) UsualClassPath(s Spark) string {
	path, err := (&Submit{Spark: s, Host: h}).classPath()
	if err != nil {
		return ""
	}
	return path
}

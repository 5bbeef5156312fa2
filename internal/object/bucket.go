package object

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"penstock/internal/meta"
	"penstock/internal/pattern"
)

const bucketColumns = "id, name, region, created, versioning, tags, lock"

type scanner interface{ Scan(...any) error }

func scanBucket(row scanner) (Bucket, error) {
	var b Bucket
	var created int64
	var tags, lock string
	if err := row.Scan(&b.id, &b.Name, &b.Region, &created, &b.Versioning, &tags, &lock); err != nil {
		return Bucket{}, err
	}
	b.Created = time.UnixMilli(created).UTC()
	if tags != "" {
		if err := json.Unmarshal([]byte(tags), &b.Tags); err != nil {
			return Bucket{}, fmt.Errorf("tags of bucket %s: %w", b.Name, err)
		}
	}
	if err := b.Lock.Read(lock); err != nil {
		return Bucket{}, fmt.Errorf("lock of bucket %s: %w", b.Name, err)
	}
	return b, nil
}

// bucketTx reads a bucket's row.
func bucketTx(tx *meta.Tx, name string) (Bucket, error) {
	b, err := scanBucket(tx.QueryRow("SELECT "+bucketColumns+" FROM object_bucket WHERE name = ?", name))
	if errors.Is(err, sql.ErrNoRows) {
		return Bucket{}, fmt.Errorf("bucket %s: %w", name, ErrNoBucket)
	}
	return b, err
}

var bucketForm = pattern.Lazy(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)

// CheckBucketName applies https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html.
func CheckBucketName(name string) error {
	_, notIP := netip.ParseAddr(name)
	if !bucketForm().MatchString(name) || strings.Contains(name, "..") || notIP == nil ||
		strings.HasPrefix(name, "xn--") || strings.HasPrefix(name, "sthree-") || strings.HasSuffix(name, "-s3alias") ||
		strings.HasSuffix(name, "--ol-s3") {
		return fmt.Errorf("%q: %w", name, ErrBucketName)
	}
	return nil
}

// CreateBucket makes a bucket; "" is the default region.
func (s *Store) CreateBucket(ctx context.Context, name, region string, tags map[string]string) (Bucket, error) {
	return s.CreateBucketWith(ctx, NewBucket{Name: name, Region: region, Tags: tags})
}

// A NewBucket is what a bucket is made with.
type NewBucket struct {
	Name, Region string // "" is the default region
	Tags         map[string]string
	Settings     map[string]string // its documents (see Setting)
	Lock         bool              // with versioning and object lock
}

// CreateBucketWith makes a bucket with its first settings.
func (s *Store) CreateBucketWith(ctx context.Context, n NewBucket) (Bucket, error) {
	if err := CheckBucketName(n.Name); err != nil {
		return Bucket{}, err
	}
	tags, err := tagText(n.Tags)
	if err != nil {
		return Bucket{}, err
	}
	b := Bucket{Name: n.Name, Region: n.Region, Created: s.now(), Tags: n.Tags}
	if b.Region == "" {
		b.Region = s.opts.Region
	}
	if n.Lock {
		b.Versioning, b.Lock.Enabled = Enabled, true
	}
	lock, err := b.Lock.Text()
	if err != nil {
		return Bucket{}, err
	}
	err = s.meta.Update(ctx, func(tx *meta.Tx) error {
		if _, err := bucketTx(tx, b.Name); err == nil {
			return fmt.Errorf("bucket %s: %w", b.Name, ErrBucketExists)
		}
		s.buckets.Drop(tx, b.Name)
		s.settings.Drop(tx, b.Name)
		res, err := tx.Exec("INSERT INTO object_bucket (name, region, created, versioning, tags, lock) VALUES (?, ?, ?, ?, ?, ?)",
			b.Name, b.Region, b.Created.UnixMilli(), string(b.Versioning), tags, lock)
		if err != nil {
			return err
		}
		if b.id, err = res.LastInsertId(); err != nil {
			return err
		}
		return setAll(tx, b, n.Settings)
	})
	return b, err
}

func tagText(tags map[string]string) (string, error) {
	if len(tags) == 0 {
		return "", nil
	}
	text, err := json.Marshal(tags)
	return string(text), err
}

// HeadBucket describes a bucket.
func (s *Store) HeadBucket(ctx context.Context, name string) (Bucket, error) {
	return s.bucket(ctx, name)
}

// Buckets lists buckets by name after a name, with a prefix, at most limit.
func (s *Store) Buckets(ctx context.Context, prefix, after string, limit int) (out []Bucket, err error) {
	err = s.meta.View(ctx, func(tx *meta.Tx) error {
		rows, err := tx.Query("SELECT "+bucketColumns+
			" FROM object_bucket WHERE name > ? AND substr(name, 1, length(?)) = ? ORDER BY name LIMIT ?", after, prefix, prefix, limit)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			b, err := scanBucket(rows)
			if err != nil {
				return err
			}
			out = append(out, b)
		}
		return rows.Err()
	})
	return out, err
}

// DeleteBucket removes a bucket without objects, versions and markers. Uploads in progress go with it.
func (s *Store) DeleteBucket(ctx context.Context, name string) error {
	return s.update(ctx, name, func(tx *meta.Tx, b Bucket) error {
		var full bool
		err := tx.QueryRow("SELECT EXISTS (SELECT 1 FROM object_current WHERE bucket = ?1) "+
			"OR EXISTS (SELECT 1 FROM object_old WHERE bucket = ?1)", b.id).Scan(&full)
		if err != nil {
			return err
		}
		if full {
			return fmt.Errorf("bucket %s: %w", name, ErrNotEmpty)
		}
		if err := s.dropUploads(tx, "bucket = ?", b.id); err != nil {
			return err
		}
		if _, err := tx.Exec("DELETE FROM object_setting WHERE bucket = ?", b.id); err != nil {
			return err
		}
		s.buckets.Drop(tx, name)
		s.settings.Drop(tx, name)
		if _, err = tx.Exec("DELETE FROM object_bucket WHERE id = ?", b.id); err != nil || s.OnDelete == nil {
			return err
		}
		return s.OnDelete(tx, name)
	})
}

// SetVersioning switches versioning on or suspends it.
func (s *Store) SetVersioning(ctx context.Context, name string, v Versioning) error {
	return s.update(ctx, name, func(tx *meta.Tx, b Bucket) error {
		if b.Lock.Enabled && v != Enabled {
			return fmt.Errorf("bucket %s: %w", name, ErrLockVersioning)
		}
		s.buckets.Drop(tx, name)
		_, err := tx.Exec("UPDATE object_bucket SET versioning = ? WHERE id = ?", string(v), b.id)
		return err
	})
}

// SetTags replaces a bucket's tags.
func (s *Store) SetTags(ctx context.Context, name string, tags map[string]string) error {
	text, err := tagText(tags)
	if err != nil {
		return err
	}
	return s.update(ctx, name, func(tx *meta.Tx, b Bucket) error {
		s.buckets.Drop(tx, name)
		_, err := tx.Exec("UPDATE object_bucket SET tags = ? WHERE id = ?", text, b.id)
		return err
	})
}

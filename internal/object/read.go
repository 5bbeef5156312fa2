package object

import (
	"context"
	"fmt"

	"penstock/internal/meta"
	"penstock/internal/object/settings"
	"penstock/internal/vfs"
)

// Head describes a version; "" names the current one. A delete marker is a *MarkerError.
func (s *Store) Head(ctx context.Context, bucket, key, version string, c Conditions) (i Info, err error) {
	if version == "" {
		i, err = s.current(ctx, bucket, key)
	} else {
		err = s.view(ctx, bucket, func(tx *meta.Tx, b Bucket) error {
			if i, err = versionTx(tx, b, key, version); err != nil {
				return err
			}
			return readSmall(tx, &i)
		})
	}
	if err != nil {
		return Info{}, err
	}
	return i, c.Check(i)
}

// current finds the current version, in memory if it was asked for lately.
func (s *Store) current(ctx context.Context, bucket, key string) (Info, error) {
	b, err := s.bucket(ctx, bucket)
	if err != nil {
		return Info{}, err
	}
	row, err := s.rows.Load(ctx, rowKey{b.id, key}, func(ctx context.Context) (*Info, error) {
		var i Info
		var ok bool
		err := s.meta.View(ctx, func(tx *meta.Tx) (err error) {
			if i, ok, err = currentTx(tx, b, key); err != nil {
				return err
			}
			return readSmall(tx, &i)
		})
		if err == nil && !ok {
			err = fmt.Errorf("%s/%s: %w", bucket, key, ErrNoKey)
		}
		return &i, err
	})
	if err != nil {
		return Info{}, err
	}
	i := *row
	i.Versioned = b.Versioning != Unversioned
	if i.DeleteMarker {
		return Info{}, &MarkerError{Info: i}
	}
	return i, nil
}

// Hot finds a current version with a small body if it is in memory. The body is shared.
func (s *Store) Hot(ctx context.Context, bucket, key string) (i *Info, body []byte, versioned, ok bool) {
	b, ok := s.buckets.Get(ctx, bucket)
	if !ok {
		return nil, nil, false, false
	}
	i, ok = s.rows.Get(ctx, rowKey{b.id, key})
	if !ok || i.body == nil {
		return nil, nil, false, false
	}
	return i, i.body, b.Versioning != Unversioned, true
}

// versionTx finds a version that has content.
func versionTx(tx *meta.Tx, b Bucket, key, version string) (Info, error) {
	i, ok, err := currentTx(tx, b, key)
	if err != nil {
		return Info{}, err
	}
	if version != "" && (!ok || i.VersionID != version) {
		if i, ok, err = oldTx(tx, b, key, version); err != nil {
			return Info{}, err
		}
		if !ok {
			return Info{}, fmt.Errorf("version %s of %s/%s: %w", version, b.Name, key, ErrNoVersion)
		}
	}
	if !ok {
		return Info{}, fmt.Errorf("%s/%s: %w", b.Name, key, ErrNoKey)
	}
	if i.DeleteMarker {
		return Info{}, &MarkerError{Info: i, Named: version != ""}
	}
	return i, nil
}

// Get opens a version's bytes; the caller closes the file. They stay readable whatever happens to the object.
func (s *Store) Get(ctx context.Context, bucket, key, version string, c Conditions) (Info, vfs.File, error) {
	i, err := s.Head(ctx, bucket, key, version, c)
	if err != nil {
		return i, nil, err
	}
	f, err := s.OpenBlob(i)
	return i, f, err
}

// OpenBlob opens the bytes of a version that Head gave.
func (s *Store) OpenBlob(i Info) (vfs.File, error) {
	var f vfs.File
	var err error
	if isSmall(i.Blob) {
		f, err = openSmall(i)
	} else {
		f, err = s.blobs.Open(i.Blob)
	}
	if err != nil {
		return nil, fmt.Errorf("open the bytes of %s/%s: %w", i.Bucket, i.Key, err)
	}
	return f, nil
}

// SetObjectTags replaces the tags of a version and returns its id.
func (s *Store) SetObjectTags(ctx context.Context, bucket, key, version string, tags map[string]string) (i Info, err error) {
	err = s.update(ctx, bucket, func(tx *meta.Tx, b Bucket) error {
		if i, err = versionTx(tx, b, key, version); err != nil {
			return err
		}
		i.Tags = tags
		return s.rewrite(tx, b, i)
	})
	return i, err
}

// SetObjectACL replaces the access list of a version. check runs in the same transaction, with the bucket's settings.
func (s *Store) SetObjectACL(ctx context.Context, bucket, key, version, acl string, check settings.Check) error {
	return s.update(ctx, bucket, func(tx *meta.Tx, b Bucket) error {
		if err := check(func(name string) (settings.Doc, error) { return settingTx(tx, b, name) }); err != nil {
			return err
		}
		i, err := versionTx(tx, b, key, version)
		if err != nil {
			return err
		}
		i.ACL = acl
		return s.rewrite(tx, b, i)
	})
}

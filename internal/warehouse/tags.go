package warehouse

import (
	"context"

	"penstock/internal/meta"
	"penstock/internal/meta/tag"
)

// Tags are those of the namespace or workgroup with an ARN.
func (w *Warehouses) Tags(ctx context.Context, arn string) (tags map[string]string, err error) {
	err = w.o.Meta.View(ctx, func(tx *meta.Tx) error {
		if err := w.resource(tx, arn); err != nil {
			return err
		}
		tags, err = tag.Of(tx, arn)
		return err
	})
	return tags, err
}

// AddTags gives the namespace or workgroup with an ARN tags, in place of those with the same keys. What the rules refuse is a *tag.Problem.
func (w *Warehouses) AddTags(ctx context.Context, arn string, tags map[string]string) error {
	return w.o.Meta.Update(ctx, func(tx *meta.Tx) error {
		if err := w.resource(tx, arn); err != nil {
			return err
		}
		return tag.Add(tx, arn, tags)
	})
}

// RemoveTags takes tags of the namespace or workgroup with an ARN away.
func (w *Warehouses) RemoveTags(ctx context.Context, arn string, keys []string) error {
	return w.o.Meta.Update(ctx, func(tx *meta.Tx) error {
		if err := w.resource(tx, arn); err != nil {
			return err
		}
		return tag.Remove(tx, arn, keys)
	})
}

// resource checks that an ARN is one of a namespace or workgroup of this region.
func (w *Warehouses) resource(tx *meta.Tx, arn string) error {
	var there bool
	err := tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM warehouse_namespace WHERE region = ?1 AND json_extract(doc, '$.ARN') = ?2)
		OR EXISTS (SELECT 1 FROM warehouse_workgroup WHERE region = ?1 AND json_extract(doc, '$.ARN') = ?2)`, w.o.Region, arn).Scan(&there)
	if err == nil && !there {
		err = ErrNoResource
	}
	return err
}

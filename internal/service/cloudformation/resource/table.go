package resource

import (
	"context"
	"maps"
)

// table is AWS::Glue::Table.
func table() *Kind {
	at := func(id string, p Props) map[string]any {
		return map[string]any{"DatabaseName": text(p, "DatabaseName"), "Name": id}
	}
	input := func(id string, p Props) map[string]any {
		return map[string]any{"DatabaseName": text(p, "DatabaseName"), "TableInput": with(maps.Clone(object(p, "TableInput")), "Name", id)}
	}
	return &Kind{
		Type: "AWS::Glue::Table", Name: "TableInput.Name", Naming: Naming{Lower: true, Max: 255},
		Spec: spec(`
			CatalogId text required replace
			DatabaseName text required replace
			TableInput.Name text replace
			TableInput.Description text
			TableInput.Owner text
			TableInput.Retention int
			TableInput.TableType text
			TableInput.Parameters map
			TableInput.ViewOriginalText text
			TableInput.ViewExpandedText text
			TableInput.PartitionKeys[].Name text required
			TableInput.PartitionKeys[].Type text
			TableInput.PartitionKeys[].Comment text
			` + storageSpec("TableInput.StorageDescriptor.")),
		Find: func(ctx context.Context, c *Caller, id string, p Props) (bool, error) {
			_, err := c.Do(ctx, "glue", "GetTable", at(id, p))
			return found(err, "EntityNotFoundException")
		},
		Create: func(ctx context.Context, c *Caller, id string, p Props) (string, error) {
			_, err := c.Do(ctx, "glue", "CreateTable", input(id, p))
			return id, gone(err, "AlreadyExistsException")
		},
		Update: func(ctx context.Context, c *Caller, id string, _, p Props) error {
			_, err := c.Do(ctx, "glue", "UpdateTable", input(id, p))
			return err
		},
		Delete: func(ctx context.Context, c *Caller, id string, p Props) error {
			_, err := c.Do(ctx, "glue", "DeleteTable", at(id, p))
			return gone(err, "EntityNotFoundException")
		},
	}
}

package resource

import (
	"context"
	"strings"
)

// partition is AWS::Glue::Partition. Its physical id is made of the database, the table and the values.
func partition() *Kind {
	at := func(p Props) map[string]any { return pick(p, "DatabaseName", "TableName") }
	values := func(p Props) []any { return list(object(p, "PartitionInput"), "Values") }
	return &Kind{
		Type: "AWS::Glue::Partition",
		Spec: spec(`
			CatalogId text required replace
			DatabaseName text required replace
			TableName text required replace
			PartitionInput.Values[] text required replace
			PartitionInput.Parameters map
			` + storageSpec("PartitionInput.StorageDescriptor.")),
		Find: func(ctx context.Context, c *Caller, _ string, p Props) (bool, error) {
			_, err := c.Do(ctx, "glue", "GetPartition", with(at(p), "PartitionValues", values(p)))
			if is(err, "EntityNotFoundException") && strings.HasPrefix(err.Error(), "Table ") {
				return false, err
			}
			return found(err, "EntityNotFoundException")
		},
		Create: func(ctx context.Context, c *Caller, _ string, p Props) (string, error) {
			id := []string{text(p, "DatabaseName"), text(p, "TableName")}
			for _, v := range values(p) {
				s, _ := scalarText(v)
				id = append(id, s)
			}
			_, err := c.Do(ctx, "glue", "CreatePartition", with(at(p), "PartitionInput", p["PartitionInput"]))
			return strings.Join(id, "|"), gone(err, "AlreadyExistsException")
		},
		Update: func(ctx context.Context, c *Caller, _ string, _, p Props) error {
			_, err := c.Do(ctx, "glue", "UpdatePartition", with(at(p), "PartitionValueList", values(p), "PartitionInput", p["PartitionInput"]))
			return err
		},
		Delete: func(ctx context.Context, c *Caller, _ string, p Props) error {
			_, err := c.Do(ctx, "glue", "DeletePartition", with(at(p), "PartitionValues", values(p)))
			return gone(err, "EntityNotFoundException")
		},
	}
}

// storageSpec is the properties of a StorageDescriptor below prefix.
func storageSpec(prefix string) string {
	var out strings.Builder
	for line := range strings.Lines(`
		Columns[].Name text required
		Columns[].Type text
		Columns[].Comment text
		Location text
		InputFormat text
		OutputFormat text
		Compressed bool
		NumberOfBuckets int
		BucketColumns[] text
		SortColumns[].Column text required
		SortColumns[].SortOrder int required
		SkewedInfo.SkewedColumnNames[] text
		SkewedInfo.SkewedColumnValues[] text
		SkewedInfo.SkewedColumnValueLocationMaps map
		Parameters map
		StoredAsSubDirectories bool
		SerdeInfo.Name text
		SerdeInfo.SerializationLibrary text
		SerdeInfo.Parameters map`) {
		if line = strings.TrimSpace(line); line != "" {
			out.WriteString(prefix + line + "\n")
		}
	}
	return out.String()
}

package glue

import (
	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"penstock/internal/catalog"
	"penstock/internal/service/glue/answer"
)

func columnsOf(in []types.Column) []catalog.Column {
	var out []catalog.Column
	for _, c := range in {
		out = append(out, catalog.Column{Name: answer.Deref(c.Name), Type: answer.Deref(c.Type), Comment: c.Comment, Parameters: c.Parameters})
	}
	return out
}

// columnTypes is never nil: the API answers empty lists of columns.
func columnTypes(in []catalog.Column) []types.Column {
	out := make([]types.Column, 0, len(in))
	for _, c := range in {
		out = append(out, types.Column{Name: answer.Ptr(c.Name), Type: answer.TextOrNil(c.Type), Comment: c.Comment, Parameters: c.Parameters})
	}
	return out
}

func storageOf(in *types.StorageDescriptor) *catalog.Storage {
	if in == nil {
		return nil
	}
	out := &catalog.Storage{Columns: columnsOf(in.Columns), Location: answer.Deref(in.Location), InputFormat: answer.Deref(in.InputFormat),
		OutputFormat: answer.Deref(in.OutputFormat), Compressed: in.Compressed, NumberOfBuckets: in.NumberOfBuckets,
		BucketColumns: in.BucketColumns,
		Parameters:    in.Parameters, SubDirectories: in.StoredAsSubDirectories}
	if s := in.SerdeInfo; s != nil {
		out.SerDe = &catalog.SerDe{Name: s.Name, Library: s.SerializationLibrary, Parameters: s.Parameters}
	}
	for _, o := range in.SortColumns {
		out.SortColumns = append(out.SortColumns, catalog.Order{Column: answer.Deref(o.Column), SortOrder: o.SortOrder})
	}
	if s := in.SkewedInfo; s != nil {
		out.Skewed = &catalog.Skewed{Columns: s.SkewedColumnNames, Values: s.SkewedColumnValues, Locations: s.SkewedColumnValueLocationMaps}
	}
	return out
}

func storageType(in *catalog.Storage) *types.StorageDescriptor {
	if in == nil {
		return nil
	}
	out := &types.StorageDescriptor{Columns: columnTypes(in.Columns), Location: answer.TextOrNil(in.Location),
		InputFormat:  answer.TextOrNil(in.InputFormat),
		OutputFormat: answer.TextOrNil(in.OutputFormat), Compressed: in.Compressed, NumberOfBuckets: in.NumberOfBuckets,
		BucketColumns: in.BucketColumns,
		Parameters:    in.Parameters, StoredAsSubDirectories: in.SubDirectories}
	if s := in.SerDe; s != nil {
		out.SerdeInfo = &types.SerDeInfo{Name: s.Name, SerializationLibrary: s.Library, Parameters: s.Parameters}
	}
	for _, o := range in.SortColumns {
		out.SortColumns = append(out.SortColumns, types.Order{Column: answer.Ptr(o.Column), SortOrder: o.SortOrder})
	}
	if s := in.Skewed; s != nil {
		out.SkewedInfo = &types.SkewedInfo{SkewedColumnNames: s.Columns, SkewedColumnValues: s.Values, SkewedColumnValueLocationMaps: s.Locations}
	}
	return out
}

func tableOf(database string, in *types.TableInput) catalog.Table {
	return catalog.Table{Database: database, Name: answer.Deref(in.Name), Description: in.Description, Owner: in.Owner,
		Retention: in.Retention,
		Type:      in.TableType, PartitionKeys: columnsOf(in.PartitionKeys), Parameters: in.Parameters, Storage: storageOf(in.StorageDescriptor),
		ViewOriginalText: in.ViewOriginalText, ViewExpandedText: in.ViewExpandedText, LastAccess: in.LastAccessTime,
		LastAnalyzed: in.LastAnalyzedTime}
}

func (s *Service) tableType(t *catalog.Table) types.Table {
	return types.Table{CatalogId: answer.Ptr(s.Account), DatabaseName: answer.Ptr(t.Database), Name: answer.Ptr(t.Name),
		Description: t.Description, Owner: t.Owner,
		Retention: t.Retention, TableType: t.Type, PartitionKeys: columnTypes(t.PartitionKeys), Parameters: t.Parameters,
		StorageDescriptor: storageType(t.Storage), ViewOriginalText: t.ViewOriginalText, ViewExpandedText: t.ViewExpandedText,
		LastAccessTime: t.LastAccess, LastAnalyzedTime: t.LastAnalyzed, CreatedBy: answer.TextOrNil(t.CreatedBy),
		CreateTime: answer.Ptr(t.Created),
		UpdateTime: answer.Ptr(t.Updated), VersionId: answer.Ptr(t.VersionID), IsMultiDialectView: answer.Ptr(false)}
}

func partitionOf(in *types.PartitionInput) catalog.Partition {
	return catalog.Partition{Values: in.Values, Parameters: in.Parameters, Storage: storageOf(in.StorageDescriptor),
		LastAccess:   in.LastAccessTime,
		LastAnalyzed: in.LastAnalyzedTime}
}

// partitionType is a partition of a table as the API shows it, without its columns if bare is set.
func (s *Service) partitionType(database, table string, p *catalog.Partition, bare bool) types.Partition {
	out := types.Partition{CatalogId: answer.Ptr(s.Account), DatabaseName: answer.Ptr(catalog.Fold(database)),
		TableName: answer.Ptr(catalog.Fold(table)),
		Values:    p.Values, Parameters: p.Parameters, StorageDescriptor: storageType(p.Storage), LastAccessTime: p.LastAccess,
		LastAnalyzedTime: p.LastAnalyzed, CreationTime: answer.Ptr(p.Created)}
	if bare && out.StorageDescriptor != nil {
		out.StorageDescriptor.Columns = nil
	}
	return out
}

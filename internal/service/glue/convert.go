package glue

import (
	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"penstock/internal/catalog"
)

func columnsOf(in []types.Column) []catalog.Column {
	var out []catalog.Column
	for _, c := range in {
		out = append(out, catalog.Column{Name: deref(c.Name), Type: deref(c.Type), Comment: c.Comment, Parameters: c.Parameters})
	}
	return out
}

// columnTypes is never nil: the API answers empty lists of columns.
func columnTypes(in []catalog.Column) []types.Column {
	out := make([]types.Column, 0, len(in))
	for _, c := range in {
		out = append(out, types.Column{Name: ptr(c.Name), Type: textOrNil(c.Type), Comment: c.Comment, Parameters: c.Parameters})
	}
	return out
}

func storageOf(in *types.StorageDescriptor) *catalog.Storage {
	if in == nil {
		return nil
	}
	out := &catalog.Storage{Columns: columnsOf(in.Columns), Location: deref(in.Location), InputFormat: deref(in.InputFormat),
		OutputFormat: deref(in.OutputFormat), Compressed: in.Compressed, NumberOfBuckets: in.NumberOfBuckets, BucketColumns: in.BucketColumns,
		Parameters: in.Parameters, SubDirectories: in.StoredAsSubDirectories}
	if s := in.SerdeInfo; s != nil {
		out.SerDe = &catalog.SerDe{Name: s.Name, Library: s.SerializationLibrary, Parameters: s.Parameters}
	}
	for _, o := range in.SortColumns {
		out.SortColumns = append(out.SortColumns, catalog.Order{Column: deref(o.Column), SortOrder: o.SortOrder})
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
	out := &types.StorageDescriptor{Columns: columnTypes(in.Columns), Location: textOrNil(in.Location), InputFormat: textOrNil(in.InputFormat),
		OutputFormat: textOrNil(in.OutputFormat), Compressed: in.Compressed, NumberOfBuckets: in.NumberOfBuckets, BucketColumns: in.BucketColumns,
		Parameters: in.Parameters, StoredAsSubDirectories: in.SubDirectories}
	if s := in.SerDe; s != nil {
		out.SerdeInfo = &types.SerDeInfo{Name: s.Name, SerializationLibrary: s.Library, Parameters: s.Parameters}
	}
	for _, o := range in.SortColumns {
		out.SortColumns = append(out.SortColumns, types.Order{Column: ptr(o.Column), SortOrder: o.SortOrder})
	}
	if s := in.Skewed; s != nil {
		out.SkewedInfo = &types.SkewedInfo{SkewedColumnNames: s.Columns, SkewedColumnValues: s.Values, SkewedColumnValueLocationMaps: s.Locations}
	}
	return out
}

func tableOf(database string, in *types.TableInput) catalog.Table {
	return catalog.Table{Database: database, Name: deref(in.Name), Description: in.Description, Owner: in.Owner, Retention: in.Retention,
		Type: in.TableType, PartitionKeys: columnsOf(in.PartitionKeys), Parameters: in.Parameters, Storage: storageOf(in.StorageDescriptor),
		ViewOriginalText: in.ViewOriginalText, ViewExpandedText: in.ViewExpandedText, LastAccess: in.LastAccessTime,
		LastAnalyzed: in.LastAnalyzedTime}
}

func (s *Service) tableType(t *catalog.Table) types.Table {
	return types.Table{CatalogId: ptr(s.Account), DatabaseName: ptr(t.Database), Name: ptr(t.Name), Description: t.Description, Owner: t.Owner,
		Retention: t.Retention, TableType: t.Type, PartitionKeys: columnTypes(t.PartitionKeys), Parameters: t.Parameters,
		StorageDescriptor: storageType(t.Storage), ViewOriginalText: t.ViewOriginalText, ViewExpandedText: t.ViewExpandedText,
		LastAccessTime: t.LastAccess, LastAnalyzedTime: t.LastAnalyzed, CreatedBy: textOrNil(t.CreatedBy), CreateTime: ptr(t.Created),
		UpdateTime: ptr(t.Updated), VersionId: ptr(t.VersionID), IsMultiDialectView: ptr(false)}
}

func partitionOf(in *types.PartitionInput) catalog.Partition {
	return catalog.Partition{Values: in.Values, Parameters: in.Parameters, Storage: storageOf(in.StorageDescriptor),
		LastAccess:   in.LastAccessTime,
		LastAnalyzed: in.LastAnalyzedTime}
}

// partitionType is a partition of a table as the API shows it, without its columns if bare is set.
func (s *Service) partitionType(database, table string, p *catalog.Partition, bare bool) types.Partition {
	out := types.Partition{CatalogId: ptr(s.Account), DatabaseName: ptr(catalog.Fold(database)), TableName: ptr(catalog.Fold(table)),
		Values: p.Values, Parameters: p.Parameters, StorageDescriptor: storageType(p.Storage), LastAccessTime: p.LastAccess,
		LastAnalyzedTime: p.LastAnalyzed, CreationTime: ptr(p.Created)}
	if bare && out.StorageDescriptor != nil {
		out.StorageDescriptor.Columns = nil
	}
	return out
}

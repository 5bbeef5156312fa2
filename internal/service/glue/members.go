package glue

import (
	"penstock/internal/api"
	"penstock/internal/service/glue/answer"
)

// storagePaths are the members of a StorageDescriptor at prefix that something reads: crawls, jobs, COPY.
func storagePaths(prefix string) []string {
	return answer.Under(prefix, "Columns[].Name", "Columns[].Type", "Location", "InputFormat", "Parameters",
		"SerdeInfo.SerializationLibrary", "SerdeInfo.Parameters")
}

// storageInert are those that are kept for their readers.
func storageInert(prefix string) []string {
	return answer.Under(prefix, "Columns[].Comment", "Columns[].Parameters", "OutputFormat", "Compressed", "NumberOfBuckets", "BucketColumns",
		"SortColumns", "StoredAsSubDirectories", "SerdeInfo.Name", "SkewedInfo")
}

func tableMembers() api.Option {
	const in = "TableInput"
	return func(o *api.Op) {
		api.Honours(answer.Under(in, "Name", "PartitionKeys[].Name", "PartitionKeys[].Type", "Parameters", "TableType")...)(o)
		api.Honours(storagePaths(in + ".StorageDescriptor")...)(o)
		answer.Inert(answer.Under(in, "Description", "Owner", "Retention", "PartitionKeys[].Comment", "PartitionKeys[].Parameters",
			"ViewOriginalText",
			"ViewExpandedText", "LastAccessTime", "LastAnalyzedTime")...)(o)
		answer.Inert(storageInert(in + ".StorageDescriptor")...)(o)
	}
}

// partitionMembers are those of a PartitionInput at prefix.
func partitionMembers(prefix string) api.Option {
	return func(o *api.Op) {
		api.Honours(answer.Under(prefix, "Values")...)(o)
		api.Honours(storagePaths(prefix + ".StorageDescriptor")...)(o)
		answer.Inert(answer.Under(prefix, "Parameters", "LastAccessTime", "LastAnalyzedTime")...)(o)
		answer.Inert(storageInert(prefix + ".StorageDescriptor")...)(o)
	}
}

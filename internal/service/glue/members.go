package glue

import (
	"strings"

	"penstock/internal/api"
)

const stored = "stored and returned"

// nothingShared: there are no catalogs of others, so that "all" are the caller's own.
func nothingShared(o *api.Op) { api.Holds("ResourceShareType", "ALL")(o) }

// under prefixes paths with the member that holds them.
func under(prefix string, paths ...string) []string {
	out := make([]string, len(paths))
	for i, p := range paths {
		out[i] = prefix + "." + p
	}
	return out
}

// inert lists members that are stored and returned.
func inert(paths ...string) api.Option {
	return func(o *api.Op) {
		for _, p := range paths {
			api.Inert(p, stored)(o)
		}
	}
}

// storagePaths are the members of a StorageDescriptor at prefix that something reads: crawls, jobs, COPY.
func storagePaths(prefix string) []string {
	return under(prefix, "Columns[].Name", "Columns[].Type", "Location", "InputFormat", "Parameters",
		"SerdeInfo.SerializationLibrary", "SerdeInfo.Parameters")
}

// storageInert are those that are kept for their readers.
func storageInert(prefix string) []string {
	return under(prefix, "Columns[].Comment", "Columns[].Parameters", "OutputFormat", "Compressed", "NumberOfBuckets", "BucketColumns",
		"SortColumns", "StoredAsSubDirectories", "SerdeInfo.Name", "SkewedInfo")
}

func tableMembers() api.Option {
	const in = "TableInput"
	return func(o *api.Op) {
		api.Honours(under(in, "Name", "PartitionKeys[].Name", "PartitionKeys[].Type", "Parameters", "TableType")...)(o)
		api.Honours(storagePaths(in + ".StorageDescriptor")...)(o)
		inert(under(in, "Description", "Owner", "Retention", "PartitionKeys[].Comment", "PartitionKeys[].Parameters", "ViewOriginalText",
			"ViewExpandedText", "LastAccessTime", "LastAnalyzedTime")...)(o)
		inert(storageInert(in + ".StorageDescriptor")...)(o)
	}
}

// partitionMembers are those of a PartitionInput at prefix.
func partitionMembers(prefix string) api.Option {
	return func(o *api.Op) {
		api.Honours(under(prefix, "Values")...)(o)
		api.Honours(storagePaths(prefix + ".StorageDescriptor")...)(o)
		inert(under(prefix, "Parameters", "LastAccessTime", "LastAnalyzedTime")...)(o)
		inert(storageInert(prefix + ".StorageDescriptor")...)(o)
	}
}

// words splits a list of member names.
func words(s string) []string { return strings.Fields(s) }

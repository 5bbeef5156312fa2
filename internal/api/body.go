package api

// Checksummed is what the Body of an S3 upload also implements. After Read has returned io.EOF, Checksums holds the checksums that
// the client sent, in headers or in the trailer, and that the body was found to have: by algorithm ("CRC32", "CRC32C", "CRC64NVME",
// "SHA1", "SHA256") as base64 text. A body that has not the checksum it claims ends in an error instead of io.EOF: a handler reads
// to the end before it acknowledges.
type Checksummed interface {
	Checksums() map[string]string
}

// Package sigv4 verifies AWS signatures on requests: version 4 in the Authorization header, in a presigned URL,
// and over bodies sent in signed or unsigned chunks with trailers, and S3's presigned URLs of version 2. It
// decides who calls, not what they may do; it signs nothing.
package sigv4

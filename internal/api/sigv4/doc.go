// Package sigv4 verifies AWS Signature Version 4 on requests: in the Authorization header, in a presigned URL, and over bodies sent
// in signed or unsigned chunks with trailers. It decides who calls, not what they may do; it signs nothing.
package sigv4

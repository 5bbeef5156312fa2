// Package restxml reads requests and writes answers of the restXml protocol, S3's, driven by bound shapes: which operation a method,
// path and query mean; members in labels, query, headers and the body; streamed bodies; errors. It verifies no signature.
package restxml

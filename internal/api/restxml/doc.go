// Package restxml reads requests and writes answers of the restXml protocol, S3's, driven by bound shapes: documents in XML and errors.
// Routing and what stands in paths, queries and headers are api/rest's. It verifies no signature.
package restxml

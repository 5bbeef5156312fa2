// Package restjson is the body of AWS's rest-json protocol: documents are JSON, in the names that the shapes give them. Where members stand
// outside of the body is api/rest's, JSON itself api/awsjson's.
package restjson

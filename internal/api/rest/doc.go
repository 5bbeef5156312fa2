// Package rest is what rest-xml and rest-json have in common: it finds the operation that a request's method, path and query mean, reads
// the members that stand there and in headers, and writes those of an answer. It knows no form of a body; api/restxml and api/restjson do.
package rest

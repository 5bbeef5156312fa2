// Package awsjson reads and writes bodies of the awsJson 1.0 and 1.1 protocols, driven by bound shapes. It parses the bytes directly
// and builds no intermediate tree. It knows no HTTP: package door sets headers and status.
package awsjson

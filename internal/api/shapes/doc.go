// Package shapes says how AWS's operations look on the wire: names, locations, formats and constraints of every member, read from
// tables that gen/reduce.py makes of botocore's models, and bound to the Go structs that carry the values.
//
// It encodes and decodes nothing (see api/awsjson, api/query, api/restxml, api/cbor); it knows the Go structs by reflection only.
package shapes

// Package door is the HTTP handler before every service: it verifies the signature, finds service, protocol and operation, reads the
// input, calls the table and writes the answer in the protocol that was asked for. It listens on nothing (package server does), keeps
// no state of any service and decides no permission.
package door

// Package certs gives the listeners their TLS certificate: one of a certificate authority of the data directory's own, made at the first
// start and renewed in time, or the user's. It is not where clients are told what to trust (package cli), and it speaks no protocol.
package certs

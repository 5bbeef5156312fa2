// Package child starts and supervises the other processes of the runtime, and carries calls between them and the control process.
//
// A child is the same binary started with "child KIND". Two socketpairs are its file descriptors 3 (calls from the child) and 4
// (calls from the parent), each HTTP/2 in clear text between exactly two ends; the end of either ends the child. A child may use
// the memory and threads that its Spec names, out of one budget for the machine; a start that does not fit waits. Killing a child
// is how its work is cancelled.
//
// A Program is a child of another binary, without sockets: a process group that ends as a whole, at the latest with this process.
//
// The package knows no kind of child and imports no query engine: child/worker and child/warehouse are what runs inside.
package child

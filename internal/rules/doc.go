// Package rules holds, as tests, the rules that keep the code in shape: the floors of docs/floors.txt, documented packages, sizes
// that may only shrink, and the few calls that only one package may make. It has no code of its own.
package rules

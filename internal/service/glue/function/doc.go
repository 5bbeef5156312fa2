// Package function is the user-defined functions of the Glue API. The catalog keeps which class they are and where their files lie;
// Penstock runs none of them itself.
package function

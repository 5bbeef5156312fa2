// Package awsglue holds Penstock's own Python packages awsglue and awsgluedq, which a Glue script imports: AWS Glue's names over PySpark,
// written from AWS's public guide. It writes them to a folder for a script's Python; it starts no Python and knows no job.
//
// The Python lies below python, its tests below testdata/tests, a corpus of scripts below testdata/scripts. docs/awsglue.md lists every
// name, its arguments and what is refused.
package awsglue

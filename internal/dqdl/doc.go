// Package dqdl is the Data Quality Definition Language of AWS Glue: it parses rulesets, says which rules can be evaluated here,
// compiles those to SQL in Spark's dialect over a named view, and judges what the SQL answers. It runs no SQL itself.
//
// Language: https://docs.aws.amazon.com/glue/latest/dg/dqdl.html; rule types: awslabs/dqdl, rules-config.json.
package dqdl

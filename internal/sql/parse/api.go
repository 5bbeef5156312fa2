package parse

import "penstock/internal/sql/syntax"

// Spark reads the statements of a Spark SQL text. The error is a *syntax.Error.
func Spark(text string) ([]syntax.Statement, error) { return statements(text, syntax.Spark) }

// Redshift reads the statements of a Redshift SQL text. The error is a *syntax.Error.
func Redshift(text string) ([]syntax.Statement, error) { return statements(text, syntax.Redshift) }

package classify

import "flag"

//nolint:gochecknoglobals // a flag
var update = flag.Bool("update", false, "rewrite the expectations in testdata")

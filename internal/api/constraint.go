package api

// check holds the input against the constraints of its shape: required, length, range, enum, pattern.
func (s *tableService) check(o *tableOp, in any) error {
	return nil
}

// statusOf is the HTTP status of an exception.
func statusOf(service, code string) int {
	return 400
}

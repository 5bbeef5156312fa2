package pgwire

// PasswordProblem returns what a password lacks by Redshift's rules: 8 to 64 characters, at least one upper case letter, one lower case
// letter and one digit, all of them printable ASCII without ' " \\ / @ and blanks. "" when it is good. Source:
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_USER.html
func PasswordProblem(p string) string {
	var upper, lower, digit bool
	for _, r := range p {
		upper, lower, digit = upper || r >= 'A' && r <= 'Z', lower || r >= 'a' && r <= 'z', digit || r >= '0' && r <= '9'
		if r <= 32 || r > 126 || r == '\'' || r == '"' || r == '\\' || r == '/' || r == '@' {
			return "may have printable ASCII characters only, without ', \", \\, / and @"
		}
	}
	if len(p) < 8 || len(p) > 64 || !upper || !lower || !digit {
		return "must have 8 to 64 characters, with at least one upper case letter, one lower case letter and one digit"
	}
	return ""
}

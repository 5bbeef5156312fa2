package metric

// A comparison is how an alarm's values are held against its threshold.
type comparison struct {
	words    string // of AWS's reasons
	less     bool   // small values breach
	breaches func(value, threshold float64) bool
}

// comparisons is the table of the operators that an alarm may have, by AWS's names.
func comparisons() map[string]comparison {
	return map[string]comparison{
		"GreaterThanThreshold":          {"greater than", false, func(v, t float64) bool { return v > t }},
		"GreaterThanOrEqualToThreshold": {"greater than or equal to", false, func(v, t float64) bool { return v >= t }},
		"LessThanThreshold":             {"less than", true, func(v, t float64) bool { return v < t }},
		"LessThanOrEqualToThreshold":    {"less than or equal to", true, func(v, t float64) bool { return v <= t }},
	}
}

// Compares reports whether an alarm may have the operator.
func Compares(operator string) bool { _, ok := comparisons()[operator]; return ok }

func (a *Alarm) comparison() comparison { return comparisons()[a.Comparison] }

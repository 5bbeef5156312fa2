package jsonrows

import (
	"fmt"
	"strings"
)

// Of returns the options that a table's SerDe and its properties ask for; ok is false when the library is no JSON SerDe.
func Of(library string, properties map[string]string) (o Options, ok bool, err error) {
	switch library {
	case "org.openx.data.jsonserde.JsonSerDe":
	case "org.apache.hive.hcatalog.data.JsonSerDe", "org.apache.hadoop.hive.serde2.JsonSerDe":
		o.SerDe = Hive
	default:
		return o, false, nil
	}
	for name, value := range properties {
		if column, ok := strings.CutPrefix(name, "mapping."); ok && o.SerDe == OpenX {
			if o.Mapping == nil {
				o.Mapping = map[string]string{}
			}
			o.Mapping[column] = value
			continue
		}
		if err := o.property(strings.ToLower(name), strings.TrimSpace(value)); err != nil {
			return o, true, fmt.Errorf("property %s of SerDe %s: %w", name, library, err)
		}
	}
	return o, true, nil
}

// property takes one property; those that concern writing only, or that the SerDe does not know, change nothing.
func (o *Options) property(name, value string) error {
	yes := false
	switch name {
	case "ignore.malformed.json", "case.insensitive", "dots.in.keys":
		switch strings.ToLower(value) {
		case "true":
			yes = true
		case "false":
		default:
			return fmt.Errorf("%q is neither true nor false", value)
		}
	}
	switch {
	case name == "timestamp.formats":
		o.TimestampFormats = nil
		for f := range strings.SplitSeq(value, ",") {
			if f = strings.TrimSpace(f); f != "" {
				o.TimestampFormats = append(o.TimestampFormats, f)
			}
		}
	case o.SerDe != OpenX:
	case name == "ignore.malformed.json" && yes:
		o.Malformed = NullRow
	case name == "case.insensitive":
		o.Exact = !yes
	case name == "dots.in.keys":
		o.Dots = yes
	}
	return nil
}

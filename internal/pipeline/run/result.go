package run

import (
	"encoding/json"
	"fmt"
)

// Bad is what a step found wrong with the files that it read. A row with a bad value is kept, with NULL in its place; a rejected one, which
// could not be taken apart, is not.
type Bad struct {
	Rows     int64 // with at least one bad value, each counted once
	Rejected int64
	Columns  []BadColumn
	SetAside int64     // files
	Files    []BadFile // the first of those, or the one that stopped the step
}

// A BadColumn says how many values of a column do not fit its type.
type BadColumn struct {
	Source, Column, Type string
	Count                int64
}

// A BadFile is a file that cannot be read as what its table says.
type BadFile struct {
	URI, Reason string
	Line        int64
}

// stepResult reads the line in which a job says what it did.
func stepResult(text string) (*StepResult, error) {
	var line struct {
		RowsRead     int64                     `json:"rows_read"`
		RowsWritten  int64                     `json:"rows_written"`
		RowsRejected int64                     `json:"rows_rejected"`
		RowsFiltered int64                     `json:"rows_filtered"`
		BadValues    int64                     `json:"bad_values"`
		BadColumns   []BadColumn               `json:"bad_columns"`
		Quarantined  int64                     `json:"quarantined"`
		BadFiles     []BadFile                 `json:"bad_files"`
		Files        int64                     `json:"files"`
		Bytes        int64                     `json:"bytes"`
		Rules        []struct{ Result string } `json:"rules"`
	}
	if err := json.Unmarshal([]byte(text), &line); err != nil {
		return nil, err
	}
	return &StepResult{
		RowsRead: line.RowsRead, RowsWritten: line.RowsWritten, Filtered: line.RowsFiltered, Files: line.Files, Bytes: line.Bytes,
		Quality: quality(line.Rules), Bad: Bad{line.BadValues, line.RowsRejected, line.BadColumns, line.Quarantined, line.BadFiles},
	}, nil
}

// quality says how many of the rules that were evaluated hold.
func quality(rules []struct{ Result string }) string {
	passed := 0
	for _, r := range rules {
		if r.Result == "PASS" {
			passed++
		}
	}
	if len(rules) == 0 {
		return ""
	}
	return fmt.Sprintf("%d/%d", passed, len(rules))
}

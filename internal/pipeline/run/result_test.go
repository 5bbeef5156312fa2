package run

import (
	"reflect"
	"testing"
)

// TestStepResultIsRead reads the line of a job, as a worker writes it.
func TestStepResultIsRead(t *testing.T) {
	got, err := stepResult(`{"step":"check","table":"o","rows_read":10,"rows_written":0,"rows_rejected":2,"rows_filtered":0,"bad_values":3,` +
		`"bad_columns":[{"source":"o","column":"n","type":"int","count":4}],"files":5,"quarantined":1,` +
		`"bad_files":[{"uri":"s3://b/k","line":7,"reason":"broken"}],"bytes":9,` +
		`"rules":[{"rule":"RowCount > 0","result":"PASS"},{"rule":"x","result":"FAIL"}]}`)
	want := &StepResult{RowsRead: 10, Files: 5, Bytes: 9, Quality: "1/2", Bad: Bad{
		Rows: 3, Rejected: 2, Columns: []BadColumn{{"o", "n", "int", 4}}, SetAside: 1, Files: []BadFile{{"s3://b/k", "broken", 7}},
	}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := stepResult("{"); err == nil {
		t.Error("half a line is read")
	}
}

package glue

import (
	"encoding/json"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/glue"

	"penstock/internal/api"
	"penstock/internal/service/glue/answer"
)

// TestGetTableIsKept reads a table again and again: what is kept says what the general way says, until the table changes.
func TestGetTableIsKept(t *testing.T) {
	w := open(t, fastDir(t))
	ctx := api.WithPrincipal(t.Context(), api.Principal{Account: w.Account, ARN: "arn:aws:iam::" + w.Account + ":root"})
	do := func(op, in string) {
		t.Helper()
		if _, err := w.table.Invoke(ctx, "glue", op, json.RawMessage(in)); err != nil {
			t.Fatal(op, err)
		}
	}
	in := &glue.GetTableInput{DatabaseName: answer.Ptr("Sales"), Name: answer.Ptr("ORDERS")}
	kept := func() (*api.Kept, string) {
		t.Helper()
		out, err := w.table.Answer(ctx, "glue", "GetTable", in)
		if err != nil {
			t.Fatal(err)
		}
		k, ok := out.(*api.Kept)
		if !ok {
			t.Fatalf("the answer is a %T", out)
		}
		plain, err := w.GetTable(ctx, in)
		must(t, err)
		got, err := json.Marshal(k.Out)
		must(t, err)
		want, err := json.Marshal(plain)
		must(t, err)
		if string(got) != string(want) {
			t.Errorf("kept %s\nwant %s", got, want)
		}
		return k, string(got)
	}
	do("CreateDatabase", `{"DatabaseInput":{"Name":"sales"}}`)
	do("CreateTable", `{"DatabaseName":"sales","TableInput":{"Name":"orders","StorageDescriptor":{"Columns":[{"Name":"a","Type":"int"}]}}}`)
	first, _ := kept()
	if again, _ := kept(); again != first {
		t.Error("it is made anew though nothing has changed")
	}
	do("UpdateTable",
		`{"DatabaseName":"sales","TableInput":{"Name":"orders","Description":"new","StorageDescriptor":{"Columns":[{"Name":"b","Type":"int"}]}}}`)
	changed, text := kept()
	if changed == first {
		t.Errorf("after a change it is still %s", text)
	}
	do("DeleteTable", `{"DatabaseName":"sales","Name":"orders"}`)
	if _, err := w.table.Answer(ctx, "glue", "GetTable", in); api.Code(err) != "EntityNotFoundException" {
		t.Errorf("after its end: %v", err)
	}
	other := &glue.GetTableInput{DatabaseName: in.DatabaseName, Name: in.Name, CatalogId: answer.Ptr("111111111111")}
	_, want := w.GetTable(ctx, other)
	if _, err := w.table.Answer(ctx, "glue", "GetTable", other); want == nil || err == nil || api.Code(err) != api.Code(want) {
		t.Errorf("another account's: %v, want %v", err, want)
	}
}

package api_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	gluetypes "github.com/aws/aws-sdk-go-v2/service/glue/types"

	"penstock/internal/api"
)

// BenchmarkInvoke calls an operation with 100 partitions of 20 columns: what the chain costs before and after the handler.
func BenchmarkInvoke(b *testing.B) {
	in := &glue.BatchCreatePartitionInput{DatabaseName: aws.String("d"), TableName: aws.String("t")}
	for i := range 100 {
		sd := &gluetypes.StorageDescriptor{Location: aws.String("s3://b/k")}
		for c := range 20 {
			sd.Columns = append(sd.Columns, gluetypes.Column{Name: aws.String(fmt.Sprint("c", c)), Type: aws.String("string")})
		}
		in.PartitionInputList = append(in.PartitionInputList, gluetypes.PartitionInput{Values: []string{fmt.Sprint(i)}, StorageDescriptor: sd})
	}
	op := api.Handle(func(context.Context, *glue.BatchCreatePartitionInput) (*glue.BatchCreatePartitionOutput, error) {
		return &glue.BatchCreatePartitionOutput{}, nil
	}, api.Honours("DatabaseName", "TableName", "PartitionInputList[].Values[]", "PartitionInputList[].StorageDescriptor.Columns[].Name",
		"PartitionInputList[].StorageDescriptor.Columns[].Type", "PartitionInputList[].StorageDescriptor.Location"))
	table := api.NewTable([]api.Service{{Name: "glue", Ops: []api.Op{op}}}, nil)
	ctx := api.WithPrincipal(b.Context(), api.Principal{Account: "000000000000"})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := table.Invoke(ctx, "glue", "BatchCreatePartition", in); err != nil {
			b.Fatal(err)
		}
	}
}

package door_test

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	gluetypes "github.com/aws/aws-sdk-go-v2/service/glue/types"

	"penstock/internal/api/awsjson"
	"penstock/internal/api/shapes"
)

// partitions is an answer of GetPartitions: 1000 partitions of 20 columns.
func partitions() *glue.GetPartitionsOutput {
	out := &glue.GetPartitionsOutput{}
	for i := range 1000 {
		sd := &gluetypes.StorageDescriptor{Location: aws.String(fmt.Sprintf("s3://bucket/table/dt=2026-01-%02d/h=%d/", i%28+1, i)),
			InputFormat: aws.String("org.apache.hadoop.mapred.TextInputFormat")}
		for c := range 20 {
			sd.Columns = append(sd.Columns, gluetypes.Column{Name: aws.String(fmt.Sprintf("column_%d", c)), Type: aws.String("string")})
		}
		out.Partitions = append(out.Partitions,
			gluetypes.Partition{DatabaseName: aws.String("db"), TableName: aws.String("t"), Values: []string{fmt.Sprint(i)}, StorageDescriptor: sd})
	}
	return out
}

func bound(b *testing.B) *shapes.Type {
	svc, err := shapes.NewSet().Service("glue")
	if err != nil {
		b.Fatal(err)
	}
	return shapes.NewBinder(svc, nil).Bind(reflect.TypeFor[glue.GetPartitionsOutput](), svc.Ops["GetPartitions"].Output.Shape)
}

func BenchmarkEncodeGetPartitions(b *testing.B) {
	t, v := bound(b), reflect.ValueOf(partitions())
	b.ReportAllocs()
	for b.Loop() {
		text, err := awsjson.Append(nil, t, v)
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(len(text)))
	}
}

func BenchmarkDecodeGetPartitions(b *testing.B) {
	t := bound(b)
	text, err := awsjson.Append(nil, t, reflect.ValueOf(partitions()))
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		var out glue.GetPartitionsOutput
		if err := awsjson.Decode(text, t, reflect.ValueOf(&out).Elem()); err != nil || len(out.Partitions) != 1000 {
			b.Fatal(err)
		}
	}
}

func BenchmarkLoadGlueTable(b *testing.B) {
	for b.Loop() {
		if _, err := shapes.NewSet().Service("glue"); err != nil {
			b.Fatal(err)
		}
	}
}

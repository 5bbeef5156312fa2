package compile

import (
	"strings"

	"penstock/internal/pipeline"
)

// The classes of Hive that read and write a format.
type classes struct{ input, output, library string }

const (
	hive   = "org.apache.hadoop.hive."
	ioText = "org.apache.hadoop.mapred.TextInputFormat"
	oText  = hive + "ql.io.HiveIgnoreKeyTextOutputFormat"
)

var formats = map[string]classes{
	"parquet": {hive + "ql.io.parquet.MapredParquetInputFormat", hive + "ql.io.parquet.MapredParquetOutputFormat",
		hive + "ql.io.parquet.serde.ParquetHiveSerDe"},
	"orc":  {hive + "ql.io.orc.OrcInputFormat", hive + "ql.io.orc.OrcOutputFormat", hive + "ql.io.orc.OrcSerde"},
	"avro": {hive + "ql.io.avro.AvroContainerInputFormat", hive + "ql.io.avro.AvroContainerOutputFormat", hive + "serde2.avro.AvroSerDe"},
	"json": {ioText, oText, "org.openx.data.jsonserde.JsonSerDe"},
	"grok": {ioText, oText, "com.amazonaws.glue.serde.GrokSerDe"},
}

// storage is the table's StorageDescriptor, but for its columns, and its parameters.
func storage(format string, place pipeline.Place, properties object) object {
	c := formats[format]
	s := object{"Location": uri(place)}
	if format == "xml" { // Glue's jobs read it by its classification: there is no SerDe
		s["SerdeInfo"] = object{"Parameters": properties}
		return s
	}
	s["InputFormat"], s["OutputFormat"] = c.input, c.output
	serde := object{"SerializationLibrary": c.library}
	if len(properties) > 0 {
		serde["Parameters"] = properties
	}
	s["SerdeInfo"] = serde
	return s
}

// sourceStorage is how the files of a source with declared columns are read.
func sourceStorage(s pipeline.Source) (descriptor, parameters object) {
	if s.Format == "csv" {
		return object{"Location": uri(s.To), "InputFormat": ioText, "OutputFormat": oText, "SerdeInfo": csvSerde(s.Options)},
			csvParameters(s.Options)
	}
	properties := object{}
	parameters = object{"classification": s.Format}
	switch s.Format {
	case "xml":
		properties["rowTag"] = s.FormatArg
	case "grok":
		properties["input.format"] = s.FormatArg
	}
	if s.Options.Encoding != "" {
		properties["serialization.encoding"] = s.Options.Encoding
	}
	return storage(s.Format, s.To, properties), parameters
}

// outputStorage is how the files of a transform are written and read. Delimited text is CSV with a header line.
func outputStorage(t pipeline.Transform) (descriptor, parameters object) {
	parameters = object{"classification": t.Format, "compressionType": t.Compression}
	switch t.Format {
	case "parquet":
		if t.Compression != "snappy" {
			parameters["parquet.compression"] = strings.ToUpper(t.Compression)
		}
	case "orc":
		parameters["orc.compress"] = strings.ToUpper(t.Compression)
	case "csv":
		for k, v := range csvParameters(pipeline.Options{}) {
			parameters[k] = v
		}
		return object{"Location": uri(t.To), "InputFormat": ioText, "OutputFormat": oText, "SerdeInfo": csvSerde(pipeline.Options{})}, parameters
	}
	return storage(t.Format, t.To, nil), parameters
}

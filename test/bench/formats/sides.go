package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"penstock/internal/column"
	"penstock/internal/engine"
	"penstock/internal/format/parquetfile"
	"penstock/internal/schema"
	"penstock/internal/serde"
)

func ours(s shape, from, to string) error {
	typ, err := schema.Parse("struct<" + s.columns + ">")
	if err != nil {
		return err
	}
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := os.Create(to)
	if err != nil {
		return err
	}
	defer dst.Close()
	table := s.table
	table.Name, table.Columns = "table bench."+s.name, typ.Fields
	form, err := serde.Of(table)
	if err != nil {
		return err
	}
	r, err := form.Open(serde.Object{Name: from, Data: src}, typ.Fields, serde.Options{})
	if err != nil {
		return err
	}
	defer r.Close()
	w, err := parquetfile.NewWriter(dst, typ.Fields, parquetfile.WriterOptions{})
	if err != nil {
		return err
	}
	b := column.NewBatch(typ.Fields)
	for {
		b.Reset()
		if err := r.Next(b); err == io.EOF {
			break
		} else if err != nil {
			return err
		}
		if err := w.Write(b); err != nil {
			return err
		}
	}
	return w.Close()
}

func theirs(ctx context.Context, c *engine.Conn, s shape, from, to string) error {
	read := fmt.Sprintf("read_json(%s, format='newline_delimited', columns={%s})", engine.Literal(from), s.engine)
	if s.table.Parameters["classification"] == "csv" {
		read = fmt.Sprintf("read_csv(%s, header=true, delim=',', quote='\"', columns={%s})", engine.Literal(from), s.engine)
	}
	_, err := c.Exec(ctx, "COPY (FROM "+read+") TO "+engine.Literal(to)+" (FORMAT parquet, COMPRESSION snappy)")
	return err
}

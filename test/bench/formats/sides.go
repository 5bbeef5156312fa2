package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"penstock/internal/column"
	"penstock/internal/engine"
	"penstock/internal/format/jsonrows"
	"penstock/internal/format/parquetfile"
	"penstock/internal/schema"
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
	r, err := jsonrows.NewReader(src, typ.Fields, jsonrows.Options{SerDe: jsonrows.OpenX})
	if err != nil {
		return err
	}
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
	_, err := c.Exec(ctx, fmt.Sprintf("COPY (FROM read_json(%s, format='newline_delimited', columns={%s})) "+
		"TO %s (FORMAT parquet, COMPRESSION snappy)", engine.Literal(from), s.engine, engine.Literal(to)))
	return err
}

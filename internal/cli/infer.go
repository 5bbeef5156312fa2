package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/spf13/cobra"

	"penstock/internal/classify"
	"penstock/internal/cli/infer"
	"penstock/internal/format/grok"
	"penstock/internal/server"
)

// inferFlags are the flags of "infer".
type inferFlags struct {
	format, jsonPath, rowTag, grok, delimiter, quote, header string
	sampleSize                                               int
	asGlue, combine                                          bool
}

func (a *app) inferCommand() *cobra.Command {
	var f inferFlags
	cmd := &cobra.Command{
		Use:   "infer FILE|FOLDER|s3://BUCKET/PREFIX",
		Short: "Show what a crawler finds in files: format, dialect, columns, types, partitions",
		Long: "Looks at a file, the files of a folder, or objects of the data directory's server, and prints the tables that a crawler would\n" +
			"make of them: the format and how it is written, the columns with their types, values and nulls, the partitions, and each value\n" +
			"that forced a column to a wider type, with its line. Of CSV and logs it reads 1,000 records or 1 MB of a file, of JSON and XML\n" +
			"the first 1 to 10 MB, of Parquet, ORC and Avro their own schemas.\n\n" +
			"A header over columns that hold words only is found, which Glue's crawlers lose; --as-glue shows what they make of it.\n" +
			"--json-path, --row-tag, --grok and --delimiter, --quote, --header do what a crawler's own classifier would do.",
		Example: "  penstock infer orders.csv.gz\n" +
			"  penstock infer data/2024 --json\n" +
			"  penstock infer trail.json.gz --json-path '$.Records[*]'\n" +
			"  penstock infer s3://lake/raw/orders/",
		Args: args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, list []string) error { return a.infer(cmd.Context(), list[0], f) },
	}
	a.folderFlag(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.format, "format", "", "the format that files must have: csv, json, parquet, orc, avro, xml or a log format")
	flags.StringVar(&f.jsonPath, "json-path", "", "the way to the records of JSON, as of a JSON classifier: '$.Records[*]'")
	flags.StringVar(&f.rowTag, "row-tag", "", "the element that is a row of XML")
	flags.StringVar(&f.grok, "grok", "", "the grok pattern of the lines: '%{WORD:verb} %{NUMBER:n:int}'")
	flags.StringVar(&f.delimiter, "delimiter", "", "what separates the fields of CSV; \\t is a tab")
	flags.StringVar(&f.quote, "quote", "", "what quotes the fields of CSV")
	flags.StringVar(&f.header, "header", "", "whether CSV has a header: present, absent or unknown")
	flags.IntVar(&f.sampleSize, "sample-size", 0, "look at this many files of each folder (default all)")
	flags.BoolVar(&f.combine, "combine", false, "group files whatever their columns are (CombineCompatibleSchemas)")
	flags.BoolVar(&f.asGlue, "as-glue", false, "find headers by Glue's rule")
	return cmd
}

// classifier is what the flags describe, or nil.
func (f *inferFlags) classifier() (*classify.Classifier, error) {
	c := &classify.Classifier{Name: "of the flags"}
	kinds := 0
	if f.jsonPath != "" {
		c.JSON = &classify.JSONRules{Path: f.jsonPath}
		kinds++
	}
	if f.rowTag != "" {
		c.XML = &classify.XMLRules{Classification: classify.XML, RowTag: f.rowTag}
		kinds++
	}
	if f.grok != "" {
		c.Grok = &classify.GrokRules{Classification: "grok", Pattern: f.grok}
		kinds++
	}
	if f.delimiter != "" || f.quote != "" || f.header != "" {
		yes, no := true, false
		c.CSV = &classify.CSVRules{Delimiter: strings.ReplaceAll(f.delimiter, `\t`, "\t"), Quote: f.quote,
			ContainsHeader: strings.ToUpper(f.header), AllowSingleColumn: &yes, NoTrim: &no}
		kinds++
	}
	switch {
	case kinds > 1:
		return nil, errors.New("--json-path, --row-tag, --grok and the flags of CSV exclude each other")
	case kinds == 0:
		return nil, nil
	}
	_, err := classify.Compile(*c)
	return c, err
}

// check refuses what no file could have.
func (f *inferFlags) check() error {
	formats := []string{"", classify.CSV, classify.JSON, classify.Parquet, classify.ORC, classify.Avro, classify.XML, "grok"}
	for _, l := range grok.Logs() {
		formats = append(formats, l.Name)
	}
	headers := []string{"", "present", "absent", "unknown"}
	switch {
	case !slices.Contains(formats, f.format):
		return fmt.Errorf("there is no format %q; there is %s", f.format, strings.Join(formats[1:], ", "))
	case !slices.Contains(headers, strings.ToLower(f.header)):
		return fmt.Errorf("--header is present, absent or unknown, not %q", f.header)
	case f.sampleSize < 0:
		return fmt.Errorf("--sample-size is %d, which is no number of files", f.sampleSize)
	}
	return nil
}

func (a *app) infer(ctx context.Context, place string, f inferFlags) (err error) {
	if err := f.check(); err != nil {
		return usageError{err}
	}
	c, err := f.classifier()
	if err != nil {
		return usageError{errors.New(strings.TrimPrefix(err.Error(), "classifier of the flags: "))}
	}
	opts := infer.Options{Format: f.format, Classifier: c, SampleSize: f.sampleSize, Combine: f.combine, AsGlue: f.asGlue}
	if strings.HasPrefix(place, "s3://") {
		return a.inferObjects(ctx, place, opts)
	}
	if place == "" {
		return usageError{errors.New("the name of the file is empty")}
	}
	at := place
	if !filepath.IsAbs(at) {
		at = filepath.Join(a.dir, at)
	}
	files, err := infer.Local(at)
	if err != nil {
		return err
	}
	root, err := filepath.Abs(at)
	if err != nil {
		return err
	}
	return a.inferred(ctx, filepath.Base(root), at, files, opts)
}

// inferObjects looks at objects of the runtime.
func (a *app) inferObjects(ctx context.Context, place string, opts infer.Options) (err error) {
	data, err := a.dataDir()
	if err != nil {
		return err
	}
	if !server.Exists(data) {
		return fmt.Errorf("there is no data directory %s, whose objects %s could be: name it with --data", data, place)
	}
	var files []infer.File
	s, err := a.asking(ctx, func(s *session) (err error) {
		files, err = infer.Objects(ctx, s3.NewFromConfig(s.cfg, func(o *s3.Options) { o.UsePathStyle = true }), place)
		return err
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close(ctx)) }()
	return a.inferred(ctx, path.Base(strings.TrimPrefix(place, "s3://")), place, files, opts)
}

// inferred looks at files and prints what they are.
func (a *app) inferred(ctx context.Context, root, location string, files []infer.File, opts infer.Options) error {
	r, err := infer.Look(ctx, root, location, files, opts)
	if err != nil {
		return err
	}
	if len(r.Tables) == 0 && len(r.Others) == 1 {
		return fmt.Errorf("%s %s", r.Others[0].File, r.Others[0].Why)
	}
	if a.json {
		e := json.NewEncoder(a.stdout)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		err = e.Encode(r)
	} else {
		infer.Print(a.stdout, r, terminalWidth(a.stdout))
	}
	if err == nil && len(r.Tables) == 0 {
		err = fmt.Errorf("no table is found at %s", location)
	}
	return err
}

package resource

import (
	"context"
	"errors"
	"fmt"
	"maps"
)

// classifier is AWS::Glue::Classifier.
func classifier() *Kind {
	kinds := []string{"CsvClassifier", "GrokClassifier", "JsonClassifier", "XMLClassifier"}
	of := func(p Props) (kind string) {
		for _, k := range kinds {
			if p[k] != nil {
				kind = k
			}
		}
		return kind
	}
	input := func(id string, p Props) map[string]any {
		in := with(maps.Clone(object(p, of(p))), "Name", id)
		if v, ok := in["ContainsCustomDatatype"]; ok { // CustomDatatypes in the operation
			delete(in, "ContainsCustomDatatype")
			in["CustomDatatypes"] = v
		}
		return map[string]any{of(p): in}
	}
	name := func(id string) map[string]any { return map[string]any{"Name": id} }
	return &Kind{
		Type: "AWS::Glue::Classifier", Name: "CsvClassifier.Name|GrokClassifier.Name|JsonClassifier.Name|XMLClassifier.Name",
		Naming: Naming{Max: 255},
		Spec:   classifierSpec(),
		Refuse: func(old, p Props) error {
			n := 0
			for _, k := range kinds {
				if p[k] != nil {
					n++
				}
			}
			if n != 1 {
				return errors.New("exactly one of CsvClassifier, GrokClassifier, JsonClassifier and XMLClassifier must be given")
			}
			if len(old) > 0 && of(old) != of(p) {
				return fmt.Errorf("the %s cannot become a %s: Penstock does not support that change yet", of(old), of(p))
			}
			return nil
		},
		Find: func(ctx context.Context, c *Caller, id string, _ Props) (bool, error) {
			_, err := c.Do(ctx, "glue", "GetClassifier", name(id))
			return found(err, "EntityNotFoundException")
		},
		Create: func(ctx context.Context, c *Caller, id string, p Props) (string, error) {
			_, err := c.Do(ctx, "glue", "CreateClassifier", input(id, p))
			return id, gone(err, "AlreadyExistsException")
		},
		Update: func(ctx context.Context, c *Caller, id string, _, p Props) error {
			_, err := c.Do(ctx, "glue", "UpdateClassifier", input(id, p))
			return err
		},
		Delete: func(ctx context.Context, c *Caller, id string, _ Props) error {
			_, err := c.Do(ctx, "glue", "DeleteClassifier", name(id))
			return gone(err, "EntityNotFoundException")
		},
	}
}

func classifierSpec() *Spec {
	return spec(`
		CsvClassifier.Name text replace
		CsvClassifier.AllowSingleColumn bool
		CsvClassifier.ContainsCustomDatatype[] text
		CsvClassifier.ContainsHeader text
		CsvClassifier.CustomDatatypeConfigured bool
		CsvClassifier.Delimiter text
		CsvClassifier.DisableValueTrimming bool
		CsvClassifier.Header[] text
		CsvClassifier.QuoteSymbol text
		GrokClassifier.Name text replace
		GrokClassifier.Classification text required
		GrokClassifier.CustomPatterns text
		GrokClassifier.GrokPattern text required
		JsonClassifier.Name text replace
		JsonClassifier.JsonPath text required
		XMLClassifier.Name text replace
		XMLClassifier.Classification text required
		XMLClassifier.RowTag text required`)
}

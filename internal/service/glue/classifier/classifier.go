// Package classifier is the operations of the Glue API on classifiers of a user's own. What they recognise is package classify's, where
// they are kept package crawl/classifier's.
package classifier

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"penstock/internal/api"
	"penstock/internal/classify"
	"penstock/internal/crawl/classifier"
	"penstock/internal/meta"
	"penstock/internal/module"
	"penstock/internal/service/glue/answer"
)

// A Service is the operations on classifiers.
type Service struct{ module.Env }

// Ops are the operations.
func (s *Service) Ops() []api.Op {
	members := func(o *api.Op) {
		api.Honours(answer.Under("GrokClassifier", answer.Words("Name Classification GrokPattern CustomPatterns")...)...)(o)
		api.Honours(answer.Under("XMLClassifier", answer.Words("Name Classification RowTag")...)...)(o)
		api.Honours(answer.Under("JsonClassifier", answer.Words("Name JsonPath")...)...)(o)
		api.Honours(answer.Under("CsvClassifier", answer.Words("Name Delimiter QuoteSymbol ContainsHeader Header DisableValueTrimming "+
			"AllowSingleColumn CustomDatatypeConfigured CustomDatatypes Serde")...)...)(o)
	}
	return []api.Op{
		api.Handle(s.CreateClassifier, members),
		api.Handle(s.GetClassifier, api.Honours("Name")),
		api.Handle(s.GetClassifiers, api.Honours("MaxResults", "NextToken")),
		api.Handle(s.UpdateClassifier, members),
		api.Handle(s.DeleteClassifier, api.Honours("Name")),
	}
}

func (s *Service) store() classifier.Store { return classifier.Store{Region: s.Region, Clock: s.Clock} }

// Error gives the errors of the store their AWS codes; others pass.
func Error(err error) error {
	var e *classifier.Error
	if !errors.As(err, &e) {
		return answer.Error(err)
	}
	code := answer.Invalid
	switch e.Reason {
	case classifier.NotFound:
		code = answer.NotFound
	case classifier.Exists:
		code = answer.Exists
	}
	return &api.Error{Code: code, Message: e.Text, Err: err}
}

// one refuses a request that describes no classifier or several.
func one(given ...bool) error {
	n := 0
	for _, g := range given {
		if g {
			n++
		}
	}
	if n == 1 {
		return nil
	}
	return api.Errorf(answer.Invalid,
		"Exactly one of GrokClassifier, XMLClassifier, JsonClassifier and CsvClassifier is required; %d are given.", n)
}

// CreateClassifier makes a classifier.
func (s *Service) CreateClassifier(ctx context.Context, in *glue.CreateClassifierInput) (*glue.CreateClassifierOutput, error) {
	if err := one(in.GrokClassifier != nil, in.XMLClassifier != nil, in.JsonClassifier != nil, in.CsvClassifier != nil); err != nil {
		return nil, err
	}
	var c classify.Classifier
	switch {
	case in.GrokClassifier != nil:
		g := in.GrokClassifier
		c.Name, c.Grok = answer.Deref(g.Name), &classify.GrokRules{Classification: answer.Deref(g.Classification),
			Pattern: answer.Deref(g.GrokPattern), CustomPatterns: answer.Deref(g.CustomPatterns)}
	case in.XMLClassifier != nil:
		x := in.XMLClassifier
		c.Name, c.XML = answer.Deref(x.Name), &classify.XMLRules{Classification: answer.Deref(x.Classification), RowTag: answer.Deref(x.RowTag)}
	case in.JsonClassifier != nil:
		c.Name, c.JSON = answer.Deref(in.JsonClassifier.Name), &classify.JSONRules{Path: answer.Deref(in.JsonClassifier.JsonPath)}
	default:
		v := types.UpdateCsvClassifierRequest(*in.CsvClassifier)
		c.Name, c.CSV = answer.Deref(v.Name), &classify.CSVRules{}
		setCSV(c.CSV, &v)
	}
	err := s.Meta.Update(ctx, func(tx *meta.Tx) error { return s.store().CreateTx(tx, c) })
	if err != nil {
		return nil, Error(err)
	}
	return &glue.CreateClassifierOutput{}, nil
}

// setCSV takes over what a request gives.
func setCSV(c *classify.CSVRules, in *types.UpdateCsvClassifierRequest) {
	replace(&c.Delimiter, in.Delimiter)
	replace(&c.Quote, in.QuoteSymbol)
	if in.ContainsHeader != "" {
		c.ContainsHeader = string(in.ContainsHeader)
	}
	if in.Header != nil {
		c.Header = in.Header
	}
	if in.DisableValueTrimming != nil {
		c.NoTrim = in.DisableValueTrimming
	}
	if in.AllowSingleColumn != nil {
		c.AllowSingleColumn = in.AllowSingleColumn
	}
	if in.CustomDatatypeConfigured != nil {
		c.TypesConfigured = in.CustomDatatypeConfigured
	}
	if in.CustomDatatypes != nil {
		c.Types = in.CustomDatatypes
	}
	if in.Serde != "" {
		c.SerDe = string(in.Serde)
	}
}

func replace(dst *string, src *string) {
	if src != nil {
		*dst = *src
	}
}

// UpdateClassifier changes what is given of a classifier. Its kind stays.
func (s *Service) UpdateClassifier(ctx context.Context, in *glue.UpdateClassifierInput) (*glue.UpdateClassifierOutput, error) {
	if err := one(in.GrokClassifier != nil, in.XMLClassifier != nil, in.JsonClassifier != nil, in.CsvClassifier != nil); err != nil {
		return nil, err
	}
	var name string
	var change func(c *classify.Classifier) (same bool)
	switch {
	case in.GrokClassifier != nil:
		name = answer.Deref(in.GrokClassifier.Name)
		change = func(c *classify.Classifier) bool { return c.Grok != nil && setGrok(c.Grok, in.GrokClassifier) }
	case in.XMLClassifier != nil:
		name = answer.Deref(in.XMLClassifier.Name)
		change = func(c *classify.Classifier) bool { return c.XML != nil && setXML(c.XML, in.XMLClassifier) }
	case in.JsonClassifier != nil:
		name = answer.Deref(in.JsonClassifier.Name)
		change = func(c *classify.Classifier) bool {
			if c.JSON != nil {
				replace(&c.JSON.Path, in.JsonClassifier.JsonPath)
			}
			return c.JSON != nil
		}
	default:
		name = answer.Deref(in.CsvClassifier.Name)
		change = func(c *classify.Classifier) bool {
			if c.CSV != nil {
				setCSV(c.CSV, in.CsvClassifier)
			}
			return c.CSV != nil
		}
	}
	err := s.Meta.Update(ctx, func(tx *meta.Tx) error {
		return s.store().UpdateTx(tx, name, func(c *classify.Classifier) error {
			if !change(c) {
				return &classifier.Error{Reason: classifier.Invalid, Text: "Classifier " + name + " is of another kind, which cannot be changed."}
			}
			return nil
		})
	})
	if err != nil {
		return nil, Error(err)
	}
	return &glue.UpdateClassifierOutput{}, nil
}

func setGrok(c *classify.GrokRules, in *types.UpdateGrokClassifierRequest) bool {
	replace(&c.Classification, in.Classification)
	replace(&c.Pattern, in.GrokPattern)
	replace(&c.CustomPatterns, in.CustomPatterns)
	return true
}

func setXML(c *classify.XMLRules, in *types.UpdateXMLClassifierRequest) bool {
	replace(&c.Classification, in.Classification)
	replace(&c.RowTag, in.RowTag)
	return true
}

// DeleteClassifier removes a classifier.
func (s *Service) DeleteClassifier(ctx context.Context, in *glue.DeleteClassifierInput) (*glue.DeleteClassifierOutput, error) {
	err := s.Meta.Update(ctx, func(tx *meta.Tx) error { return s.store().DeleteTx(tx, answer.Deref(in.Name)) })
	if err != nil {
		return nil, Error(err)
	}
	return &glue.DeleteClassifierOutput{}, nil
}

// GetClassifier shows a classifier.
func (s *Service) GetClassifier(ctx context.Context, in *glue.GetClassifierInput) (*glue.GetClassifierOutput, error) {
	var c classifier.Classifier
	err := s.Meta.View(ctx, func(tx *meta.Tx) (err error) {
		c, err = s.store().GetTx(tx, answer.Deref(in.Name))
		return err
	})
	if err != nil {
		return nil, Error(err)
	}
	return &glue.GetClassifierOutput{Classifier: typeOf(&c)}, nil
}

// GetClassifiers lists classifiers by name.
func (s *Service) GetClassifiers(ctx context.Context, in *glue.GetClassifiersInput) (*glue.GetClassifiersOutput, error) {
	p, err := answer.Page(s.Region, in.NextToken, in.MaxResults, "classifiers")
	if err != nil {
		return nil, err
	}
	out := &glue.GetClassifiersOutput{Classifiers: []types.Classifier{}}
	err = s.Meta.View(ctx, func(tx *meta.Tx) error {
		return s.store().WalkTx(tx, p.After, func(c classifier.Classifier) bool {
			if !p.Take(c.Name) {
				return false
			}
			out.Classifiers = append(out.Classifiers, *typeOf(&c))
			return true
		})
	})
	if err != nil {
		return nil, Error(err)
	}
	out.NextToken = p.Next()
	return out, nil
}

// typeOf is a classifier as the API shows it.
func typeOf(c *classifier.Classifier) *types.Classifier {
	name, created, updated := answer.Ptr(c.Name), answer.Ptr(c.Created), answer.Ptr(c.Updated)
	switch {
	case c.Grok != nil:
		return &types.Classifier{GrokClassifier: &types.GrokClassifier{Name: name, CreationTime: created, LastUpdated: updated,
			Version: c.Version, Classification: answer.Ptr(c.Grok.Classification), GrokPattern: answer.Ptr(c.Grok.Pattern),
			CustomPatterns: answer.TextOrNil(c.Grok.CustomPatterns)}}
	case c.XML != nil:
		return &types.Classifier{XMLClassifier: &types.XMLClassifier{Name: name, CreationTime: created, LastUpdated: updated,
			Version: c.Version, Classification: answer.Ptr(c.XML.Classification), RowTag: answer.TextOrNil(c.XML.RowTag)}}
	case c.JSON != nil:
		return &types.Classifier{JsonClassifier: &types.JsonClassifier{Name: name, CreationTime: created, LastUpdated: updated,
			Version: c.Version, JsonPath: answer.Ptr(c.JSON.Path)}}
	}
	return &types.Classifier{CsvClassifier: &types.CsvClassifier{Name: name, CreationTime: created, LastUpdated: updated,
		Version: c.Version, Delimiter: answer.TextOrNil(c.CSV.Delimiter), QuoteSymbol: answer.TextOrNil(c.CSV.Quote),
		ContainsHeader: types.CsvHeaderOption(c.CSV.ContainsHeader), Header: c.CSV.Header, DisableValueTrimming: c.CSV.NoTrim,
		AllowSingleColumn: c.CSV.AllowSingleColumn, CustomDatatypeConfigured: c.CSV.TypesConfigured, CustomDatatypes: c.CSV.Types,
		Serde: types.CsvSerdeOption(c.CSV.SerDe)}}
}

package crawl

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
)

// A Config is a crawler's Configuration, a JSON text.
// https://docs.aws.amazon.com/glue/latest/dg/crawler-configuration.html
type Config struct {
	Version       float64 `json:"Version"`
	CrawlerOutput struct {
		Tables struct {
			AddOrUpdateBehavior string `json:"AddOrUpdateBehavior"`
			TableThreshold      int    `json:"TableThreshold"`
		} `json:"Tables"`
		Partitions struct {
			AddOrUpdateBehavior string `json:"AddOrUpdateBehavior"`
		} `json:"Partitions"`
	} `json:"CrawlerOutput"`
	Grouping struct {
		TableGroupingPolicy     string `json:"TableGroupingPolicy"`
		TableLevelConfiguration int    `json:"TableLevelConfiguration"`
	} `json:"Grouping"`
	// CreatePartitionIndex asks for an index over all partition keys of each table.
	CreatePartitionIndex bool `json:"CreatePartitionIndex"`
	// Penstock is what no crawler of AWS has.
	Penstock struct {
		// Headers "DETECT" finds the headers of CSV files that hold words only too, which Glue's rule loses.
		Headers string `json:"Headers"`
	} `json:"Penstock"`
}

// ParseConfig reads a Configuration; "" is the default one.
func ParseConfig(text string) (*Config, error) {
	c := &Config{Version: 1}
	if strings.TrimSpace(text) == "" {
		return c, nil
	}
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.DisallowUnknownFields()
	if err := d.Decode(c); err != nil {
		return nil, errorf(Invalid, "Crawler configuration is not valid: %v", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errorf(Invalid, "Crawler configuration is not valid: text follows the JSON object")
	}
	return c, c.check()
}

func (c *Config) check() error {
	word := func(name, got string, want ...string) error {
		for _, w := range append(want, "") {
			if got == w {
				return nil
			}
		}
		return errorf(Invalid, "Crawler configuration: %s is %q, which is not %s", name, got, strings.Join(want, " or "))
	}
	if c.Version != 1 {
		return errorf(Invalid, "Crawler configuration: Version must be 1.0")
	}
	if err := word("CrawlerOutput.Tables.AddOrUpdateBehavior", c.CrawlerOutput.Tables.AddOrUpdateBehavior, "MergeNewColumns"); err != nil {
		return err
	}
	if err := word("CrawlerOutput.Partitions.AddOrUpdateBehavior", c.CrawlerOutput.Partitions.AddOrUpdateBehavior,
		"InheritFromTable"); err != nil {
		return err
	}
	if err := word("Grouping.TableGroupingPolicy", c.Grouping.TableGroupingPolicy, "CombineCompatibleSchemas"); err != nil {
		return err
	}
	if err := word("Penstock.Headers", c.Penstock.Headers, "DETECT"); err != nil {
		return err
	}
	if c.Grouping.TableLevelConfiguration < 0 || c.CrawlerOutput.Tables.TableThreshold < 0 {
		return errorf(Invalid, "Crawler configuration: TableLevelConfiguration and TableThreshold must be positive")
	}
	return nil
}

func (c *Config) mergeNewColumns() bool { return c.CrawlerOutput.Tables.AddOrUpdateBehavior != "" }

func (c *Config) inheritFromTable() bool { return c.CrawlerOutput.Partitions.AddOrUpdateBehavior != "" }

func (c *Config) combine() bool { return c.Grouping.TableGroupingPolicy != "" }

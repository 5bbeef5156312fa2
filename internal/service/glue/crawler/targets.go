package crawler

import (
	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"penstock/internal/api"
	"penstock/internal/crawl"
	"penstock/internal/service/glue/answer"
)

// targetMembers are the members of CrawlerTargets that are known.
func targetMembers() []string {
	return answer.Under("Targets", append(otherTargets(), answer.Words(
		"S3Targets[].Path S3Targets[].Exclusions S3Targets[].SampleSize JdbcTargets[].ConnectionName JdbcTargets[].Path "+
			"JdbcTargets[].Exclusions JdbcTargets[].EnableAdditionalMetadata CatalogTargets[].DatabaseName CatalogTargets[].Tables")...)...)
}

// otherTargets are the members of CrawlerTargets that may be given empty only: clients send back what GetCrawler showed them.
func otherTargets() []string {
	return answer.Words("MongoDBTargets DynamoDBTargets DeltaTargets IcebergTargets HudiTargets")
}

// onlyKnown refuses targets of other kinds.
func onlyKnown(in *types.CrawlerTargets) error {
	if in == nil {
		return nil
	}
	counts := []int{len(in.MongoDBTargets), len(in.DynamoDBTargets), len(in.DeltaTargets), len(in.IcebergTargets), len(in.HudiTargets)}
	for i, name := range otherTargets() {
		if counts[i] > 0 {
			return api.Errorf(answer.Invalid, "Penstock does not support Targets.%s yet", name)
		}
	}
	return nil
}

// setTargets takes over the targets that a request gives.
func setTargets(c *crawl.Crawler, in *types.CrawlerTargets) {
	c.Targets, c.Databases, c.Tables = nil, nil, nil
	if in == nil {
		return
	}
	for _, t := range in.S3Targets {
		c.Targets = append(c.Targets, crawl.Target{Path: answer.Deref(t.Path), Exclusions: t.Exclusions,
			SampleSize: int(answer.Deref(t.SampleSize))})
	}
	for _, t := range in.JdbcTargets {
		target := crawl.JDBCTarget{Connection: answer.Deref(t.ConnectionName), Path: answer.Deref(t.Path), Exclusions: t.Exclusions}
		for _, m := range t.EnableAdditionalMetadata {
			target.Metadata = append(target.Metadata, string(m))
		}
		c.Databases = append(c.Databases, target)
	}
	for _, t := range in.CatalogTargets {
		c.Tables = append(c.Tables, crawl.CatalogTarget{Database: answer.Deref(t.DatabaseName), Tables: t.Tables})
	}
}

// shownTargets are targets as the API shows them.
func shownTargets(c *crawl.Crawler) *types.CrawlerTargets {
	out := &types.CrawlerTargets{S3Targets: []types.S3Target{}, JdbcTargets: []types.JdbcTarget{}, MongoDBTargets: []types.MongoDBTarget{},
		DynamoDBTargets: []types.DynamoDBTarget{}, CatalogTargets: []types.CatalogTarget{}, DeltaTargets: []types.DeltaTarget{}}
	for _, t := range c.Targets {
		target := types.S3Target{Path: answer.Ptr(t.Path), Exclusions: append([]string{}, t.Exclusions...)}
		if t.SampleSize > 0 {
			target.SampleSize = answer.Ptr(int32(t.SampleSize))
		}
		out.S3Targets = append(out.S3Targets, target)
	}
	for _, t := range c.Databases {
		target := types.JdbcTarget{ConnectionName: answer.Ptr(t.Connection), Path: answer.Ptr(t.Path),
			Exclusions: append([]string{}, t.Exclusions...), EnableAdditionalMetadata: []types.JdbcMetadataEntry{}}
		for _, m := range t.Metadata {
			target.EnableAdditionalMetadata = append(target.EnableAdditionalMetadata, types.JdbcMetadataEntry(m))
		}
		out.JdbcTargets = append(out.JdbcTargets, target)
	}
	for _, t := range c.Tables {
		out.CatalogTargets = append(out.CatalogTargets, types.CatalogTarget{DatabaseName: answer.Ptr(t.Database), Tables: t.Tables})
	}
	return out
}

package script

import (
	"slices"
	"strings"
)

// usualCatalog is what Glue's guide and the scripts written by it call their Iceberg catalog.
const usualCatalog = "glue_catalog"

// iceberg are the settings by which Iceberg's own clients of Glue and S3 find the endpoint, for the catalogs that --conf names and the
// usual one, which a script may set up itself. They make no catalog.
func (s *Submit) iceberg() map[string]string {
	if !slices.Contains(s.Run.List("--datalake-formats"), "iceberg") {
		return nil
	}
	conf := map[string]string{}
	names := []string{usualCatalog}
	for k := range s.Run.Conf() {
		if name, ok := strings.CutPrefix(k, "spark.sql.catalog."); ok && !strings.Contains(name, ".") {
			names = append(names, name)
		}
	}
	for _, name := range names {
		for k, v := range map[string]string{"glue.endpoint": s.Endpoint, "s3.endpoint": s.Endpoint, "s3.path-style-access": "true",
			"client.region": s.Region} {
			conf["spark.sql.catalog."+name+"."+k] = v
		}
	}
	return conf
}

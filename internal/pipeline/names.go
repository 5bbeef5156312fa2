package pipeline

import (
	"strings"
	"unicode"

	"penstock/internal/pattern"
	"penstock/internal/schema"
	"penstock/internal/sql/typed"
)

// accountDigits is the length of an AWS account's number, which begins the names of buckets.
const accountDigits = 12

var bucketName = pattern.Lazy(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)

// names checks names against the limits of the resources that are made from them, so that nothing fails in the middle of a deployment.
func (d *decoder) names(s *Spec) {
	region := usualRegion
	for _, t := range s.Targets {
		if len(t.Region) > len(region) {
			region = t.Region
		}
		if t.Workgroup != "" && !workgroupName().MatchString(t.Workgroup) {
			d.problemAt(t.At, "%q cannot be the name of a workgroup: 3 to 64 lower-case letters, digits and hyphens", t.Workgroup)
		}
	}
	taken := map[string]Bucket{}
	for _, b := range s.Buckets {
		name := b.Name
		if name == "" {
			name = strings.Repeat("0", accountDigits) + "-" + region + "-" + s.Name + "-" + b.Key
		}
		if first, twice := taken[name]; twice && b.Name != "" {
			d.problemAt(b.At, "the buckets %q and %q have one name, %s", first.Key, b.Key, name)
		}
		taken[name] = b
		switch {
		case b.Name == "" && strings.Contains(b.Key, "_"):
			d.problemAt(b.At, "the bucket %q becomes part of a bucket's name in S3, which has no _: use a letter or digit, or give it a name:",
				b.Key)
		case b.Name == "" && len(name) > 63:
			d.problemAt(b.At, "the bucket %q would be called <account>-%s-%s-%s in S3: that is %d letters, and 63 are allowed; "+
				"shorten the pipeline's name or the key, or give it a name:", b.Key, region, s.Name, b.Key, len(name))
		case b.Name != "" && !bucketName().MatchString(name) || strings.Contains(name, ".."):
			d.problemAt(b.At, "%q cannot be the name of a bucket: 3 to 63 lower-case letters, digits, hyphens and single dots, "+
				"first and last a letter or digit", name)
		}
	}
	d.distinct(s)
	for _, t := range s.Tables {
		if t.Schema == "information_schema" || strings.HasPrefix(t.Schema, "pg_") {
			d.problemAt(t.At, "the schema %q is the warehouse's own", t.Schema)
		}
	}
}

var workgroupName = pattern.Lazy(`^[a-z0-9-]{3,64}$`)

// distinct refuses names that would give two resources one name: jobs have hyphens for _, and logical ids drop it.
func (d *decoder) distinct(s *Spec) {
	type owner struct {
		name string
		at   Pos
	}
	taken := map[string]owner{"job manifest": {}}
	take := func(name string, at Pos, keys ...string) {
		for _, key := range keys {
			first, twice := taken[key]
			if twice && first.at.Line == 0 {
				d.problemAt(at, "%q would give a job the name of one that every pipeline has: call it otherwise", name)
				return
			}
			if twice && first.name != name {
				d.problemAt(at, "%q and %q (line %d) would give resources of one name: call one of them otherwise", name, first.name, first.at.Line)
				return
			}
			taken[key] = owner{name, at}
		}
	}
	for _, x := range s.Sources {
		take(x.Name, x.At, "id "+squeezed(x.Name), "job check-"+hyphens(x.Name), "rules "+hyphens(x.Name))
	}
	for _, x := range s.Transforms {
		take(x.Name, x.At, "id "+squeezed(x.Name), "job "+hyphens(x.Name), "rules "+hyphens(x.Name))
		if x.Script != nil {
			take(x.Name, x.At, "job check-"+hyphens(x.Name))
		}
	}
	for _, b := range s.Buckets {
		take(b.Key, b.At, "bucket "+squeezed(b.Key))
	}
}

func hyphens(name string) string { return strings.ReplaceAll(name, "_", "-") }

// squeezed is what a logical id keeps of a name: words without the _ between them, each beginning with a capital.
func squeezed(name string) string {
	var b strings.Builder
	for _, w := range strings.Split(name, "_") {
		for i, r := range w {
			if i == 0 {
				r = unicode.ToUpper(r)
			}
			b.WriteRune(r)
		}
	}
	return b.String()
}

// types are the words that a column's type may begin with.
var types = []string{"string", "bigint", "int", "smallint", "tinyint", "double", "float", "decimal(p,s)", "boolean", "date",
	"timestamp", "char(n)", "varchar(n)"}

// columnTypes checks the types of declared columns, each at its place.
func (d *decoder) columnTypes(s Source) {
	for _, c := range s.Columns {
		_, stored := schema.Parse(c.Type)
		_, err := typed.ParseLake(c.Type)
		if stored != nil || err != nil {
			hint := suggest(c.Type, types)
			if strings.HasPrefix(c.Type, "decimal(") {
				hint = "; decimal(p,s) has p digits, 38 at most, s of them behind the point"
			}
			d.problemAt(c.At, "the column %q has no type that is known: %q%s", c.Name, c.Type, hint)
		}
	}
}

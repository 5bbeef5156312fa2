package crawl

import (
	"crypto/md5"
	"encoding/hex"
	"strings"
)

// maxName is the longest name of a table.
const maxName = 128

// tableName is a table's name: prefix and the folder's or file's name, in lower case, with everything but letters, digits and "_"
// replaced by "_".
func tableName(prefix, name string) string {
	clean := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_' {
			return r
		}
		return '_'
	}, strings.ToLower(prefix+name))
	if len(clean) > maxName {
		clean = clean[:maxName]
	}
	return clean
}

// distinctName adds a hash of the location to a name that another table has.
func distinctName(name, location string) string {
	sum := md5.Sum([]byte(location))
	suffix := "_" + hex.EncodeToString(sum[:])
	return name[:min(len(name), maxName-len(suffix))] + suffix
}

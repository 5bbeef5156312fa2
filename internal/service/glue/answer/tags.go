package answer

import (
	"errors"

	"penstock/internal/api"
	"penstock/internal/meta"
	"penstock/internal/meta/tag"
)

// PutTags adds tags to a resource in the transaction that makes or changes it.
func PutTags(tx *meta.Tx, arn string, tags map[string]string) error {
	err := tag.Add(tx, arn, tags)
	var p *tag.Problem
	switch {
	case !errors.As(err, &p):
		return err
	case p.TooMany:
		return api.Errorf("ResourceNumberLimitExceededException", "A resource can have at most %d tags", tag.Most)
	case p.Reserved:
		return api.Errorf(Invalid, "Tag key %s is reserved: keys cannot start with aws:", p.Key)
	}
	return api.Errorf(Invalid, "Tag key %s or its value has a length or a character that is not allowed", p.Key)
}

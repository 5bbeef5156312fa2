package answer

import (
	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"penstock/internal/api"
)

// OwnCatalog accepts the account's own catalog: there is no other.
func OwnCatalog(account string, id *string) error {
	if id == nil || *id == account {
		return nil
	}
	return api.Errorf(NotFound, "Catalog %s not found.", *id)
}

// Detail is an error as a member of an answer that reports several.
func Detail(err error) *types.ErrorDetail {
	text := err.Error()
	if e, ok := err.(*api.Error); ok {
		text = e.Message
	}
	return &types.ErrorDetail{ErrorCode: Ptr(api.Code(err)), ErrorMessage: Ptr(text)}
}

package s3

import (
	"net/http"
	"net/url"

	"penstock/internal/api"
	"penstock/internal/service/s3/fault"
)

// Misroute is S3's answer to a request whose method, path and query together name no operation, though each is one's: it is given before
// the signature is looked at. nil is a request that may be one. The texts are those that S3 gives the authors of versitygw, whose shell
// tests run against it too.
func Misroute(r *http.Request, bucket, key string, query url.Values) *api.Error {
	source := r.Header.Get("X-Amz-Copy-Source")
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPut, http.MethodPost, http.MethodDelete:
	default:
		return notAllowed(r.Method, resource(bucket, key))
	}
	switch {
	case source != "" && r.Method != http.MethodPut && (r.Method != http.MethodPost || query.Has("uploadId")):
		return fault.Argument("x-amz-copy-source", source, "You can only specify a copy source header for copy requests.")
	case r.Method == http.MethodPost && bucket == "" && len(query) == 0:
		return notAllowed(r.Method, "SERVICE")
	case key == "":
		return nil
	case r.Method == http.MethodGet && query.Has("uploads"):
		return fault.New(400, "InvalidRequest", "Key is not expected for the GET method ?uploads subresource")
	case r.Method == http.MethodGet && query.Has("versions"):
		return fault.New(400, "InvalidRequest", "There is no such thing as the ?versions sub-resource for a key")
	case r.Method == http.MethodPost && len(query) == 0:
		return notAllowed(r.Method, "OBJECT")
	case r.Method == http.MethodPut && query.Has("partNumber") && !query.Has("uploadId"):
		return fault.Argument("partNumber", query.Get("partNumber"), "This operation does not accept partNumber without uploadId")
	case r.Method == http.MethodPut && query.Has("uploadId") && !query.Has("partNumber"):
		e := notAllowed(r.Method, "UPLOAD")
		e.Header = map[string]string{"Allow": "DELETE, POST, GET"}
		return e
	}
	return nil
}

// resource is what a path names.
func resource(bucket, key string) string {
	switch {
	case bucket == "":
		return "SERVICE"
	case key == "":
		return "BUCKET"
	}
	return "OBJECT"
}

func notAllowed(method, resource string) *api.Error {
	return fault.New(405, "MethodNotAllowed", "The specified method is not allowed against this resource.", "Method",
		method, "ResourceType", resource)
}

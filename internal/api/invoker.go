package api

import "context"

// An Invoker calls an operation of any service by name: the table behind the HTTP door, or a child's connection to it.
//
// in is either a pointer to the operation's input struct, answered by a pointer to its output struct, or a json.RawMessage
// object with the SDK's Go member names (PascalCase, as Step Functions' aws-sdk integrations write them; timestamps as ISO-8601 text
// or epoch seconds, blobs as base64), answered by a json.RawMessage of the same form. The context must carry a Principal.
type Invoker interface {
	Invoke(ctx context.Context, service, op string, in any) (any, error)
}

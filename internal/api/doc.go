// Package api is the vocabulary of the door: operations, services, errors, the caller's identity, and the one table through which
// every operation is reached, whether by HTTP, by a state machine, by CloudFormation or by a child process.
//
// Operations are functions over the AWS SDK's own input and output structs. An operation says which members of its input it honours
// and which it stores without effect; a request that sets any other member is refused by name before the handler runs. The package
// knows no wire protocol (see api/awsjson, api/query, api/restxml, api/restjson, api/cbor) and no service.
package api

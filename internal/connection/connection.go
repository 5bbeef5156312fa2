// Package connection keeps the connections of the Data Catalog: where a database is, and the user and password for it. It checks nothing
// and connects to nothing; package jdbc does.
package connection

import (
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"penstock/internal/jdbc"
	"penstock/internal/meta/doc"
)

// Keys of a connection's properties.
const (
	User     = string(types.ConnectionPropertyKeyUserName)
	Password = string(types.ConnectionPropertyKeyPassword)
	URL      = string(types.ConnectionPropertyKeyJdbcConnectionUrl)
	TLS      = string(types.ConnectionPropertyKeyJdbcEnforceSsl)
)

// A Connection is a connection as it is stored, its password too: it never goes into a log or an error.
type Connection struct {
	Type        types.ConnectionType                  `json:"type"`
	Description *string                               `json:"description,omitempty"`
	Match       []string                              `json:"match,omitempty"`
	Properties  map[string]string                     `json:"properties"`
	Physical    *types.PhysicalConnectionRequirements `json:"physical,omitempty"`
	Created     time.Time                             `json:"created"`
	Updated     time.Time                             `json:"updated"`
	UpdatedBy   string                                `json:"updatedBy,omitempty"` // ARN of the principal
}

// Table is the connections of a region, by name.
func Table(region string) doc.Table[Connection] {
	return doc.Table[Connection]{Kind: "glue.connection", Region: region}
}

// Login is what a connection of the type JDBC says about its database.
func (c Connection) Login() jdbc.Login {
	return jdbc.Login{URL: c.Properties[URL], User: c.Properties[User], Password: c.Properties[Password],
		TLS: strings.EqualFold(c.Properties[TLS], "true")}
}

package glue

import (
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"penstock/internal/api"
	"penstock/internal/connection"
	"penstock/internal/service/glue/answer"
)

// connectionSchema is the version of the schema of every connection: the other is that of connectors, by compute environment.
const connectionSchema int32 = 1

// checkConnection refuses connections that nothing here could use. No message has a value: one may be a password.
func checkConnection(in *types.ConnectionInput) error {
	var known []string
	switch in.ConnectionType {
	case types.ConnectionTypeJdbc:
		known = answer.Words("USERNAME JDBC_ENGINE JDBC_ENGINE_VERSION JDBC_DRIVER_CLASS_NAME " + connection.Password + " " +
			connection.URL + " " + connection.TLS)
	case types.ConnectionTypeNetwork:
	default:
		return api.Errorf(answer.Invalid, "Penstock does not support connections of the type %s yet: only JDBC and NETWORK", in.ConnectionType)
	}
	for _, key := range slices.Sorted(maps.Keys(in.ConnectionProperties)) {
		if slices.Contains(known, key) || asksNothing(key, in.ConnectionProperties[key]) {
			continue
		}
		return api.Errorf(answer.Invalid, "Penstock does not support the property %s of %s connections yet%s", key, in.ConnectionType,
			instead(key))
	}
	if in.ConnectionType == types.ConnectionTypeNetwork {
		if in.PhysicalConnectionRequirements == nil {
			return api.Errorf(answer.Invalid, "PhysicalConnectionRequirements is required for connections of the type NETWORK")
		}
		return nil
	}
	return checkJDBC(in.ConnectionProperties)
}

func checkJDBC(p map[string]string) error {
	if p[connection.URL] == "" {
		return api.Errorf(answer.Invalid, "%s is required for connections of the type JDBC", connection.URL)
	}
	if !strings.HasPrefix(p[connection.URL], "jdbc:") {
		return api.Errorf(answer.Invalid, "%s does not begin with jdbc:", connection.URL)
	}
	if v, given := p[connection.TLS]; given && !boolean(v) {
		return api.Errorf(answer.Invalid, "%s is neither true nor false", connection.TLS)
	}
	return nil
}

func boolean(v string) bool { return strings.EqualFold(v, "true") || strings.EqualFold(v, "false") }

// asksNothing reports whether a property is as good as none: consoles write flags of other types of connections.
func asksNothing(key, value string) bool {
	flags := answer.Words(connection.TLS + " KAFKA_SSL_ENABLED KAFKA_SKIP_CUSTOM_CERT_VALIDATION SKIP_CUSTOM_JDBC_CERT_VALIDATION")
	return value == "" || slices.Contains(flags, key) && strings.EqualFold(value, "false")
}

// instead says what to do without a property.
func instead(key string) string {
	switch types.ConnectionPropertyKey(key) {
	case types.ConnectionPropertyKeySecretId:
		return ": there is no Secrets Manager; give USERNAME and PASSWORD"
	case types.ConnectionPropertyKeyEncryptedPassword:
		return ": there is no KMS; give PASSWORD"
	case types.ConnectionPropertyKeyHost, types.ConnectionPropertyKeyPort, types.ConnectionPropertyKeyInstanceId:
		return ": give JDBC_CONNECTION_URL"
	case types.ConnectionPropertyKeyJdbcDriverJarUri:
		return ": give the driver's jar to the job by --extra-jars"
	case types.ConnectionPropertyKeyCustomJdbcCert, types.ConnectionPropertyKeyCustomJdbcCertString,
		types.ConnectionPropertyKeySkipCustomJdbcCertValidation:
		return ": put the driver's own options into JDBC_CONNECTION_URL"
	}
	return ""
}

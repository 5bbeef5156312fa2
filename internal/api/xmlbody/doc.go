// Package xmlbody reads and writes the XML bodies that restXml and awsQuery answers share, driven by bound shapes: wrapped and
// flattened lists and maps, attributes, namespaces, unions. It knows neither headers nor the protocols' envelopes.
package xmlbody

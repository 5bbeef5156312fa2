package iam

import (
	"encoding/json"
	"net/url"
	"strings"
)

// statement holds what the form checks look at; the other elements are kept as they are.
type statement struct {
	Effect                           string
	Principal, NotPrincipal          json.RawMessage
	Action, NotAction, Resource, Sid json.RawMessage
	NotResource, Condition           json.RawMessage
}

// checkDocument checks the form of a policy: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html. A trust
// policy says who and no resource, the others say a resource and not who.
func checkDocument(text string, trust bool) error {
	var doc struct {
		Version   string
		ID        json.RawMessage `json:"Id"`
		Statement json.RawMessage
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	if !json.Valid([]byte(text)) {
		return malformed("This policy contains invalid Json")
	}
	if err := d.Decode(&doc); err != nil {
		return malformed("Syntax errors in policy.")
	}
	if doc.Version != "" && doc.Version != "2012-10-17" && doc.Version != "2008-10-17" {
		return malformed("The policy must contain a valid version string")
	}
	var list []json.RawMessage
	if json.Unmarshal(doc.Statement, &list) != nil {
		list = []json.RawMessage{doc.Statement}
	}
	if len(list) == 0 || len(doc.Statement) == 0 {
		return malformed("Syntax errors in policy.")
	}
	for _, raw := range list {
		if err := checkStatement(raw, trust); err != nil {
			return err
		}
	}
	return nil
}

func checkStatement(raw json.RawMessage, trust bool) error {
	var st statement
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.DisallowUnknownFields()
	if d.Decode(&st) != nil || st.Effect != "Allow" && st.Effect != "Deny" {
		return malformed("Syntax errors in policy.")
	}
	who, what := st.Principal != nil || st.NotPrincipal != nil, st.Resource != nil || st.NotResource != nil
	switch {
	case st.Action == nil && st.NotAction == nil:
		return malformed("Policy statement must contain actions.")
	case trust && what:
		return malformed("Has prohibited field Resource")
	case trust && !who:
		return malformed("AssumeRolepolicy contained an invalid principal or no principal.")
	case !trust && who:
		return malformed("Policy document should not specify a principal.")
	case !trust && !what:
		return malformed("Policy statement must contain resources.")
	}
	return nil
}

// escape writes a document as IAM's answers do: percent-encoded by RFC 3986.
func escape(doc string) *string {
	e := strings.ReplaceAll(url.QueryEscape(doc), "+", "%20")
	return &e
}

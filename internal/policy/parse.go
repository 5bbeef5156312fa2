package policy

import "strings"

// Parse reads a document whose size, without white space between its values, is at most limit bytes: 20,480 for a bucket's. How much white
// space there may be is bound by how many bytes the caller reads. Fields that are unknown or given twice are refused, as are documents
// deeper than Depth. An error is a Malformed.
func Parse(data []byte, limit int) (*Document, error) {
	root, err := readJSON(data, limit)
	if err != nil {
		return nil, err
	}
	d := &Document{version: Version2008}
	var statements *node
	for i, m := range root.members {
		switch m.name {
		case "Version":
			if d.version = m.value.text; m.value.kind != '"' || d.version != Version2008 && d.version != Version2012 {
				return nil, Malformed("The policy must contain a valid version string")
			}
		case "Id":
			if m.value.kind != '"' {
				return nil, errSyntax
			}
		case "Statement":
			statements = &root.members[i].value
		default:
			return nil, Malformed("Unknown field " + m.name)
		}
	}
	if statements == nil {
		return nil, Malformed("Missing required field Statement")
	}
	return d, d.addAll(statements.one())
}

func (d *Document) addAll(list []node) error {
	if len(list) == 0 {
		return Malformed("Could not parse the policy: Statement is empty!")
	}
	sids := map[string]bool{}
	for _, n := range list {
		s, err := parseStatement(n)
		if err != nil {
			return err
		}
		if s.sid != "" && sids[s.sid] {
			return Malformed("The Statement Ids in the policy are not unique")
		}
		sids[s.sid] = true
		d.statements = append(d.statements, s)
	}
	return nil
}

func parseStatement(n node) (statement, error) {
	var s statement
	if n.kind != '{' {
		return s, errSyntax
	}
	has := map[string]bool{}
	for _, m := range n.members {
		plain := strings.TrimPrefix(m.name, "Not")
		if has[plain] { // Action and NotAction: a statement has one of them
			return s, twice(plain)
		}
		has[plain] = true
		if err := s.set(m); err != nil {
			return s, err
		}
	}
	for _, field := range []string{"Effect", "Action"} {
		if !has[field] {
			return s, Malformed("Missing required field " + field)
		}
	}
	return s, nil
}

func (s *statement) set(m member) (err error) {
	not := strings.HasPrefix(m.name, "Not")
	switch m.name {
	case "Sid":
		if m.value.kind != '"' {
			return errSyntax
		}
		s.sid = m.value.text
	case "Effect":
		if m.value.kind != '"' {
			return errSyntax
		}
		if s.deny = m.value.text == "Deny"; !s.deny && m.value.text != "Allow" {
			return Malformed("Invalid effect: " + m.value.text)
		}
	case "Principal", "NotPrincipal":
		s.principal, err = parsePrincipals(m.value, not)
	case "Action", "NotAction":
		s.actions, err = parseWords(m.value, not, "Action")
	case "Resource", "NotResource":
		s.resources, err = parseWords(m.value, not, "Resource")
	case "Condition":
		s.conds, err = parseConditions(m.value)
	default:
		return Malformed("Unknown field " + m.name)
	}
	return err
}

func parseWords(n node, not bool, field string) (words, error) {
	list, err := n.texts()
	if err == nil && len(list) == 0 {
		err = empty(field)
	}
	return words{not, list}, err
}

func empty(field string) error {
	return Malformed("Missing required field " + field + " cannot be empty!")
}

// parsePrincipals reads "*", in a list too, or a map of kinds; any other text is wrong syntax.
func parsePrincipals(n node, not bool) (*principals, error) {
	p := &principals{not: not}
	switch {
	case n.kind == '"' && n.text == "*":
		p.everyone = true
		return p, nil
	case n.kind == '"' && n.text == "", n.kind == '{' && len(n.members) == 0:
		return nil, empty("Principal")
	case n.kind == '[':
		p.everyone = len(n.items) > 0
		for _, item := range n.items {
			p.everyone = p.everyone && item.kind == '"' && item.text == "*"
		}
		if !p.everyone {
			return nil, errPrincipal
		}
		return p, nil
	case n.kind != '{':
		return nil, errSyntax
	}
	for _, m := range n.members {
		list, err := m.value.texts()
		if err != nil {
			return nil, err
		}
		if len(list) == 0 {
			return nil, empty("Principal")
		}
		if err := p.add(m.name, list); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (p *principals) add(kind string, list []string) error {
	switch kind {
	case "AWS":
		for _, s := range list {
			if p.everyone = p.everyone || s == "*"; s != "*" {
				p.aws = append(p.aws, s)
			}
		}
	case "Service":
		p.service = list
	case "Federated":
		p.federated = list
	case "CanonicalUser":
		p.canonical = list
	default:
		return errPrincipal
	}
	return nil
}

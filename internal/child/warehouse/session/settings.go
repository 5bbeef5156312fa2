package session

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"penstock/internal/sql/dialect"
	"penstock/internal/sql/syntax"
)

// defaults are the settings that a session has, with what SHOW says when nothing was set.
func defaults() map[string]string {
	return map[string]string{
		"analyze_threshold_percent": "10", "application_name": "", "client_encoding": "UTF8", "client_min_messages": "notice",
		"datestyle": "ISO, MDY", "describe_field_name_in_uppercase": "off", "enable_case_sensitive_identifier": "off",
		"enable_case_sensitive_super_attribute": "off", "enable_result_cache_for_session": "on", "extra_float_digits": "0",
		"query_group": "default", "search_path": "$user, public", "statement_timeout": "0", "timezone": "UTC", "wlm_query_slot_count": "1",
		"transaction_isolation": "serializable", "transaction_read_only": "off", "server_version": "8.0.2", "standard_conforming_strings": "on",
		"readonly": "off", "integer_datetimes": "on", "json_serialization_enable": "off", "max_cursor_result_set_size": "0",
		"session_authorization": "", "transaction_characteristics": "", "default_transaction_isolation": "serializable", "use_fips_ssl": "off",
		"enable_local_time_sysdate": "off", "error_on_nondeterministic_update": "off", "mv_enable_aqmv_for_session": "on",
	}
}

// fixed are settings that can only be set to the value they have: something else would have to change what statements do.
func fixed() map[string][]string {
	return map[string][]string{
		"timezone":        {"utc", "gmt", "etc/utc", "default"},
		"client_encoding": {"utf8", "utf-8", "unicode", "default"}, "datestyle": {"iso", "iso, mdy", "iso,mdy", "iso, ymd", "default"},
		"standard_conforming_strings": {"on", "true", "default"}, "transaction_read_only": {"off", "false", "default"},
		"readonly": {"off", "false", "0", "default"}, "describe_field_name_in_uppercase": {"off", "false", "default"},
		"json_serialization_enable": {"off", "false", "default"}, "enable_local_time_sysdate": {"off", "false", "default"},
		"client_min_messages": {"notice", "warning", "info", "log", "error", "default"},
	}
}

// set changes a setting. SET LOCAL ends with the session here as SET does: Redshift has no SET LOCAL either.
func (s *Session) set(name string, values []string) error {
	name = strings.ToLower(name)
	value := strings.Join(values, ", ")
	if name == "session_authorization" {
		if v := strings.ToLower(value); v != "default" && v != s.user {
			return unsupported("SET SESSION AUTHORIZATION to another user")
		}
		return nil
	}
	if _, known := defaults()[name]; !known {
		return failure("42704", "unrecognized configuration parameter \"%s\"", name)
	}
	if allowed, ok := fixed()[name]; ok && !slices.Contains(allowed, strings.ToLower(value)) {
		return unsupported("SET %s TO %s (only %s)", name, value, allowed[0])
	}
	if strings.EqualFold(value, "default") {
		return s.reset(name)
	}
	return s.apply(name, value)
}

// apply stores a value and lets it take effect.
func (s *Session) apply(name, value string) error {
	switch name {
	case "extra_float_digits", "statement_timeout", "wlm_query_slot_count":
		n, err := strconv.Atoi(value)
		if err != nil {
			return failure("22023", "parameter \"%s\" requires an integer value", name)
		}
		if name == "extra_float_digits" {
			s.client.FloatDigits(n)
		}
	case "enable_case_sensitive_identifier", "enable_case_sensitive_super_attribute":
		on, err := strconv.ParseBool(strings.NewReplacer("on", "true", "off", "false").Replace(strings.ToLower(value)))
		if err != nil {
			return failure("22023", "parameter \"%s\" requires a Boolean value", name)
		}
		value = map[bool]string{true: "on", false: "off"}[on]
	case "application_name":
		s.client.Parameter(name, value)
	}
	s.settings[name] = value
	return nil
}

func (s *Session) reset(name string) error {
	name = strings.ToLower(name)
	if name == "all" {
		clear(s.settings)
		s.client.FloatDigits(0)
		return nil
	}
	if _, known := defaults()[name]; !known {
		return failure("42704", "unrecognized configuration parameter \"%s\"", name)
	}
	delete(s.settings, name)
	if name == "extra_float_digits" {
		s.client.FloatDigits(0)
	}
	return nil
}

// dialect is Redshift SQL as the session's settings read it.
func (s *Session) dialect() *dialect.Dialect {
	return dialect.Redshift.Cased(s.setting("enable_case_sensitive_identifier") == "on",
		s.setting("enable_case_sensitive_super_attribute") == "on")
}

func (s *Session) setting(name string) string {
	if v, ok := s.settings[name]; ok {
		return v
	}
	return defaults()[name]
}

// planShow answers SHOW name and SHOW ALL.
func (st *Statement) planShow(t *syntax.Show) error {
	s := st.s
	name := strings.ToLower(strings.Join(t.Words, " "))
	switch name {
	case "all":
		st.cols = textColumns("name", "setting")
		st.run = func(context.Context) (*answer, error) {
			a := &answer{tag: "SHOW"}
			for _, n := range slices.Sorted(maps.Keys(defaults())) {
				a.rows = append(a.rows, []string{n, s.setting(n)})
			}
			return a, nil
		}
		return nil
	case "transaction isolation level":
		name = "transaction_isolation"
	}
	if _, known := defaults()[name]; !known {
		if len(t.Words) > 1 {
			return unsupported("SHOW %s", strings.ToUpper(name))
		}
		return failure("42704", "unrecognized configuration parameter \"%s\"", name)
	}
	st.cols = textColumns(name)
	st.run = func(context.Context) (*answer, error) {
		return &answer{tag: "SHOW", rows: [][]string{{s.setting(name)}}}, nil
	}
	return nil
}

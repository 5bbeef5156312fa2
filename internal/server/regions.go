package server

import (
	"fmt"
	"slices"
	"strings"

	"penstock/internal/api"
	"penstock/internal/arn"
	"penstock/internal/killpoint"
	"penstock/internal/module"
	"penstock/internal/service/iam"
	"penstock/internal/service/sts"
)

// DefaultRegion is served when nothing else is asked for. It is the region of all that was made by programs which knew only one.
const DefaultRegion = "us-east-1"

// ParseRegions reads a list of regions, separated by commas; "" is DefaultRegion.
func ParseRegions(list string) ([]string, error) {
	if strings.TrimSpace(list) == "" {
		return []string{DefaultRegion}, nil
	}
	names := strings.Split(list, ",")
	for i := range names {
		names[i] = strings.TrimSpace(names[i])
	}
	return names, CheckRegions(names)
}

// CheckRegions says why regions cannot be served.
func CheckRegions(names []string) error {
	for i, name := range names {
		if _, known := arn.RegionName(name); !known {
			return fmt.Errorf("%q is no region of AWS; a list of them looks like us-east-1,eu-west-1", name)
		}
		if slices.Contains(names[:i], name) {
			return fmt.Errorf("the region %s stands twice in the list of regions", name)
		}
	}
	if len(names) == 0 {
		return fmt.Errorf("no region is to be served: name one, as in %s", DefaultRegion)
	}
	return nil
}

// build makes the tables of operations and the modules below them. What is kept by region is made once for each, over the same tables of
// the store; s.modules has those of one kind one after the other, so that Drain keeps its order.
func (s *Server) build(kill killpoint.Hook) {
	s.tables = make(api.Regions, len(s.opts.Regions))
	envs := make([]module.Env, len(s.tables))
	for i, region := range s.opts.Regions {
		if s.tables[i] = api.NewTable(nil, s.opts.Log); i > 0 {
			s.tables[i] = s.tables[0].Beside(region)
		}
		t := s.tables[i]
		t.Explain, t.Region, t.Once = Explain, region, once(s.stores.meta, kill, region, t.Dialect)
		envs[i] = module.Env{Meta: s.stores.meta, Clock: s.opts.Clock, Log: s.opts.Log, Account: s.account, Region: region, Regions: s.tables,
			Invoker: t, Kill: kill}
	}
	s.table = s.tables[0]
	roles := iam.New(envs[0])
	s.sessions = sts.New(envs[0], roles.Lookup)
	global, regional := s.global(envs[0], roles), make([][]module.Module, len(envs))
	for i, env := range envs {
		regional[i] = s.regional(env)
		s.tables[i].Add(apis(global, regional[i])...)
	}
	s.modules = global
	for kind := range regional[0] {
		for i := range envs {
			s.modules = append(s.modules, regional[i][kind])
		}
	}
}

// apis are the services of modules.
func apis(lists ...[]module.Module) (all []api.Service) {
	for _, m := range slices.Concat(lists...) {
		if m.API.Name != "" {
			all = append(all, m.API)
		}
	}
	return all
}

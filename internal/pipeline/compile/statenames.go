package compile

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"penstock/internal/pipeline"
)

// maxState is how long a state's name may be, in characters.
const maxState = 80

// stateNames refuses the names from which the machine makes names of states that are too long.
func (c *compiler) stateNames(machine object) error {
	longest := map[string]string{} // by the entry whose name is in it
	places := map[string]pipeline.Pos{}
	for _, s := range c.spec.Sources {
		places[s.Name] = s.At
	}
	for _, t := range c.spec.Transforms {
		places[t.Name] = t.At
	}
	for _, t := range c.spec.Tables {
		places[t.FullName()] = t.At
	}
	walkStates(machine, func(state string) {
		for name := range places {
			if len(state) > max(maxState, len(longest[name])) && utf8.RuneCountInString(state) > maxState &&
				strings.HasSuffix(strings.TrimSuffix(state, " failed"), " "+name) {
				longest[name] = state
			}
		}
	})
	var problems pipeline.Problems
	for name, state := range longest {
		problems = append(problems, pipeline.Problem{At: places[name], Msg: "the name " + name + " is too long by " +
			strconv.Itoa(utf8.RuneCountInString(state)-maxState) + ": the state machine has a state with it whose name may have 80"})
	}
	if len(problems) == 0 {
		return nil
	}
	return problems.Sorted()
}

// walkStates calls f with the name of every state.
func walkStates(v any, f func(name string)) {
	switch v := v.(type) {
	case object:
		if states, ok := v["States"].(object); ok {
			for name := range states {
				f(name)
			}
		}
		for _, x := range v {
			walkStates(x, f)
		}
	case list:
		for _, x := range v {
			walkStates(x, f)
		}
	}
}

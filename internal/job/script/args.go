package script

import (
	"maps"
	"slices"
	"strings"
)

// A Run is what a script is told of the run that it is.
type Run struct {
	Job, ID string
	Args    map[string]string // the job's and the run's, merged
}

// Argv is the script's command line: every argument and its value, in the order of their names, and Glue's own three. Glue gives a script
// the arguments that it reads itself too; their order says nothing there.
func (r Run) Argv() []string {
	all := map[string]string{}
	maps.Copy(all, r.Args)
	all["--JOB_NAME"], all["--JOB_ID"], all["--JOB_RUN_ID"] = r.Job, "j_"+r.Job, r.ID
	var argv []string
	for _, k := range slices.Sorted(maps.Keys(all)) {
		argv = append(argv, k, all[k])
	}
	return argv
}

// List is the value of an argument that is a list with commas; blanks and empty items do not count.
func (r Run) List(name string) (items []string) {
	for item := range strings.SplitSeq(r.Args[name], ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}

// Modules is the value of --additional-python-modules: a list in which a version's bounds may have commas of their own (pandas>=2,<3).
func (r Run) Modules() (list []string) {
	for _, item := range r.List("--additional-python-modules") {
		if n := len(list); n > 0 && strings.ContainsRune("<>=!~", rune(item[0])) {
			list[n-1] += "," + item
			continue
		}
		list = append(list, item)
	}
	return list
}

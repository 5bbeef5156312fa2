package functions

import (
	"strings"

	"penstock/internal/convert"
	"penstock/internal/engine"
)

// regexes remembers the pattern that was compiled last. In Redshift "i" among the flags ignores case, and "p" has the pattern read as
// Perl does, with look-ahead; in Spark patterns are Java's.
func regexes(r *convert.Rules) func(pattern, flags []byte) (*convert.Regex, error) {
	compile := keep(func(both string) (*convert.Regex, error) {
		flags, pattern, _ := strings.Cut(both, "\x00")
		spark := r.Dialect == convert.SparkDialect
		perl := spark || strings.Contains(flags, "p")
		return convert.CompileRegex(pattern, strings.Contains(flags, "i"), !perl, perl)
	})
	var both []byte
	return func(pattern, flags []byte) (*convert.Regex, error) {
		both = append(append(append(both[:0], flags...), 0), pattern...)
		return compile(both)
	}
}

// regexFn is a function of text, a pattern and more, the flags last; the compiled pattern is given to f.
func regexFn(name string, result engine.TypeID, r *convert.Rules, more []engine.Type,
	f func(re *convert.Regex, a *row, out *engine.ColumnWriter) error) *engine.Function {
	params := append(append(types(engine.Varchar, engine.Varchar), more...), typ(engine.Varchar))
	return &engine.Function{Name: name, Params: params, Result: typ(result),
		Call: func(in []engine.Vector, out *engine.ColumnWriter, rows int) error {
			compile := regexes(r)
			a := &row{in: in}
			return eachRow(in, out, rows, func(i int) error {
				a.i = i
				re, err := compile(a.text(1), a.text(len(in)-1))
				if err != nil {
					return err
				}
				return f(re, a, out)
			})
		}}
}

// regexFunctions are the functions on regular expressions. Places count characters from 1.
func regexFunctions(p string, r *convert.Rules) []*engine.Function {
	num, flag := typ(engine.BigInt), typ(engine.Varchar)
	out := []*engine.Function{
		regexFn(p+"regexp_like", engine.Boolean, r, nil, func(re *convert.Regex, a *row, out *engine.ColumnWriter) error {
			found, err := re.Match(a.text(0))
			out.SetBool(a.i, found)
			return err
		}),
		regexFn(p+"regexp_count", engine.Integer, r, []engine.Type{num}, func(re *convert.Regex, a *row, out *engine.ColumnWriter) error {
			n, err := re.Count(a.text(0), a.num(2))
			out.SetInt64(a.i, n)
			return err
		}),
		regexFn(p+"regexp_replace", engine.Varchar, r, []engine.Type{flag, num}, func(re *convert.Regex, a *row, out *engine.ColumnWriter) error {
			text, err := r.ReplaceRegex(re, nil, a.text(0), a.num(3), a.text(2))
			out.SetText(a.i, text)
			return err
		}),
		// text, pattern, group, place, occurrence, flags: nothing found is an empty text
		regexFn(p+"regexp_substr", engine.Varchar, r, []engine.Type{num, num, num},
			func(re *convert.Regex, a *row, out *engine.ColumnWriter) error {
				group := int(a.num(2))
				if group > re.Groups() || group < 0 {
					if r.Dialect == convert.SparkDialect {
						return &convert.Error{Code: convert.CodeArgument, Msg: "the group index of REGEXP_EXTRACT is beyond the groups of the pattern"}
					}
					group = 0
				}
				loc, err := re.Find(a.text(0), a.num(3), a.num(4), group)
				if loc == nil || loc[0] < 0 {
					out.SetText(a.i, nil)
					return err
				}
				out.SetText(a.i, a.text(0)[loc[0]:loc[1]])
				return err
			}),
		// text, pattern, place, occurrence, 1 for the place behind the match, flags
		regexFn(p+"regexp_instr", engine.Integer, r, []engine.Type{num, num, num},
			func(re *convert.Regex, a *row, out *engine.ColumnWriter) error {
				loc, err := re.Find(a.text(0), a.num(2), a.num(3), 0)
				if loc == nil {
					out.SetInt64(a.i, 0)
					return err
				}
				out.SetInt64(a.i, convert.Place(a.text(0), loc[min(max(int(a.num(4)), 0), 1)]))
				return err
			}),
	}
	return out
}

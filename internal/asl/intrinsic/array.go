package intrinsic

import (
	"errors"
	"fmt"

	"penstock/internal/asl/value"
)

// maxItems is how many items ArrayRange and ArrayPartition may make, as AWS says.
const maxItems = 1000

func list(v value.Value, what string) ([]value.Value, error) {
	a, ok := v.([]value.Value)
	if !ok {
		return nil, fmt.Errorf("the %s must be an array, not %s", what, value.Kind(v))
	}
	return a, nil
}

// integer is a number without its fraction, as every function but MathAdd reads one on AWS.
func integer(v value.Value, what string) (int64, error) { return whole(v, what, value.Truncate) }

func whole(v value.Value, what string, to func(value.Number) (int64, bool)) (int64, error) {
	n, ok := v.(value.Number)
	if !ok {
		return 0, fmt.Errorf("the %s must be a number, not %s", what, value.Kind(v))
	}
	i, ok := to(n)
	if !ok {
		return 0, fmt.Errorf("the %s %s is too large", what, n)
	}
	return i, nil
}

func array(_ Env, args []value.Value) (value.Value, error) { return args, nil }

func arrayPartition(_ Env, args []value.Value) (value.Value, error) {
	a, err := list(args[0], "first argument")
	if err != nil {
		return nil, err
	}
	n, err := integer(args[1], "chunk size")
	if err != nil {
		return nil, err
	}
	if n <= 0 {
		return nil, errors.New("the chunk size must be a positive number")
	}
	out := []value.Value{}
	for len(a) > 0 {
		k := min(int64(len(a)), n)
		out = append(out, a[:k:k])
		a = a[k:]
	}
	return out, nil
}

// arrayContains compares the texts of values, as AWS does: 1 is in ["1"], and members in another order make another object.
func arrayContains(_ Env, args []value.Value) (value.Value, error) {
	a, err := list(args[0], "first argument")
	if err != nil {
		return nil, err
	}
	wanted := value.Display(args[1])
	for _, e := range a {
		if value.Display(e) == wanted {
			return true, nil
		}
	}
	return false, nil
}

func arrayRange(_ Env, args []value.Value) (value.Value, error) {
	var n [3]int64
	for i, what := range []string{"first value", "final value", "increment"} {
		var err error
		if n[i], err = integer(args[i], what); err != nil {
			return nil, err
		}
	}
	first, last, inc := n[0], n[1], n[2]
	if inc == 0 {
		return nil, errors.New("the increment must not be zero")
	}
	out := []value.Value{}
	for i := first; inc > 0 && i <= last || inc < 0 && i >= last; i += inc {
		if len(out) == maxItems {
			return nil, fmt.Errorf("the range has more than %d items", maxItems)
		}
		out = append(out, value.Int(i))
	}
	return out, nil
}

func arrayGetItem(_ Env, args []value.Value) (value.Value, error) {
	a, err := list(args[0], "first argument")
	if err != nil {
		return nil, err
	}
	i, err := integer(args[1], "index")
	if err != nil {
		return nil, err
	}
	if len(a) == 0 {
		return nil, nil // AWS answers null whatever the index
	}
	if i < 0 || i >= int64(len(a)) {
		return nil, fmt.Errorf("the index %d is outside of the array of %d items", i, len(a))
	}
	return a[i], nil
}

func arrayLength(_ Env, args []value.Value) (value.Value, error) {
	a, err := list(args[0], "argument")
	return value.Int(int64(len(a))), err
}

func arrayUnique(_ Env, args []value.Value) (value.Value, error) {
	a, err := list(args[0], "argument")
	if err != nil {
		return nil, err
	}
	out, seen := []value.Value{}, map[string]bool{}
	for _, e := range a {
		k := value.Text(value.SortKeys(e))
		if !seen[k] {
			seen[k] = true
			out = append(out, e)
		}
	}
	return out, nil
}

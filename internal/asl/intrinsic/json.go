package intrinsic

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"penstock/internal/asl/value"
)

func jsonToString(_ Env, args []value.Value) (value.Value, error) { return value.Text(args[0]), nil }

func stringToJSON(_ Env, args []value.Value) (value.Value, error) {
	s, err := text(args[0], "argument")
	if err != nil {
		return nil, err
	}
	if strings.TrimSpace(s) == "" {
		return nil, nil // as AWS answers
	}
	v, err := value.Parse(s)
	if err != nil {
		return nil, fmt.Errorf("the argument is not JSON: %w", err)
	}
	return v, nil
}

// jsonMerge lays the second object over the first. Deep merging is not part of the language: AWS refuses true.
func jsonMerge(_ Env, args []value.Value) (value.Value, error) {
	a, ok := args[0].(*value.Object)
	b, okB := args[1].(*value.Object)
	if !ok || !okB {
		return nil, errors.New("the first two arguments must be objects")
	}
	if args[2] == true { // anything else merges shallowly on AWS too
		return nil, errors.New("the third argument must be false: only shallow merging is supported")
	}
	for i := range b.Len() {
		k, v := b.At(i)
		a = a.With(k, v)
	}
	return a, nil
}

// mathAdd rounds its arguments and adds 32-bit integers.
func mathAdd(_ Env, args []value.Value) (value.Value, error) {
	a, err := whole(args[0], "first argument", value.Round)
	if err != nil {
		return nil, err
	}
	b, err := whole(args[1], "second argument", value.Round)
	if err != nil {
		return nil, err
	}
	for _, n := range []int64{a, b, a + b} {
		if n > math.MaxInt32 || n < math.MinInt32 {
			return nil, fmt.Errorf("%d is outside of the range of whole numbers from -2147483648 to 2147483647", n)
		}
	}
	return value.Int(a + b), nil
}

// mathRandom answers a number from start (included) to end (excluded); with a seed always the same one.
func mathRandom(env Env, args []value.Value) (value.Value, error) {
	start, err := integer(args[0], "start")
	if err != nil {
		return nil, err
	}
	end, err := integer(args[1], "end")
	if err != nil {
		return nil, err
	}
	if end <= start || end-start < 0 {
		return nil, errors.New("the end must be greater than the start")
	}
	if len(args) < 3 {
		return value.Int(start + env.Random(end-start)), nil
	}
	seed, err := integer(args[2], "seed")
	if err != nil {
		return nil, err
	}
	return value.Int(start + seeded(seed, end-start)), nil
}

// seeded draws one number below n from a linear congruential generator started with seed (the constants of java.util.Random).
func seeded(seed, n int64) int64 {
	const mask = 1<<48 - 1
	s := (uint64(seed) ^ 0x5DEECE66D) & mask
	next := func() uint64 {
		s = (s*0x5DEECE66D + 0xB) & mask
		return s >> 17
	}
	if n <= math.MaxInt32 {
		return int64(next()) % n
	}
	return int64((next()<<31 | next()) % uint64(n))
}

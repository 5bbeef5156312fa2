package s3

import (
	"encoding/base64"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"penstock/internal/blob"
	"penstock/internal/object"
	"penstock/internal/service/s3/fault"
)

// sumMember is the name of the member that carries a checksum of an algorithm, the same in every input and output.
func sumMember(a blob.Algorithm) string { return "Checksum" + string(a) }

// sumMembers lists the members that carry checksums, with a prefix.
func sumMembers(prefix string) []string {
	var out []string
	for _, a := range blob.Algorithms() {
		out = append(out, prefix+sumMember(a))
	}
	return out
}

// setSums writes checksums into the members of an output.
func setSums[T any](out *T, sums map[blob.Algorithm]string) {
	v := reflect.ValueOf(out).Elem()
	for a, text := range sums {
		if text != "" {
			v.FieldByName(sumMember(a)).Set(reflect.ValueOf(&text))
		}
	}
}

// announced collects the checksums that the members of an input carry.
func announced[T any](in *T) map[blob.Algorithm]string {
	v, m := reflect.ValueOf(in).Elem(), map[blob.Algorithm]string{}
	for _, a := range blob.Algorithms() {
		if text, _ := v.FieldByName(sumMember(a)).Interface().(*string); aws.ToString(text) != "" {
			m[a] = *text
		}
	}
	return m
}

// oneSum refuses checksums of several algorithms in one request, as S3 does.
func oneSum(sums map[blob.Algorithm]string) error {
	if len(sums) > 1 {
		return fault.New(400, "InvalidRequest", "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.")
	}
	return nil
}

// sameAlgorithm takes the algorithm that a request names; a checksum of another one beside it is refused.
func sameAlgorithm(a blob.Algorithm, opts *object.PutOptions) error {
	if a == "" {
		return nil
	}
	if len(opts.Want) > 0 && opts.Want[a] == "" {
		return badSumHeader("x-amz-sdk-checksum-algorithm")
	}
	opts.Algorithms = []blob.Algorithm{a}
	return nil
}

func badSumHeader(name string) error {
	return fault.New(400, "InvalidRequest", "Value for "+name+" header is invalid.")
}

// sumForm reports whether a text can be a checksum of an algorithm; one of parts' checksums may end in "-" and their number.
func sumForm(a blob.Algorithm, text string, parts bool) bool {
	text, n, ok := strings.Cut(text, "-")
	if _, err := strconv.ParseUint(n, 10, 31); ok && (err != nil || !parts) {
		return false
	}
	raw, err := base64.StdEncoding.DecodeString(text)
	return err == nil && len(raw) == a.Hash().Size()
}

func sumType(a object.Attrs) types.ChecksumType {
	if a.Composite {
		return types.ChecksumTypeComposite
	}
	return types.ChecksumTypeFullObject
}

func uploadSumType(u object.Upload) types.ChecksumType {
	return sumType(object.Attrs{Composite: u.Composite})
}

// algorithmOf reads a checksum algorithm; clients write its name in any case.
func algorithmOf(c types.ChecksumAlgorithm) (blob.Algorithm, error) {
	a := blob.Algorithm(strings.ToUpper(string(c)))
	if a == "" || slices.Contains(blob.Algorithms(), a) {
		return a, nil
	}
	return "", fault.New(400, "InvalidRequest", "Checksum algorithm provided is unsupported. Please try again with any of the valid types: "+
		strings.ReplaceAll(fmt.Sprint(blob.Algorithms()), " ", ", "))
}

// compositeOf decides between a checksum of the whole object and one of the parts' checksums.
func compositeOf(a blob.Algorithm, t types.ChecksumType) (bool, error) {
	switch t = types.ChecksumType(strings.ToUpper(string(t))); {
	case t != "" && !slices.Contains(t.Values(), t):
		return false, badSumHeader("x-amz-checksum-type")
	case t != "" && a == "":
		return false, fault.New(400, "InvalidRequest",
			"The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.")
	case t == types.ChecksumTypeComposite && a == blob.CRC64NVME, t == types.ChecksumTypeFullObject && !a.Linear():
		return false, fault.New(400, "InvalidRequest",
			fmt.Sprintf("The %s checksum type cannot be used with the %s checksum algorithm.", t, strings.ToLower(string(a))))
	case t == "":
		return a != blob.CRC64NVME && a != "", nil
	}
	return t == types.ChecksumTypeComposite, nil
}

func algorithmsOf(sums map[blob.Algorithm]string) []types.ChecksumAlgorithm {
	var out []types.ChecksumAlgorithm
	for _, a := range blob.Algorithms() {
		if sums[a] != "" {
			out = append(out, types.ChecksumAlgorithm(a))
		}
	}
	return out
}

func listSumType(a object.Attrs) types.ChecksumType {
	if len(a.Sums) == 0 {
		return ""
	}
	return sumType(a)
}

package task_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"penstock/internal/child/task"
)

func TestFilesTravel(t *testing.T) {
	for _, f := range []task.Files{
		{Files: []task.File{}},
		{Files: []task.File{{"b", "k", "v", "e", 1, "/x/ab"}}},
		{Files: []task.File{{"b", "k1", "v", "e", 1, "/x/ab"}, {"b", "k2", "", "f", 2, "/x/abc"}, {"b", "k3", "", "", 0, "/x/b"}}},
	} {
		b, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		var back task.Files
		if err := json.Unmarshal(b, &back); err != nil || !reflect.DeepEqual(back, f) {
			t.Errorf("%s comes back as %v, %v", b, back, err)
		}
	}
	if _, err := json.Marshal(task.Files{Files: []task.File{{Bucket: "a"}, {Bucket: "b"}}}); err == nil {
		t.Error("two buckets pass")
	}
	if json.Unmarshal([]byte(`{"keys":["a"]}`), new(task.Files)) == nil {
		t.Error("a key without size passes")
	}
}

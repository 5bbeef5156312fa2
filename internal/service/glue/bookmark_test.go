package glue

import (
	"encoding/json"
	"strings"
	"testing"

	"penstock/internal/api"
	"penstock/internal/api/apitest"
	"penstock/internal/meta"
)

// going starts a run and makes that it goes on, with the keys of apitest's caller: no run is executed here.
func (w *world) going(t testing.TB, job string) (runID string) {
	t.Helper()
	var out struct{ JobRunId string }
	must(t, json.Unmarshal([]byte(w.call(t, "StartJobRun", `{"JobName":"`+job+`"}`)), &out))
	w.set(t, out.JobRunId, "RUNNING", "AKIATEST")
	return out.JobRunId
}

func (w *world) set(t testing.TB, runID, state, key string) {
	t.Helper()
	must(t, w.Meta.Update(t.Context(), func(tx *meta.Tx) error {
		_, err := tx.Exec(`UPDATE job_runs SET body = json_set(body, '$.state', ?, '$.accessKey', ?), over = ? WHERE id = ?`, state, key,
			state == "SUCCEEDED", runID)
		return err
	}))
}

// is compares an answer, in which the ids of runs stand as their names.
func is(t *testing.T, got string, runs map[string]string, want string) {
	t.Helper()
	for name, id := range runs {
		got = strings.ReplaceAll(got, id, name)
	}
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func commit(job, run, version, state string) string {
	return `{"JobName":"` + job + `","RunId":"` + run + `","Version":` + version + `,"JobBookmark":` + state + `}`
}

// TestBookmarks saves, shows, resets and rewinds a bookmark.
func TestBookmarks(t *testing.T) {
	w := open(t, t.TempDir())
	w.call(t, "CreateJob", `{"Name":"j","Role":"r","Command":{"Name":"glueetl"}}`)
	ids := map[string]string{}
	const op = "PenstockCommitJobBookmark"
	for i, name := range []string{"FIRST", "SECOND", "THIRD"} {
		ids[name] = w.going(t, "j")
		is(t, w.call(t, op, commit("j", ids[name], string(rune('0'+i)), `"{\"n\": `+name[:1]+`}"`)), ids,
			"InvalidInputException: JobBookmark is not a JSON object.")
		is(t, w.call(t, op, commit("j", ids[name], string(rune('0'+i)), `"{\"n\": \"`+name[:1]+`\"}"`)), ids,
			`{"JobBookmarkEntry":{"Attempt":0,"JobBookmark":"{\"n\": \"`+name[:1]+`\"}","JobName":"j",`+[]string{
				`"Run":1,"RunId":"FIRST","Version":1}}`,
				`"PreviousRunId":"FIRST","Run":2,"RunId":"SECOND","Version":2}}`,
				`"PreviousRunId":"SECOND","Run":3,"RunId":"THIRD","Version":3}}`}[i])
		w.set(t, ids[name], "SUCCEEDED", "AKIATEST")
	}
	const first = `{"JobBookmarkEntry":{"Attempt":0,"JobBookmark":"{\"n\": \"F\"}","JobName":"j","Run":1,"RunId":"FIRST","Version":`
	is(t, w.call(t, "GetJobBookmark", `{"JobName":"j","RunId":"`+ids["FIRST"]+`"}`), ids, first+`1}}`)
	is(t, w.call(t, "ResetJobBookmark", `{"JobName":"j"}`), ids, `{"JobBookmarkEntry":{"Attempt":0,"JobName":"j","Run":0,"Version":4}}`)
	is(t, w.call(t, "GetJobBookmark", `{"JobName":"j"}`), ids, `{"JobBookmarkEntry":{"Attempt":0,"JobName":"j","Run":0,"Version":4}}`)
	is(t, w.call(t, "ResetJobBookmark", `{"JobName":"j","RunId":"`+ids["FIRST"]+`"}`), ids, first+`5}}`)
	is(t, w.call(t, "GetJobBookmark", `{"JobName":"j"}`), ids, first+`5}}`)
	w.call(t, "DeleteJob", `{"JobName":"j"}`)
	w.call(t, "CreateJob", `{"Name":"j","Role":"r","Command":{"Name":"glueetl"}}`)
	is(t, w.call(t, "GetJobBookmark", `{"JobName":"j"}`), ids, "EntityNotFoundException: Continuation for job j not found")
}

// TestOnlyTheRunSavesItsBookmark: not another's keys, not after its end, not one whose bookmark somebody has changed meanwhile.
func TestOnlyTheRunSavesItsBookmark(t *testing.T) {
	w := open(t, t.TempDir())
	for _, name := range []string{"j", "other"} {
		w.call(t, "CreateJob", `{"Name":"`+name+`","Role":"r","Command":{"Name":"glueetl"},"ExecutionProperty":{"MaxConcurrentRuns":3}}`)
	}
	a, b := w.going(t, "j"), w.going(t, "j")
	ids := map[string]string{"A": a, "B": b}
	const op, denied = "PenstockCommitJobBookmark", "AccessDeniedException: User: arn:aws:iam::000000000000:root is not authorized to save " +
		"the bookmark of job j: only the script of run A is, with its keys, while it goes on"
	is(t, w.call(t, op, commit("other", a, "0", `"{}"`)), ids, "EntityNotFoundException: Entity not found: job other with run A")
	for _, c := range []struct{ state, key string }{{"RUNNING", "AKIAOTHER"}, {"RUNNING", ""}, {"SUCCEEDED", "AKIATEST"}} {
		w.set(t, a, c.state, c.key)
		is(t, w.call(t, op, commit("j", a, "0", `"{}"`)), ids, denied)
	}
	// A caller without keys, as a service is to another, is not the run that has none.
	w.set(t, a, "RUNNING", "")
	ctx := api.WithPrincipal(t.Context(), api.Principal{ARN: "arn:aws:iam::" + apitest.Account + ":root", Account: apitest.Account})
	if _, err := w.table.Invoke(ctx, "glue", op, json.RawMessage(commit("j", a, "0", `"{}"`))); api.Code(err) != "AccessDeniedException" {
		t.Error(err)
	}
	w.set(t, a, "RUNNING", "AKIATEST")
	const mine = `{"JobBookmarkEntry":{"Attempt":0,"JobBookmark":"{}","JobName":"j","Run":1,"RunId":"A","Version":1}}`
	is(t, w.call(t, op, commit("j", a, "0", `"{}"`)), ids, mine)
	is(t, w.call(t, op, commit("j", a, "0", `"{}"`)), ids, mine) // the answer to the first was lost
	const late = "ConcurrentModificationException: Continuation update failed due to version mismatch. Expected version 0 but found version "
	is(t, w.call(t, op, commit("j", b, "0", `"{}"`)), ids, late+"1")
	w.call(t, "ResetJobBookmark", `{"JobName":"j"}`)
	is(t, w.call(t, op, commit("j", a, "0", `"{}"`)), ids, late+"2")
	is(t, w.call(t, op, commit("j", b, "2", `"{}"`)), ids,
		`{"JobBookmarkEntry":{"Attempt":0,"JobBookmark":"{}","JobName":"j","Run":1,"RunId":"B","Version":3}}`)
	// A job that is deleted and made again is another.
	w.call(t, "DeleteJob", `{"JobName":"j"}`)
	is(t, w.call(t, op, commit("j", a, "0", `"{}"`)), ids, "EntityNotFoundException: Entity not found: job j with run A")
	w.clock.Advance(1e9)
	w.call(t, "CreateJob", `{"Name":"j","Role":"r","Command":{"Name":"glueetl"}}`)
	is(t, w.call(t, op, commit("j", a, "0", `"{}"`)), ids, "EntityNotFoundException: Entity not found: job j with run A")
}

package logs

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"penstock/internal/api"
	"penstock/internal/clock"
	"penstock/internal/logstore"
	"penstock/internal/meta"
	"penstock/internal/meta/metatest"
	"penstock/internal/meta/tag"
	"penstock/internal/module"
	"penstock/internal/module/moduletest"
)

// caller asks the service of a region and gives its answer, or "code: message".
func caller(t *testing.T, env module.Env, region string) func(op, in string) string {
	env.Region, env.Invoker = region, api.NewTable(nil, slog.New(slog.DiscardHandler))
	s := New(env, logstore.Open(env.Meta, region, env.Clock))
	if err := env.Meta.Migrate(context.Background(), s.Module().Schema); err != nil {
		t.Fatal(err)
	}
	inv, ctx := moduletest.Table(t, env, s.API())
	return func(op, in string) string {
		out, err := inv.Invoke(ctx, "logs", op, json.RawMessage(in))
		if err != nil {
			return api.Code(err) + ": " + err.Error()
		}
		return string(out.(json.RawMessage))
	}
}

func want(t *testing.T, got, want string) {
	t.Helper()
	if !strings.Contains(got, want) {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestTagsAreOfARegionsGroup: groups of the same name have tags of their own, an ARN of another region is none of a group here, and a
// deleted group's tags are gone.
func TestTagsAreOfARegionsGroup(t *testing.T) {
	env := moduletest.Open(t, t.TempDir(), clock.NewManual(t0), tag.Schema, logstore.Schema)
	east, west := caller(t, env, "us-east-1"), caller(t, env, "eu-west-1")
	const arn = `"arn:aws:logs:us-east-1:000000000000:log-group:g"`
	east("CreateLogGroup", `{"LogGroupName":"g","Tags":{"at":"east"}}`)
	want(t, west("DescribeLogGroups", `{}`), `{"LogGroups":[]}`)
	west("CreateLogGroup", `{"LogGroupName":"g","Tags":{"at":"west"}}`)
	want(t, east("ListTagsForResource", `{"ResourceArn":`+arn+`}`), `{"Tags":{"at":"east"}}`)
	want(t, west("ListTagsForResource", `{"ResourceArn":"arn:aws:logs:eu-west-1:000000000000:log-group:g"}`), `{"Tags":{"at":"west"}}`)
	for _, call := range [][2]string{
		{"ListTagsForResource", `{"ResourceArn":` + arn + `}`}, {"TagResource", `{"ResourceArn":` + arn + `,"Tags":{"at":"w"}}`},
		{"UntagResource", `{"ResourceArn":` + arn + `,"TagKeys":["at"]}`}, {"DescribeLogStreams", `{"LogGroupIdentifier":` + arn + `}`},
		{"FilterLogEvents", `{"LogGroupIdentifier":` + arn + `}`},
	} {
		want(t, west(call[0], call[1]), "ResourceNotFoundException: The specified log group does not exist.")
	}
	want(t, west("DeleteLogGroup", `{"LogGroupName":"g"}`), `{}`)
	want(t, east("ListTagsForResource", `{"ResourceArn":`+arn+`}`), `{"Tags":{"at":"east"}}`)
	east("DeleteLogGroup", `{"LogGroupName":"g"}`)
	east("CreateLogGroup", `{"LogGroupName":"g"}`)
	want(t, east("ListTagsForResource", `{"ResourceArn":`+arn+`}`), `{"Tags":{}}`)
}

func TestTagRules(t *testing.T) {
	env := moduletest.Open(t, t.TempDir(), clock.NewManual(t0), tag.Schema, logstore.Schema)
	call := caller(t, env, "us-east-1")
	call("CreateLogGroup", `{"LogGroupName":"g"}`)
	var many []string
	for i := range tag.Most {
		many = append(many, fmt.Sprintf(`"k%d":""`, i))
	}
	add := func(tags string) string {
		return call("TagResource", `{"ResourceArn":"arn:aws:logs:us-east-1:000000000000:log-group:g","Tags":{`+tags+`}}`)
	}
	want(t, add(strings.Join(many, ",")), "{}")
	want(t, add(`"one":"more"`), "TooManyTagsException: A resource can have no more than 50 tags.")
	want(t, add(`"k1":"again"`), "{}")
	want(t, add(`"aws:x":""`), invalidParameter)
	want(t, call("CreateLogGroup", `{"LogGroupName":"h","Tags":{"aws:x":""}}`), invalidParameter)
	want(t, call("DescribeLogGroups", `{"LogGroupNamePrefix":"h"}`), `{"LogGroups":[]}`)
}

// TestTagsOfAnEarlierProgram: tags that the store kept by itself are those of the account's groups.
func TestTagsOfAnEarlierProgram(t *testing.T) {
	dir := t.TempDir()
	metatest.Left(t, dir, []meta.Schema{tag.Schema, metatest.At(logstore.Schema, 1)},
		`INSERT INTO log_groups (name, created, tags) VALUES ('g', 1, '{"team":"a","b":""}'), ('h', 1, '{}')`)
	call := caller(t, moduletest.Open(t, dir, clock.NewManual(t0), tag.Schema, logstore.Schema), "us-east-1")
	want(t, call("ListTagsForResource", `{"ResourceArn":"arn:aws:logs:us-east-1:000000000000:log-group:g"}`), `{"Tags":{"b":"","team":"a"}}`)
	want(t, call("ListTagsForResource", `{"ResourceArn":"arn:aws:logs:us-east-1:000000000000:log-group:h"}`), `{"Tags":{}}`)
}

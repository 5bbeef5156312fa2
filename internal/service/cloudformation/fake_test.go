package cloudformation

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"penstock/internal/api"
	"penstock/internal/api/apitest"
	"penstock/internal/clock"
	"penstock/internal/killpoint"
	"penstock/internal/meta"
	"penstock/internal/meta/metatest"
	"penstock/internal/module"
	"penstock/internal/module/moduletest"
)

// world stands in for all other services: a set of things by kind and name. It answers as they do, as far as stacks notice.
type world struct {
	mu      sync.Mutex
	things  map[string]map[string]any // "s3/name" -> what was last sent
	calls   []string
	busy    int // calls under way
	refuse  map[string]string
	objects map[string]bool   // buckets that hold objects
	unready bool              // workgroups are not available yet
	files   map[string]string // objects that can be read, by bucket/key
	slow    chan struct{}     // when set, creations wait for it
	stored  map[string]string // Parameter Store's, "Type:value" by name and name:version
}

func newWorld() *world {
	return &world{things: map[string]map[string]any{}, refuse: map[string]string{}, objects: map[string]bool{}, files: map[string]string{},
		stored: map[string]string{}}
}

// ops says for each operation what it does to which kind of thing, which member names the thing, and the code of its absence.
var ops = map[string][4]string{
	"s3.CreateBucket":                     {"create", "bucket", "Bucket", "BucketAlreadyOwnedByYou"},
	"s3.HeadBucket":                       {"get", "bucket", "Bucket", "NotFound"},
	"s3.PutBucketVersioning":              {"set", "bucket", "Bucket", "NoSuchBucket"},
	"s3.PutBucketTagging":                 {"set", "bucket", "Bucket", "NoSuchBucket"},
	"s3.DeleteBucketTagging":              {"set", "bucket", "Bucket", "NoSuchBucket"},
	"s3.DeleteBucket":                     {"delete", "bucket", "Bucket", "NoSuchBucket"},
	"s3.ListObjectVersions":               {"get", "bucket", "Bucket", "NoSuchBucket"},
	"s3.PutBucketEncryption":              {"set", "bucket", "Bucket", "NoSuchBucket"},
	"s3.DeleteBucketEncryption":           {"set", "bucket", "Bucket", "NoSuchBucket"},
	"s3.PutPublicAccessBlock":             {"set", "bucket", "Bucket", "NoSuchBucket"},
	"s3.PutBucketOwnershipControls":       {"set", "bucket", "Bucket", "NoSuchBucket"},
	"s3.PutBucketPolicy":                  {"create", "policy", "Bucket", ""},
	"s3.GetBucketPolicy":                  {"get", "policy", "Bucket", "NoSuchBucketPolicy"},
	"s3.DeleteBucketPolicy":               {"delete", "policy", "Bucket", ""},
	"s3.PutObjectLockConfiguration":       {"set", "bucket", "Bucket", "NoSuchBucket"},
	"glue.CreateDatabase":                 {"create", "database", "DatabaseInput.Name", "AlreadyExistsException"},
	"glue.GetDatabase":                    {"get", "database", "Name", "EntityNotFoundException"},
	"glue.UpdateDatabase":                 {"set", "database", "Name", "EntityNotFoundException"},
	"glue.DeleteDatabase":                 {"delete", "database", "Name", "EntityNotFoundException"},
	"glue.CreateTable":                    {"create", "table", "TableInput.Name", "AlreadyExistsException"},
	"glue.GetTable":                       {"get", "table", "Name", "EntityNotFoundException"},
	"glue.UpdateTable":                    {"set", "table", "TableInput.Name", "EntityNotFoundException"},
	"glue.DeleteTable":                    {"delete", "table", "Name", "EntityNotFoundException"},
	"glue.CreateCrawler":                  {"create", "crawler", "Name", "AlreadyExistsException"},
	"glue.GetCrawler":                     {"get", "crawler", "Name", "EntityNotFoundException"},
	"glue.UpdateCrawler":                  {"set", "crawler", "Name", "EntityNotFoundException"},
	"glue.DeleteCrawler":                  {"delete", "crawler", "Name", "EntityNotFoundException"},
	"glue.CreateJob":                      {"create", "job", "Name", "AlreadyExistsException"},
	"glue.GetJob":                         {"get", "job", "JobName", "EntityNotFoundException"},
	"glue.UpdateJob":                      {"set", "job", "JobName", "EntityNotFoundException"},
	"glue.DeleteJob":                      {"delete", "job", "JobName", "EntityNotFoundException"},
	"glue.CreateDataQualityRuleset":       {"create", "ruleset", "Name", "AlreadyExistsException"},
	"glue.GetDataQualityRuleset":          {"get", "ruleset", "Name", "EntityNotFoundException"},
	"glue.UpdateDataQualityRuleset":       {"set", "ruleset", "Name", "EntityNotFoundException"},
	"glue.DeleteDataQualityRuleset":       {"delete", "ruleset", "Name", "EntityNotFoundException"},
	"iam.CreateRole":                      {"create", "role", "RoleName", "EntityAlreadyExists"},
	"iam.GetRole":                         {"get", "role", "RoleName", "NoSuchEntity"},
	"iam.UpdateRole":                      {"set", "role", "RoleName", "NoSuchEntity"},
	"iam.UpdateAssumeRolePolicy":          {"set", "role", "RoleName", "NoSuchEntity"},
	"iam.PutRolePolicy":                   {"set", "role", "RoleName", "NoSuchEntity"},
	"iam.DeleteRolePolicy":                {"set", "role", "RoleName", "NoSuchEntity"},
	"iam.AttachRolePolicy":                {"set", "role", "RoleName", "NoSuchEntity"},
	"iam.DetachRolePolicy":                {"set", "role", "RoleName", "NoSuchEntity"},
	"iam.DeleteRole":                      {"delete", "role", "RoleName", "NoSuchEntity"},
	"redshift-serverless.CreateNamespace": {"create", "namespace", "NamespaceName", "ConflictException"},
	"redshift-serverless.GetNamespace":    {"get", "namespace", "NamespaceName", "ResourceNotFoundException"},
	"redshift-serverless.UpdateNamespace": {"set", "namespace", "NamespaceName", "ResourceNotFoundException"},
	"redshift-serverless.DeleteNamespace": {"delete", "namespace", "NamespaceName", "ResourceNotFoundException"},
	"redshift-serverless.CreateWorkgroup": {"create", "workgroup", "WorkgroupName", "ConflictException"},
	"redshift-serverless.GetWorkgroup":    {"get", "workgroup", "WorkgroupName", "ResourceNotFoundException"},
	"redshift-serverless.UpdateWorkgroup": {"set", "workgroup", "WorkgroupName", "ResourceNotFoundException"},
	"redshift-serverless.DeleteWorkgroup": {"delete", "workgroup", "WorkgroupName", "ResourceNotFoundException"},
	"sns.CreateTopic":                     {"create", "topic", "Name", ""},
	"sns.GetTopicAttributes":              {"get", "topic", "TopicArn", "NotFound"},
	"sns.SetTopicAttributes":              {"set", "topic", "TopicArn", "NotFound"},
	"sns.DeleteTopic":                     {"delete", "topic", "TopicArn", ""},
	"sns.Subscribe":                       {"create", "subscription", "Endpoint", ""},
	"sns.Unsubscribe":                     {"delete", "subscription", "SubscriptionArn", ""},
	"sns.SetSubscriptionAttributes":       {"set", "subscription", "SubscriptionArn", "NotFound"},
	"monitoring.PutMetricAlarm":           {"create", "alarm", "AlarmName", ""},
	"monitoring.DescribeAlarms":           {"list", "alarm", "AlarmNames", ""},
	"monitoring.DeleteAlarms":             {"delete", "alarm", "AlarmNames", "ResourceNotFound"},
	"states.CreateStateMachine":           {"create", "machine", "Name", "StateMachineAlreadyExists"},
	"states.DescribeStateMachine":         {"get", "machine", "StateMachineArn", "StateMachineDoesNotExist"},
	"states.UpdateStateMachine":           {"set", "machine", "StateMachineArn", "StateMachineDoesNotExist"},
	"states.DeleteStateMachine":           {"delete", "machine", "StateMachineArn", "StateMachineDoesNotExist"},
	"logs.CreateLogGroup":                 {"create", "group", "LogGroupName", "ResourceAlreadyExistsException"},
	"logs.ListTagsForResource":            {"get", "group", "ResourceArn", "ResourceNotFoundException"},
	"logs.PutRetentionPolicy":             {"set", "group", "LogGroupName", "ResourceNotFoundException"},
	"logs.DeleteRetentionPolicy":          {"set", "group", "LogGroupName", "ResourceNotFoundException"},
	"logs.DeleteLogGroup":                 {"delete", "group", "LogGroupName", "ResourceNotFoundException"},
	"logs.TagResource":                    {"set", "group", "ResourceArn", "ResourceNotFoundException"},
	"glue.TagResource":                    {"tag", "", "ResourceArn", ""},
	"iam.TagRole":                         {"set", "role", "RoleName", "NoSuchEntity"},
	"states.TagResource":                  {"tag", "", "ResourceArn", ""},
	"sns.TagResource":                     {"tag", "", "ResourceArn", ""},
	"monitoring.TagResource":              {"tag", "", "ResourceARN", ""},
	"redshift-serverless.TagResource":     {"tag", "", "ResourceArn", ""},
}

func (w *world) Invoke(ctx context.Context, service, op string, in any) (any, error) {
	if _, ok := api.PrincipalOf(ctx); !ok {
		return nil, fmt.Errorf("%s.%s without a principal", service, op)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if get, ok := in.(*s3.GetObjectInput); ok {
		return w.object(get)
	}
	if op == "GetParameters" {
		return w.parameters(in)
	}
	do, ok := ops[service+"."+op]
	if !ok {
		return nil, fmt.Errorf("unexpected operation %s.%s", service, op)
	}
	w.mu.Lock()
	w.busy++
	slow := w.slow
	w.mu.Unlock()
	if slow != nil && do[0] == "create" {
		<-slow
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.busy--
	var m map[string]any
	if err := json.Unmarshal(in.(json.RawMessage), &m); err != nil {
		return nil, err
	}
	name := nameIn(m, do[2])
	w.calls = append(w.calls, service+"."+op+" "+name)
	if why := w.refuse[op+" "+name]; why != "" {
		return nil, api.Errorf("InvalidInputException", "%s", why)
	}
	out, err := w.act(do, name, m)
	if err != nil {
		return nil, err
	}
	raw, err := json.Marshal(out)
	return json.RawMessage(raw), err
}

// parameters answers GetParameters of one name.
func (w *world) parameters(in any) (any, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var m struct{ Names []string }
	if err := json.Unmarshal(in.(json.RawMessage), &m); err != nil {
		return nil, err
	}
	w.calls = append(w.calls, "ssm.GetParameters "+m.Names[0])
	if why := w.refuse["GetParameters "+m.Names[0]]; why != "" {
		return nil, &api.Error{Code: "AccessDeniedException", Message: why, Status: 400}
	}
	kind, value, ok := strings.Cut(w.stored[m.Names[0]], ":")
	if !ok {
		return json.RawMessage(`{"Parameters":[],"InvalidParameters":["x"]}`), nil
	}
	raw, err := json.Marshal(map[string]any{"Parameters": []any{map[string]any{"Name": m.Names[0], "Type": kind, "Value": value}}})
	return json.RawMessage(raw), err
}

// store sets a parameter of Parameter Store.
func (w *world) store(name, kind, value string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stored[name] = kind + ":" + value
}

// object answers GetObject.
func (w *world) object(in *s3.GetObjectInput) (any, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	name := *in.Bucket + "/" + *in.Key
	if in.VersionId != nil {
		name += "?" + *in.VersionId
	}
	w.calls = append(w.calls, "s3.GetObject "+name)
	text, ok := w.files[name]
	if !ok {
		return nil, &api.Error{Code: "NoSuchKey", Message: "The specified key does not exist.", Status: 404}
	}
	return &s3.GetObjectOutput{Body: io.NopCloser(strings.NewReader(text))}, nil
}

func nameIn(m map[string]any, path string) string {
	var v any = m
	for k := range strings.SplitSeq(path, ".") {
		o, _ := v.(map[string]any)
		v = o[k]
	}
	if l, ok := v.([]any); ok && len(l) > 0 {
		v = l[0]
	}
	s, _ := v.(string)
	return s[strings.LastIndexByte(s, ':')+1:]
}

func (w *world) act(do [4]string, name string, m map[string]any) (any, error) {
	key := do[1] + "/" + name
	thing, there := w.things[key]
	arn := "arn:aws:x:us-east-1:000000000000:" + name
	switch do[0] {
	case "tag":
		return map[string]any{}, nil
	case "create":
		if there && do[3] != "" {
			return nil, api.Errorf(do[3], "%s is there already", name)
		}
		w.things[key] = m
	case "list":
		if !there {
			return map[string]any{"MetricAlarms": []any{}}, nil
		}
		return map[string]any{"MetricAlarms": []any{thing}}, nil
	default:
		if !there && do[3] != "" {
			return nil, api.Errorf(do[3], "%s is not there", name)
		}
		if do[0] == "delete" {
			delete(w.things, key)
		}
		if do[0] == "set" {
			for k, v := range m {
				thing[k] = v
			}
		}
	}
	versions := []any{}
	if w.objects[name] {
		versions = append(versions, map[string]any{"Key": "k"})
	}
	if do[1] == "topic" {
		arn = "arn:aws:sns:us-east-1:000000000000:" + name
	}
	status := "AVAILABLE"
	if w.unready {
		status = "CREATING"
	}
	return map[string]any{
		"TopicArn": arn, "SubscriptionArn": arn, "StateMachineArn": arn, "Versions": versions,
		"Role":      map[string]any{"Arn": "arn:aws:iam::000000000000:role/" + name, "RoleId": "AROA1"},
		"Namespace": map[string]any{"NamespaceName": name, "NamespaceArn": arn, "Status": "AVAILABLE"},
		"Workgroup": map[string]any{"WorkgroupName": name, "WorkgroupArn": arn, "Status": status,
			"Endpoint": map[string]any{"Address": "localhost", "Port": 5439}},
	}, nil
}

func (w *world) names(kind string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []string
	for k := range w.things {
		if n, ok := strings.CutPrefix(k, kind+"/"); ok {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return out
}

func (w *world) thing(key string) map[string]any {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.things[key]
}

func (w *world) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.things)
}

func (w *world) happened(prefix string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for _, c := range w.calls {
		if strings.HasPrefix(c, prefix) {
			n++
		}
	}
	return n
}

// desk is the service with its loop running.
type desk struct {
	*Service
	t    *testing.T
	inv  api.Invoker
	meta *meta.Store
}

// open starts a service over the metadata in dir; stop ends it and closes the store.
func open(t *testing.T, dir string, w *world, kill killpoint.Hook) (d *desk, stop func()) {
	m := metatest.Open(t, dir, clock.Real{}, Schema)
	return openOn(t, m, w, kill)
}

func openOn(t *testing.T, m *meta.Store, w *world, kill killpoint.Hook) (*desk, func()) {
	return openWith(t, env(m, w, kill))
}

func openWith(t *testing.T, e module.Env) (*desk, func()) {
	s := New(e)
	s.patience = 2 * time.Minute // what is asked for is done when it is answered, however slow the machine is
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		if err := s.Run(ctx); err != nil {
			t.Error(err)
		}
		close(done)
	}()
	stop := sync.OnceFunc(func() {
		cancel()
		<-done
		e.Meta.Close()
	})
	t.Cleanup(stop)
	return deskOf(t, s, e.Meta), stop
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func env(m *meta.Store, w *world, kill killpoint.Hook) module.Env {
	e := moduletest.On(m, clock.Real{})
	e.Invoker, e.Kill = w, kill
	return e
}

func deskOf(t *testing.T, s *Service, m *meta.Store) *desk {
	return &desk{s, t, api.NewTable([]api.Service{s.API()}, quiet()), m}
}

func (d *desk) try(op string, in map[string]any) (map[string]any, error) {
	d.t.Helper()
	raw, err := json.Marshal(in)
	if err != nil {
		d.t.Fatal(err)
	}
	ctx := api.WithURL(apitest.Context(d.t), "cloudformation", "http://127.0.0.1:4566/")
	out, err := d.inv.Invoke(ctx, "cloudformation", op, json.RawMessage(raw))
	if err != nil {
		return nil, err
	}
	var doc map[string]any
	if err := json.Unmarshal(out.(json.RawMessage), &doc); err != nil {
		d.t.Fatal(err)
	}
	return doc, nil
}

func (d *desk) do(op string, in map[string]any) map[string]any {
	d.t.Helper()
	out, err := d.try(op, in)
	if err != nil {
		d.t.Fatalf("%s: %v", op, err)
	}
	return out
}

// status is the stack's status with its reason.
func (d *desk) status(name string) (status, reason string) {
	d.t.Helper()
	st, err := d.stack(d.t.Context(), name)
	if err != nil {
		return "none", err.Error()
	}
	return st.Status, st.Reason
}

func (d *desk) want(name, status string) {
	d.t.Helper()
	if got, why := d.status(name); got != status {
		d.t.Fatalf("stack %s is %s (%s), want %s\n%s", name, got, why, status, strings.Join(d.history(name), "\n"))
	}
}

// history lists the events, oldest first: LogicalId STATUS reason.
func (d *desk) history(name string) []string {
	d.t.Helper()
	out := d.do("DescribeStackEvents", map[string]any{"StackName": name})
	var lines []string
	for _, e := range out["StackEvents"].([]any) {
		m := e.(map[string]any)
		line := fmt.Sprint(m["LogicalResourceId"], " ", m["ResourceStatus"])
		if r, ok := m["ResourceStatusReason"].(string); ok {
			line += " " + r
		}
		lines = append(lines, line)
	}
	slices.Reverse(lines)
	return lines
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

var iam = []any{"CAPABILITY_NAMED_IAM"}

func hideInstants(out any) any {
	raw, ok := out.(json.RawMessage)
	if !ok {
		return out
	}
	return json.RawMessage(instant.ReplaceAll(raw, []byte(`"<instant>"`)))
}

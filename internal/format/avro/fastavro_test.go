package avro_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"penstock/internal/testcorpus"
)

// fastavro writes a file of every type and codec, and the rows as it reads them back.
const fastavro = `
import re, sys, json, random, datetime, decimal, uuid, fastavro
out = sys.argv[1]
rnd = random.Random(5)
D = decimal.Decimal
schema = {"type": "record", "name": "r", "namespace": "a.b", "fields": [
  {"name": "i", "type": "int"}, {"name": "l", "type": "long"}, {"name": "f", "type": "float"}, {"name": "d", "type": "double"},
  {"name": "b", "type": ["null", "boolean"]}, {"name": "s", "type": "string"}, {"name": "y", "type": "bytes"},
  {"name": "dec", "type": {"type": "bytes", "logicalType": "decimal", "precision": 30, "scale": 5}},
  {"name": "fix", "type": {"type": "fixed", "name": "fx", "size": 9, "logicalType": "decimal", "precision": 18, "scale": 2}},
  {"name": "day", "type": {"type": "int", "logicalType": "date"}}, {"name": "ts", "type": {"type": "long", "logicalType": "timestamp-micros"}},
  {"name": "lt", "type": {"type": "long", "logicalType": "local-timestamp-millis"}},
  {"name": "id", "type": {"type": "string", "logicalType": "uuid"}}, {"name": "e", "type": {"type": "enum", "name": "en", "symbols": ["X", "Y", "Z"]}},
  {"name": "arr", "type": {"type": "array", "items": ["null", {"type": "record", "name": "in", "fields": [
     {"name": "k", "type": "long"}, {"name": "m", "type": {"type": "map", "values": {"type": "array", "items": "string"}}}]}]}},
  {"name": "mix", "type": ["null", "long", "string", "in"]}]}
def row(n):
    ts = datetime.datetime(1900 + n % 200, 1 + n % 12, 1 + n % 28, n % 24, n % 60, n % 60, n * 7919 % 1000000, tzinfo=datetime.timezone.utc)
    inner = lambda: {"k": rnd.randrange(-2**63, 2**63), "m": {"k%d" % j: ["v" * j for j in range(rnd.randrange(3))] for j in range(rnd.randrange(3))}}
    return {"i": rnd.randrange(-2**31, 2**31), "l": rnd.randrange(-2**63, 2**63), "f": n / 4, "d": rnd.uniform(-1e9, 1e9), "b": [None, True, False][n % 3],
      "s": "é" * (n % 5), "y": bytes([n % 256] * (n % 4)), "dec": D(rnd.randrange(-10**30 + 1, 10**30)).scaleb(-5, decimal.Context(prec=40)),
      "fix": D(rnd.randrange(-10**18 + 1, 10**18)).scaleb(-2), "day": ts.date(), "ts": ts, "lt": ts.replace(tzinfo=None, microsecond=n % 1000 * 1000),
      "id": uuid.UUID(int=rnd.getrandbits(128)), "e": "XYZ"[n % 3], "arr": [None if j % 3 == 2 else inner() for j in range(n % 5)],
      "mix": [None, n, "t%d" % n, inner()][n % 4]}
def stamp(t):
    s = t.strftime("%Y-%m-%d %H:%M:%S") if t.year >= 1000 else None
    return s + (".%06d" % t.microsecond).rstrip("0").rstrip(".")
def RAW(s): return "RAW" + s
def text(v):
    if isinstance(v, bytes): return v.hex()
    if isinstance(v, datetime.datetime): return stamp(v)
    if isinstance(v, datetime.date): return v.isoformat()
    if isinstance(v, D): return RAW(format(v, "f"))
    if isinstance(v, uuid.UUID): return str(v)
    if isinstance(v, dict): return {k: text(x) for k, x in v.items()}
    if isinstance(v, list): return [text(x) for x in v]
    return v
def shown(r):
    r = {k: text(v) for k, v in r.items()}
    m = r["mix"]
    r["mix"] = None if m is None else {"member0": m if isinstance(m, int) else None, "member1": m if isinstance(m, str) else None,
                                       "member2": m if isinstance(m, dict) else None}
    return r
rows = [row(n) for n in range(2000)]
for codec in ["null", "deflate", "snappy", "zstandard", "bzip2"]:
    with open(out + "/" + codec + ".avro", "wb") as f:
        fastavro.writer(f, schema, rows, codec=codec, sync_interval=20000)
with open(out + "/null.avro", "rb") as f, open(out + "/rows.json", "w") as o:
    for r in fastavro.reader(f):
        o.write(re.sub('"RAW([^"]*)"', r"\1", json.dumps(shown(r), ensure_ascii=False)) + "\n")
`

// normal writes a row's numbers in one way: integers and decimals as they are, floats as Go does.
func normal(t *testing.T, row string) string {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(row))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v in %s", err, row)
	}
	for _, name := range []string{"f", "d"} {
		f, err := v.(map[string]any)[name].(json.Number).Float64()
		if err != nil {
			t.Fatal(err)
		}
		v.(map[string]any)[name] = f
	}
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// What fastavro reads of its files is what is read here.
func TestAgainstFastavro(t *testing.T) {
	python := filepath.Join(os.Getenv("PENSTOCK_LAKE_VENV"), "bin", "python")
	found := exec.Command(python, "-c", "import fastavro, cramjam, backports.zstd").Run() == nil
	testcorpus.NeedTool(t, found, "a virtual environment with fastavro, cramjam and backports.zstd, which PENSTOCK_LAKE_VENV names")
	dir := t.TempDir()
	script := filepath.Join(dir, "write.py")
	if err := os.WriteFile(script, []byte(fastavro), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(python, script, dir).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	text, err := os.ReadFile(filepath.Join(dir, "rows.json"))
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Split(strings.TrimSpace(string(text)), "\n")
	for i := range want {
		want[i] = normal(t, want[i])
	}
	for _, codec := range []string{"null", "deflate", "snappy", "zstandard", "bzip2"} {
		src, err := os.ReadFile(filepath.Join(dir, codec+".avro"))
		if err != nil {
			t.Fatal(err)
		}
		rows, found, err := read(t, src, "", "")
		if err != nil || len(found) > 0 || len(rows) != len(want) {
			t.Fatalf("%s: %d rows, %q, %v", codec, len(rows), found, err)
		}
		for i := range rows {
			if got := normal(t, rows[i]); got != want[i] {
				t.Fatalf("%s, row %d is\n%s\nnot\n%s", codec, i, got, want[i])
			}
		}
	}
}

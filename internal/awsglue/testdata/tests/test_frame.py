"""DynamicFrame and the transforms."""

import contextlib
import io
import json
import os
import unittest

from common import HERE, Case, rows
from awsglue import DataError
from awsglue.dynamicframe import DynamicFrameCollection, ResolveOption
from awsglue.gluetypes import ChoiceType, DoubleType, IntegerType, LongType, NullType, StringType, StructType
from awsglue import transforms as t


def printed(call, *args):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        call(*args)
    return out.getvalue()


class TestRead(Case):
    def test_json_types(self):
        """Whole numbers are int, or long where one is beyond 32 bits; numbers and texts, and 1 and 1.5, are choices."""
        f = self.json({"i": 1, "l": 3000000000, "d": 1.5, "c": 1, "m": 1, "b": True, "s": "x", "n": None, "p": "a"},
                      {"i": -5, "l": 1, "d": 2.5, "c": "two", "m": 1.5, "b": False, "s": "y", "n": None, "p": True})
        want = {"i": "int", "l": "long", "d": "double", "b": "boolean", "s": "string"}
        got = {x.name: x.dataType for x in f.schema()}
        for name, kind in want.items():
            self.assertEqual(got[name].typeName(), kind, name)
        self.assertEqual(got["c"], ChoiceType([IntegerType(), StringType()]))
        self.assertEqual(got["m"], ChoiceType([IntegerType(), DoubleType()]))
        self.assertEqual([sorted(got["p"].choices)], [["boolean", "string"]])
        self.assertEqual([(r["c"], r["m"], r["p"]) for r in rows(f.select_fields(["c", "m", "p"]))], [
            ({"int": 1, "string": None}, {"double": None, "int": 1}, {"boolean": None, "string": "a"}),
            ({"int": None, "string": "two"}, {"double": 1.5, "int": None}, {"boolean": True, "string": None})])

    def test_nested_choice(self):
        """The example of AWS's guide: prices in a list, some numbers, some texts."""
        f = self.json({"id": 1, "myList": [{"price": 100.0}, {"price": "$100.00"}]}, {"id": 2, "myList": []}, {"id": 3})
        self.assertIn("choice", f.schema().treeString())
        got = rows(f.resolveChoice(specs=[("myList[].price", "cast:double")]))
        self.assertEqual(got, [{"id": 1, "myList": [{"price": 100.0}, {"price": None}]}, {"id": 2, "myList": []}, {"id": 3, "myList": None}])
        got = rows(f.resolveChoice(specs=[("myList[].price", "project:string")]))
        self.assertEqual(got[0]["myList"], [{"price": None}, {"price": "$100.00"}])
        got = rows(f.resolveChoice(choice="make_cols"))
        self.assertEqual(got[0]["myList"], [{"price_double": 100.0, "price_string": None}, {"price_double": None, "price_string": "$100.00"}])

    def test_broken_lines(self):
        """A line that is no JSON is an error record, and not a row."""
        f = self.json({"a": 1}, "{\"a\": 2", {"a": 3}, "", "[{\"a\": 4}, {\"a\": 5}]")
        self.assertEqual([r["a"] for r in rows(f)], [1, 3, 4, 5])
        self.assertEqual(f.errorsCount(), 1)
        self.assertEqual(rows(f.errorsAsDynamicFrame())[0]["error"]["record"], "{\"a\": 2")
        with self.assertRaisesRegex(DataError, "1 records failed"):
            f.assertErrorThreshold()

    def test_multiline_and_path(self):
        self.file("m/a.json", json.dumps([{"a": 1}, {"a": 2}], indent=2) + "\n{\"a\":\n 3}")
        for word in ("multiLine", "multiline"):
            f = self.glue.create_dynamic_frame.from_options("s3", {"paths": [self.dir + "/m"]}, "json", {word: "true"})
            self.assertEqual([r["a"] for r in rows(f)], [1, 2, 3])
        self.file("p/a.json", json.dumps({"Records": [{"x": {"y": 1}}, {"x": {"y": 2}}], "other": 1}))
        for path, want in (("$.Records[*]", [{"x": {"y": 1}}, {"x": {"y": 2}}]), ("$.Records", [{"x": {"y": 1}}, {"x": {"y": 2}}]),
                           ("$.Records[1].x", [{"y": 2}]), ("$['Records'][*]['x']", [{"y": 1}, {"y": 2}])):
            f = self.glue.create_dynamic_frame.from_options("s3", {"paths": [self.dir + "/p"]}, "json", {"jsonPath": path, "multiLine": True})
            self.assertEqual(rows(f), want, path)
        self.refused("jsonPath", self.glue.create_dynamic_frame.from_options, "s3", {"paths": [self.dir + "/p"]}, "json",
                     {"jsonPath": "$..x"})

    def test_csv(self):
        self.file("c/a.csv", "id|name\n1|'a|''b'\n2|\n")
        self.file("c/b.csv", "name|extra|id\nz|e|3\n")
        o = {"withHeader": True, "separator": "|", "quoteChar": "'"}
        f = self.glue.create_dynamic_frame.from_options("s3", {"paths": [self.dir + "/c"]}, "csv", o)
        self.assertEqual(rows(f), [{"id": "1", "name": "a|'b", "extra": None}, {"id": "2", "name": None, "extra": None},
                                   {"id": "3", "name": "z", "extra": "e"}])
        self.file("n/a.csv", "1,\"x\ny\"\n2,\" z \"\n")
        f = self.glue.create_dynamic_frame.from_options("s3", {"paths": [self.dir + "/n"]}, "csv", {"multiLine": True})
        self.assertEqual(rows(f), [{"col0": "1", "col1": "x\ny"}, {"col0": "2", "col1": " z "}])
        f = self.glue.create_dynamic_frame.from_options("s3", {"paths": [self.dir + "/c/a.csv"]}, "csv", {"skipFirst": True, "separator": "|",
                                                                                                       "quoteChar": -1})
        self.assertEqual([r["col0"] for r in rows(f)], ["1", "2"])
        self.file("e/a.csv", "a,b\n1,x\\,y\n")
        f = self.glue.create_dynamic_frame.from_options("s3", {"paths": [self.dir + "/e"]}, "csv", {"withHeader": "true", "escaper": "\\"})
        self.assertEqual(rows(f)[0]["a"], "1")

    def test_paths(self):
        for name in ("d/a.json", "d/sub/b.json", "d/sub/skip.json", "d/_hidden.json", "d/sub/.c.json"):
            self.file(name, json.dumps({"n": name}) + "\n")

        def names(**o):
            return [r["n"] for r in rows(self.glue.create_dynamic_frame.from_options("s3", dict(o, paths=[self.dir + "/d"]), "json"))]
        self.assertEqual(names(), ["d/a.json"])
        self.assertEqual(names(recurse=True), ["d/a.json", "d/sub/b.json", "d/sub/skip.json"])
        self.assertEqual(names(recurse="true", exclusions="[\"**/skip.*\"]", groupFiles="inPartition", groupSize="1048576"),
                         ["d/a.json", "d/sub/b.json"])
        self.assertEqual(names(recurse=True, exclusions=["sub/**"]), ["d/a.json"])
        for name in ("odd/a[1].json", "odd/{b}.json", "odd/c*.json"):
            self.file(name, json.dumps({"n": name}) + "\n")
        self.assertEqual([r["n"] for r in rows(self.glue.create_dynamic_frame.from_options("s3", {"paths": [self.dir + "/odd"]}, "json"))],
                         ["odd/a[1].json", "odd/c*.json", "odd/{b}.json"])
        self.file("odd2/h[1].csv", "a,b\n1,2\n")
        self.assertEqual(rows(self.glue.create_dynamic_frame.from_options("s3", {"paths": [self.dir + "/odd2"]}, "csv", {"withHeader": True})),
                         [{"a": "1", "b": "2"}])
        with self.assertRaisesRegex(DataError, "there is no file or folder"):
            self.glue.create_dynamic_frame.from_options("s3", {"paths": [self.dir + "/none"]}, "json")

    def test_source_and_rdd(self):
        self.file("s/a.json", "{\"a\": 1}\n")
        source = self.glue.getSource("file", paths=[self.dir + "/s"])
        source.setFormat("json")
        self.assertEqual(rows(source.getFrame()), [{"a": 1}])
        rdd = self.spark.sparkContext.parallelize([{"a": 1, "b": [1, 2]}, {"a": "x", "c": {"d": 1.5}}])
        f = self.glue.create_dynamic_frame.from_rdd(rdd, "r")
        self.assertEqual(f.schema().getField("a").dataType, ChoiceType([IntegerType(), StringType()]))
        self.assertEqual(rows(f), [{"a": {"int": 1, "string": None}, "b": [1, 2], "c": None},
                                   {"a": {"int": None, "string": "x"}, "b": None, "c": {"d": 1.5}}])
        f = self.glue.create_dynamic_frame.from_rdd([(1, "a")], "r", "id int, s string")
        self.assertEqual(rows(f), [{"id": 1, "s": "a"}])
        f = self.glue.create_sample_dynamic_frame_from_options("s3", {"paths": [self.dir + "/s"]}, 0, format="json")
        self.assertEqual(f.count(), 0)

    def test_columnar(self):
        df = self.df([(1, "a"), (2, "b")], "id int, name string")
        for form in ("parquet", "orc"):
            df.write.partitionBy("name").format(form).save(self.dir + "/" + form)
            f = self.glue.create_dynamic_frame.from_options("s3", {"paths": [self.dir + "/" + form]}, form)
            self.assertEqual(rows(f), [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}], form)


class TestNames(Case):
    def test_all(self):
        """Every public name of AWS's library is there, or raises an error that names it."""
        import importlib
        import inspect
        from awsglue import DynamicFrame, collection, data_sink, job
        frame = self.json({"a": 1})
        owners = {"GlueContext": self.glue, "DynamicFrame": frame, "DynamicFrameCollection": DynamicFrameCollection, "Job": job.Job,
                  "DynamicFrameReader": collection.DynamicFrameReader, "DynamicFrameWriter": collection.DynamicFrameWriter,
                  "DataSource": data_sink.DataSource, "DataSink": data_sink.DataSink}
        self.assertIsInstance(frame, DynamicFrame)
        with open(os.path.join(HERE, "..", "aws_names.txt"), encoding="utf-8") as f:
            lines = [line.strip().split(": ") for line in f if not line.startswith("#")]
        checked = 0
        for owner, names in lines:
            owner, _, refused = owner.partition(" ")
            for name in names.split():
                checked += 1
                if not refused:
                    where = owners[owner] if owner in owners else importlib.import_module(owner)
                    self.assertTrue(hasattr(where, name), (owner, name))
                    continue

                def use():
                    where = owners[owner] if owner in owners else importlib.import_module(owner)
                    made = getattr(where, name)
                    made = made.apply if inspect.isclass(made) else made
                    needed = [p for p in inspect.signature(made).parameters.values() if p.default is p.empty and p.kind == p.POSITIONAL_OR_KEYWORD]
                    made(*[None] * len(needed))
                self.refused(name, use)
        self.assertGreater(checked, 130)
        for module in ("awsglueml.transforms", "awsgluedi.transforms"):
            self.refused(module, lambda: exec("from %s import *" % module, {}))


class TestXml(Case):
    OPTIONS = {"rowTag": "row"}

    def xml(self, text, **options):
        self.file("x%d/a.xml" % len(os.listdir(self.dir)), text)
        return self.glue.create_dynamic_frame.from_options("s3", {"paths": [self.dir], "recurse": True}, "xml", dict(self.OPTIONS, **options))

    def test_shapes(self):
        """A field that stands twice in one record is a list in all; a text beside attributes is the value of an object in all."""
        f = self.xml("<t><row><k>1</k><k>2</k><p>x</p></row><skip/><row a='b'><k>3</k><p u='m'>y</p></row><row><p/></row></t>")
        self.assertEqual(rows(f), [{"k": [1, 2], "p": {"_VALUE": "x", "_u": None}, "_a": None}, {"k": [3], "p": {"_VALUE": "y", "_u": "m"}, "_a": "b"},
                                   {"k": None, "p": None, "_a": None}])

    def test_types(self):
        f = self.xml("<t><row><i>5</i><d> 1.5 </d><b>true</b><s>07a</s><w>3000000000</w><e></e></row>\n<row><i/><c><![CDATA[<&]]>\u00e9</c></row></t>")
        self.assertEqual(f.toDF().schema.simpleString(), "struct<i:int,d:double,b:boolean,s:string,w:bigint,e:string,c:string>")
        self.assertEqual(rows(f)[0], {"i": 5, "d": 1.5, "b": True, "s": "07a", "w": 3000000000, "e": "", "c": None})
        self.assertEqual(rows(f)[1]["c"], "<&\u00e9")

    def test_options(self):
        text = "<t><row a='1'><s> x </s><p u='m'>y</p><e/></row></t>"
        f = self.xml(text, attributePrefix="@", valueTag="#", ignoreSurroundingSpaces=True, treatEmptyValuesAsNulls=True)
        self.assertEqual(rows(f), [{"@a": 1, "s": "x", "p": {"@u": "m", "#": "y"}, "e": None}])
        self.assertEqual(rows(self.xml(text, excludeAttribute="true"))[0], {"s": " x ", "p": "y", "e": ""})

    def test_damage(self):
        """What cannot be read is an error record; the records before it are there."""
        f = self.xml("<t><row><a>1</a></row><row a='1'/><row><a>2</b></row></t>")
        self.assertEqual((rows(f), f.errorsCount()), ([{"a": 1}], 2))
        texts = sorted(r["error"]["msg"] for r in rows(f.errorsAsDynamicFrame()))
        self.assertIn("mismatched tag", texts[0])
        self.assertIn("self-closing", texts[1])
        deep = self.xml("<row>" + "<a>" * 10000)
        self.assertEqual(rows(deep), [{"a": 1}])
        with self.assertRaisesRegex(DataError, "no encoding"):
            self.xml("<row/>", encoding="x-none")

    def test_bytes(self):
        import bz2
        import gzip
        latin = "<?xml version='1.0' encoding='ISO-8859-1'?><t><row><s>\u00eb</s></row></t>".encode("latin-1")
        self.file("x/a.xml.gz", gzip.compress(latin))
        self.file("x/b.xml.bz2", bz2.compress("<t><row><s>b</s></row></t>".encode("utf-16")))
        self.file("x/c, d.xml", "<t><row><s>c</s></row></t>")
        f = self.glue.create_dynamic_frame.from_options("s3", {"paths": [self.dir + "/x"]}, "xml", self.OPTIONS)
        self.assertEqual(sorted(r["s"] for r in rows(f)), ["b", "c", "\u00eb"])


class TestFields(Case):
    def test_nested_choices_are_cast(self):
        """A choice within a struct or array that is cast as a whole has values of both of its types."""
        f = self.json({"o": {"x": 1, "l": [1, "2"]}}, {"o": {"x": "7", "l": []}}, {"o": {"x": "y"}})
        want = [{"o": {"x": 1, "l": ["1", "2"]}}, {"o": {"x": 7, "l": []}}, {"o": {"x": None, "l": None}}]
        from awsglue import gluetypes as g
        schema = g.StructType([g.Field("o", g.StructType([g.Field("x", g.IntegerType()), g.Field("l", g.ArrayType(g.StringType()))]))])
        self.assertEqual(rows(f.with_frame_schema(schema)), want)
        self.assertEqual(rows(f.apply_mapping([("o", "struct", "o", "struct<x:int,l:array<string>>")])), want)
        self.assertEqual(rows(f.apply_mapping([("o.l", "array", "l", "array<string>")]).select_fields(["l"]))[0], {"l": ["1", "2"]})
        with self.assertRaisesRegex(DataError, "resolve the choice"):
            f.apply_mapping([("o", "struct", "o", "struct<x:int>"), ("o.x", "int", "x", "string")])

    def nested(self):
        return self.frame([(1, ("x", (5, "y")), [("p", 1), ("q", 2)], "3.7")],
                          "id int, s struct<a:string,t:struct<n:int,`d.e`:string>>, l array<struct<k:string,v:int>>, n string")

    def test_apply_mapping(self):
        f = self.nested().apply_mapping([
            ("id", "int", "key", "string"), ("s.t.n", "int", "deep.n", "long"), ("s.a", "string", "deep.a", "string"),
            ("s.t.`d.e`", "string", "`d.e`", "string"), ("n", "string", "asint", "int"), ("n", "string", "asdec", "decimal(5,1)"),
            ("l", "array", "l", "array"), ("none", "string", "none", "string"), ("l[].v", "int", "vs", "string")])
        self.assertEqual(rows(f), [{"key": "1", "deep": {"n": 5, "a": "x"}, "d.e": "y", "asint": None, "asdec": "3.7",
                                    "l": [{"k": "p", "v": 1}, {"k": "q", "v": 2}], "vs": ["1", "2"]}])
        self.assertEqual(f.toDF().schema["asdec"].dataType.simpleString(), "decimal(5,1)")
        self.assertEqual(f.toDF().columns, ["key", "deep", "d.e", "asint", "asdec", "l", "vs"])
        with self.assertRaisesRegex(DataError, "two mappings have the target a"):
            self.nested().apply_mapping([("id", "int", "a", "int"), ("n", "string", "a", "string")])
        with self.assertRaisesRegex(DataError, "none of the mappings"):
            self.nested().apply_mapping([("zz", "int", "a", "int")])
        with self.assertRaisesRegex(DataError, "not a type"):
            self.nested().apply_mapping([("id", "int", "a", "inth")])

    def test_casts(self):
        """What does not fit is NULL, never something else."""
        f = self.frame([(" 12 ", 1e20, "true", "2020-02-30", "1.005", 2.9)], "a string, b double, c string, d string, e string, g double")
        f = f.apply_mapping([("a", "string", "a", "int"), ("b", "double", "b", "long"), ("c", "string", "c", "boolean"),
                             ("d", "string", "d", "date"), ("e", "string", "e", "decimal(5,2)"), ("g", "double", "g", "int")])
        self.assertEqual(rows(f), [{"a": 12, "b": None, "c": True, "d": None, "e": "1.01", "g": 2}])
        f = self.frame([("3000000000", "yes", "12 apples", "1e3")], "a string, b string, c string, d string")
        f = f.apply_mapping([("a", "String", "a", "Int"), ("b", "string", "b", "boolean"), ("c", "string", "c", "double"),
                             ("d", "string", "d", "double")])
        self.assertEqual(rows(f), [{"a": None, "b": None, "c": None, "d": 1000.0}])

    def test_select_drop_rename(self):
        f = self.nested()
        self.assertEqual(rows(f.select_fields(["id", "s.t.n"])), [{"id": 1, "s": {"t": {"n": 5}}}])
        self.assertEqual(rows(t.SelectFields.apply(frame=f, paths=["l[].k"])), [{"l": [{"k": "p"}, {"k": "q"}]}])
        self.assertEqual(rows(f.drop_fields(["s.t", "l[].k", "n", "nothing"])), [{"id": 1, "s": {"a": "x"}, "l": [{"v": 1}, {"v": 2}]}])
        self.assertEqual(rows(t.DropFields.apply(f, ["s", "l"])), [{"id": 1, "n": "3.7"}])
        self.assertEqual(rows(f.select_fields(["s"]).rename_field("s.a", "s.b"))[0]["s"], {"b": "x", "t": {"n": 5, "d.e": "y"}})
        self.assertEqual(rows(t.RenameField.apply(f, "s.t.`d.e`", "top").drop_fields(["l"])),
                         [{"id": 1, "s": {"a": "x", "t": {"n": 5}}, "n": "3.7", "top": "y"}])
        self.assertEqual(rows(f.select_fields(["id"]).rename_field("id", "a.b")), [{"a": {"b": 1}}])
        dotted = self.frame([(1,)], "`this.old.name` int")
        self.assertEqual(rows(dotted.rename_field("`this.old.name`", "thisNewName")), [{"thisNewName": 1}])
        self.assertEqual(rows(dotted.apply_mapping([("`this.old.name`", "int", "x", "string")])), [{"x": "1"}])

    def test_resolve(self):
        f = self.json({"c": 1, "k": "a"}, {"c": "2", "k": "b"}, {"c": "zz", "k": "c"})
        cast = f.resolveChoice(specs=[("c", "cast:long")])
        self.assertEqual([r["c"] for r in rows(cast.apply_mapping([("k", "string", "k", "string"), ("c", "long", "c", "long")]))], [1, 2, None])
        self.assertEqual(cast.schema().getField("c").dataType, LongType())
        self.assertEqual([r["c"] for r in rows(f.resolveChoice(specs=[("c", "project:string")]).select_fields(["c"]))], ["2", "zz", None])
        cols = f.resolveChoice(choice="make_cols")
        self.assertEqual(cols.toDF().columns, ["c_int", "c_string", "k"])
        self.assertEqual(rows(cols)[0], {"c_int": 1, "c_string": None, "k": "a"})
        struct = f.resolveChoice(choice="make_struct")
        self.assertIsInstance(struct.schema().getField("c").dataType, StructType)
        self.assertEqual(rows(struct.unnest())[0], {"c.int": 1, "c.string": None, "k": "a"})
        self.assertEqual(rows(t.ResolveChoice.apply(f, specs=[("c", "cast:string")]))[0]["c"], "1")
        self.assertEqual([r["c"] for r in rows(f.toDF([ResolveOption("c", "Project", StringType())]))], ["2", "zz", None])
        self.assertEqual(rows(f.apply_mapping([("c", "string", "c", "string")])), [{"c": "2"}, {"c": "zz"}, {"c": None}])
        for specs, choice, text in (([("c", "cast:int")], "make_cols", "not both"), ([("c", "cut")], "", "not an action"), (None, "", "takes specs")):
            with self.assertRaisesRegex(DataError, text):
                f.resolveChoice(specs=specs, choice=choice)
        # A field that is no choice is cast by a spec, and left by choice.
        self.assertEqual(rows(f.resolveChoice(specs=[("k", "cast:int")]))[0]["k"], None)
        self.assertEqual(f.filter(lambda r: r["k"] == "b").schema().getField("c").dataType, ChoiceType([IntegerType(), StringType()]))

    def test_schema_text(self):
        f = self.json({"id": 1, "v": 1, "l": [{"a": "x"}]}, {"id": 2, "v": "s", "l": []})
        self.assertEqual(printed(f.printSchema), "root\n|-- id: int\n|-- l: array\n|    |-- element: struct\n|    |    |-- a: string\n"
                                                 "|-- v: choice\n|    |-- int\n|    |-- string\n\n")
        self.assertEqual(sorted(printed(f.select_fields(["id"]).show, 5).split()), ["{\"id\":1}", "{\"id\":2}"])

    def test_unnest_relationalize(self):
        f = self.json({"id": "a", "n": {"x": 1, "y": {"z": "q"}}, "o": [{"k": 1, "i": [10, 20]}, {"k": 2, "i": []}], "p": ["s", "t"]},
                      {"id": "b", "n": {"x": 2, "y": {"z": "r"}}, "o": [], "p": None})
        self.assertEqual(f.unnest().toDF().columns, ["id", "n.x", "n.y.z", "o", "p"])
        for staging in (None, self.dir + "/staging"):
            made = f.relationalize("root", staging)
            self.assertEqual(sorted(made.keys()), ["root", "root_o", "root_o.val.i", "root_p"])
            root = rows(made.select("root"))
            self.assertEqual([(r["id"], r["n.x"], r["n.y.z"]) for r in root], [("a", 1, "q"), ("b", 2, "r")])
            self.assertEqual([root[0]["o"] is None, root[1]["p"]], [False, None])
            o = sorted(rows(made["root_o"]), key=lambda r: r["index"])
            self.assertEqual([(r["id"], r["index"], r["o.val.k"]) for r in o], [(root[0]["o"], 0, 1), (root[0]["o"], 1, 2)])
            i = sorted(rows(t.SelectFromCollection.apply(dfc=made, key="root_o.val.i")), key=lambda r: r["index"])
            self.assertEqual([(r["id"], r["index"], r["o.val.i.val"]) for r in i], [(o[0]["o.val.i"], 0, 10), (o[0]["o.val.i"], 1, 20)])
            self.assertEqual([r["p.val"] for r in sorted(rows(made["root_p"]), key=lambda r: r["index"])], ["s", "t"])
        self.assertEqual(t.Relationalize.apply(frame=f, name="r").keys() >= {"r", "r_o"}, True)
        joined = made["root"].join(["o"], ["id"], made["root_o"])
        self.assertEqual(joined.count(), 2)
        self.assertIn(".id", joined.toDF().columns)

    def test_nulls_and_unbox(self):
        f = self.glue.create_dynamic_frame.from_rdd([{"a": 1, "n": None, "s": {"m": None, "k": 1}}, {"a": None, "n": None}], "x")
        self.assertEqual(f.toDF().columns, ["a", "n", "s"])
        got = t.DropNullFields.apply(frame=f)
        self.assertEqual(rows(got), [{"a": 1, "s": {"k": 1}}, {"a": None, "s": None}])
        f = self.json({"a": 1, "n": None, "s": {"m": None, "k": "x"}, "l": [None]}, {"a": 2})
        self.assertEqual(f.schema().getField("n").dataType, NullType())
        self.assertEqual(f.toDF().schema["n"].dataType.simpleString(), "string")
        self.assertEqual(f.drop_nulls().toDF().schema.simpleString(), "struct<a:int,l:array<string>,s:struct<k:string>>")
        self.assertEqual(f.map(lambda r: dict(r, n="filled")).drop_nulls().toDF().columns, ["a", "l", "n", "s"])
        f = self.frame([("TX", "{\"strawberry\":220,\"l\":[1,2]}"), ("CA", "{\"strawberry\":34,\"big\":3000000000}"), ("NO", None)],
                       "w string, data string")
        got = t.Unbox.apply(frame=f, path="data", format="json")
        self.assertEqual(got.schema().getField("data").dataType.getField("strawberry").dataType, IntegerType())
        self.assertEqual(got.schema().getField("data").dataType.getField("big").dataType, LongType())
        self.assertEqual([r["data"] for r in rows(got)], [{"big": 3000000000, "l": None, "strawberry": 34}, None,
                                                           {"big": None, "l": [1, 2], "strawberry": 220}])
        self.refused("csv", f.unbox, "data", "csv", separator="|")


class TestRows(Case):
    def test_map_filter(self):
        f = self.frame([(1, "a", (1.5, "z")), (2, "b", (None, "y")), (3, "c", None)], "id bigint, s string, n struct<d:double,t:string>")

        def change(rec):
            if rec["id"] == 3:
                raise ValueError("bad record")
            rec["up"] = rec.s.upper()
            rec["n"]["len"] = len(rec["n"]["t"])
            del rec["s"]
            return rec
        got = f.map(change)
        self.assertEqual(rows(got), [{"id": 1, "n": {"d": 1.5, "t": "z", "len": 1}, "up": "A"}, {"id": 2, "n": {"d": None, "t": "y", "len": 1}, "up": "B"}])
        self.assertEqual(got.toDF().schema["id"].dataType.simpleString(), "bigint")
        self.assertEqual((got.errorsCount(), got.stageErrorsCount()), (1, 1))
        error = rows(got.errorsAsDynamicFrame())[0]["error"]
        self.assertEqual(error["msg"], "ValueError: bad record")
        self.assertEqual(json.loads(error["record"])["s"], "c")
        with self.assertRaisesRegex(DataError, "bad record"):
            t.Map.apply(frame=f, f=change, stageThreshold=1)
        kept = t.Filter.apply(frame=f, f=lambda r: r["id"] >= 2 and r["n"]["t"] == "y")
        self.assertEqual([r["id"] for r in rows(kept)], [2])
        self.assertEqual(kept.errorsCount(), 1)
        self.assertEqual(rows(t.ErrorsAsDynamicFrame.apply(kept))[0]["error"]["msg"], "TypeError: 'NoneType' object is not subscriptable")
        self.assertEqual(kept.map(lambda r: {"k": r["id"]}).errorsCount(), 1)
        self.assertEqual(f.mapPartitions(lambda rs: [{"n": sum(1 for _ in rs)}]).toDF().groupBy().sum().collect()[0][0], 3)

    def test_join(self):
        a = self.frame([(1, "x"), (2, "y"), (None, "n")], "id int, zip string")
        b = self.frame([(1, "X"), (1, "XX"), (None, "N")], "id int, zip string")
        got = t.Join.apply(a, b, "id", "id")
        self.assertEqual(got.toDF().columns, ["id", "zip", ".id", ".zip"])
        self.assertEqual(rows(got), [{"id": 1, "zip": "x", ".id": 1, ".zip": "X"}, {"id": 1, "zip": "x", ".id": 1, ".zip": "XX"}])
        self.assertEqual(rows(got.drop_fields(["`.id`", "`.zip`"]))[0], {"id": 1, "zip": "x"})
        self.assertEqual(a.join(["id", "zip"], ["id", "zip"], a).count(), 2)
        nested = self.frame([((1,), "v")], "k struct<i:int>, v string")
        self.assertEqual(rows(a.join(["id"], ["k.i"], nested))[0]["v"], "v")
        with self.assertRaisesRegex(DataError, "no field q"):
            a.join(["q"], ["id"], b)

    def test_union_merge(self):
        a = self.frame([(1, "x")], "id int, v string")
        b = self.frame([(2, 5)], "id int, v int")
        got = a.union(b)
        self.assertEqual(got.schema().getField("v").dataType, ChoiceType([IntegerType(), StringType()]))
        self.assertEqual(rows(got), [{"id": 1, "v": {"int": None, "string": "x"}}, {"id": 2, "v": {"int": 5, "string": None}}])
        self.assertEqual(a.union(self.frame([(1 << 40, "z")], "id bigint, v string")).toDF().schema.simpleString(), "struct<id:bigint,v:string>")
        src = self.frame([(1, "old"), (1, "older"), (2, "keep"), (2, "keep")], "id int, v string")
        stage = self.frame([(1, "new", 7), (3, "add", 8)], "id int, v string, w int")
        self.assertEqual(rows(src.mergeDynamicFrame(stage, ["id"])), [
            {"id": 1, "v": "new", "w": 7}, {"id": 2, "v": "keep", "w": None}, {"id": 2, "v": "keep", "w": None}, {"id": 3, "v": "add", "w": 8}])

    def test_split(self):
        f = self.frame([(5, "a"), (15, "b"), (20, "c"), (None, "d")], "age int, n string")
        got = t.SplitRows.apply(f, {"age": {">": 10, "<": 20}}, "in", "out")
        self.assertEqual(sorted(got.keys()), ["in", "out"])
        self.assertEqual(([r["n"] for r in rows(got["in"])], sorted(r["n"] for r in rows(got["out"]))), (["b"], ["a", "c", "d"]))
        got = t.SplitFields.apply(frame=f, paths=["age"], name1="a", name2="b")
        self.assertEqual((got["a"].toDF().columns, got["b"].toDF().columns), (["age"], ["n"]))
        self.assertEqual(sorted(t.SplitFields.apply(f, ["age"]).keys()), ["t1", "t2"])
        with self.assertRaisesRegex(DataError, "compares with"):
            f.split_rows({"age": {"~": 1}}, "a", "b")

    def test_collection_and_rest(self):
        f = self.frame([(1, "a"), (2, "b")], "id int, n string")
        made = DynamicFrameCollection({"x": f, "y": f}, self.glue)
        self.assertEqual((len(made), sorted(made.keys()), len(list(made.values()))), (2, ["x", "y"], 2))
        self.assertEqual(made.map(lambda one, ctx: one.drop_fields(["n"]))["x"].toDF().columns, ["id"])
        self.assertEqual(sorted(made.flatmap(lambda one, ctx: one.split_fields(["id"], "1", "2")).keys()), ["x1", "x2", "y1", "y2"])
        self.assertEqual(t.MapToCollection.apply(made, t.DropFields, "frame", paths=["id"])["y"].toDF().columns, ["n"])
        with self.assertRaisesRegex(KeyError, "no frame 'z'"):
            made.select("z")
        self.assertEqual(f.repartition(3).getNumPartitions(), 3)
        self.assertEqual(f.repartition(3).coalesce(1).getNumPartitions(), 1)
        self.assertEqual(f.spigot(self.dir + "/spigot", {"topk": 1}).count(), 2)
        self.assertEqual(len(self.read(self.dir + "/spigot")), 1)
        self.assertEqual((t.Join.name(), t.Join.describe()["transform"]["name"]), ("Join", "Join"))
        got = self.glue.add_ingestion_time_columns(f.toDF(), "hour")
        self.assertEqual(got.columns, ["id", "n", "ingest_year", "ingest_month", "ingest_day", "ingest_hour"])
        self.glue.get_logger().info("a line")
        self.assertEqual(self.glue.sql("select 1 as x").collect()[0][0], 1)


class TestWrite(Case):
    def test_formats(self):
        f = self.frame([(1, " a,\"b\" ", None), (2, "", 1.5)], "id int, s string, d double")
        want = [{"id": 1, "s": " a,\"b\" ", "d": None}, {"id": 2, "s": "", "d": 1.5}]
        for form, options in (("json", {}), ("parquet", {"compression": "gzip"}), ("glueparquet", {"compression": "snappy"}), ("orc", {})):
            path = self.dir + "/" + form
            self.assertIs(self.glue.write_dynamic_frame.from_options(f, "s3", {"path": path}, form, options), f)
            self.assertEqual(sorted(self.read(path, {"glueparquet": "parquet"}.get(form, form)), key=lambda r: r["id"]),
                             [dict(r) for r in want] if form != "json" else [{"id": 1, "s": " a,\"b\" ", "d": None}, {"id": 2, "s": "", "d": 1.5}], form)
            f.write("s3", {"path": path}, form)
            self.assertEqual(len(self.read(path, {"glueparquet": "parquet"}.get(form, form))), 4)

    def test_csv(self):
        f = self.frame([(1, " a,\"b\" "), (2, None)], "id int, s string")
        self.glue.write_dynamic_frame.from_options(frame=f, connection_type="s3", connection_options={"path": self.dir + "/c"}, format="csv")
        texts = [open(os.path.join(self.dir, "c", n)).read() for n in os.listdir(self.dir + "/c") if n.startswith("part")]
        self.assertEqual("".join(texts), "id,s\n1,\" a,\"\"b\"\" \"\n2,\n")
        self.glue.write_dynamic_frame.from_options(f, "s3", {"path": self.dir + "/p"}, "csv",
                                                   {"quoteChar": -1, "separator": "|", "writeHeader": False})
        texts = [open(os.path.join(self.dir, "p", n)).read() for n in os.listdir(self.dir + "/p") if n.startswith("part")]
        self.assertEqual("".join(texts), "1| a,\"b\" \n2|\n")
        nested = self.frame([(1, [1])], "id int, l array<int>")
        with self.assertRaisesRegex(DataError, "nested field l"):
            self.glue.write_dynamic_frame.from_options(nested, "s3", {"path": self.dir + "/x"}, "csv")

    def test_partitions(self):
        f = self.frame([(1, "a", 2020), (2, "b", 2021)], "id int, k string, y int")
        sink = self.glue.getSink("s3", path=self.dir + "/out", partitionKeys=["y", "k"], compression="gzip")
        sink.setFormat("json")
        sink.writeFrame(f)
        self.assertEqual(self.read(self.dir + "/out"), [{"id": 1, "y": 2020, "k": "a"}, {"id": 2, "y": 2021, "k": "b"}])
        name = os.listdir(self.dir + "/out/y=2020/k=a")
        self.assertTrue(any(n.endswith(".json.gz") for n in name), name)
        with self.assertRaisesRegex(DataError, "no simple column zz"):
            self.glue.write_dynamic_frame.from_options(f, "s3", {"path": self.dir + "/no", "partitionKeys": ["zz"]}, "json")
        self.assertFalse(os.path.exists(self.dir + "/no"))
        made = DynamicFrameCollection({"one": f, "two": f}, self.glue)
        self.glue.write_from_options(made, "s3", {"path": self.dir + "/dfc"}, "json")
        self.assertEqual(len(self.read(self.dir + "/dfc/two")), 2)

    def test_null_columns(self):
        f = self.glue.create_dynamic_frame.from_rdd([{"a": 1, "n": None, "s": [{"m": None}]}], "x")
        self.glue.write_dynamic_frame.from_options(f, "s3", {"path": self.dir + "/p"}, "parquet")
        self.assertEqual(self.read(self.dir + "/p", "parquet"), [{"a": 1, "n": None, "s": [{"m": None}]}])

    def test_refusals(self):
        """What is not there is named before anything is written."""
        f = self.frame([(1,)], "id int")
        g, p = self.glue, {"path": self.dir + "/r"}
        for text, call, args in (
                ("streaming: the connection type 'kinesis'", g.create_dynamic_frame.from_options, ("kinesis", {})),
                ("streaming: the connection type 'kafka'", g.create_data_frame.from_options, ("kafka", {})),
                ("the connection type 'mongodb'", g.write_dynamic_frame.from_options, (f, "mongodb", {})),
                ("the format 'ion'", g.create_dynamic_frame.from_options, ("s3", {"paths": [self.dir]}, "ion")),
                ("the format 'grokLog'", g.create_dynamic_frame.from_options, ("s3", {"paths": [self.dir]}, "grokLog")),
                ("writing the format 'xml'", g.write_dynamic_frame.from_options, (f, "s3", p, "xml")),
                ("the option 'strange' of the format csv", g.create_dynamic_frame.from_options, ("s3", {"paths": [self.dir]}, "csv", {"strange": 1})),
                ("the option 'strange' of the format json", g.write_dynamic_frame.from_options, (f, "s3", p, "json", {"strange": 1})),
                ("the option 'strange' of a connection to files", g.create_dynamic_frame.from_options,
                 ("s3", {"paths": [self.dir], "strange": 1}, "csv")),
                ("the option 'strange' of a connection to files for writing", g.write_dynamic_frame.from_options,
                 (f, "s3", dict(p, strange=1), "json")),
                ("the compression 'lzo' of parquet", g.write_dynamic_frame.from_options, (f, "s3", p, "parquet", {"compression": "lzo"})),
                ("the mode 'overwrite' of a sink", g.write_dynamic_frame.from_options, (f, "s3", dict(p, mode="overwrite"), "json")),
                ("storage classes", g.transition_s3_path, ("s3://b/p", "GLACIER")), ("storage classes", g.transition_table, ("d", "t", "GLACIER")),
                ("streaming (forEachBatch)", g.forEachBatch, (f, None)), ("transactions", g.start_transaction, ()),
                ("FindMatches", t.FindMatches.apply, (f, "x")), ("FillMissingValues", t.FillMissingValues.apply, (f, "x")),
                ("the option 'x' of relationalize", f.relationalize, ("r", None, {"x": 1})),
                ("the format avro without its Spark package", g.write_dynamic_frame.from_options, (f, "s3", p, "avro"))):
            self.refused(text, call, *args)
        for text, call, args in (("needs paths", g.create_dynamic_frame.from_options, ("s3", {}, "json")),
                                 ("a format is needed", g.create_dynamic_frame.from_options, ("s3", {"paths": [self.dir]})),
                                 ("separator is one character", g.create_dynamic_frame.from_options,
                                  ("s3", {"paths": [self.dir]}, "csv", {"separator": "||"})),
                                 ("withHeader is true or false", g.create_dynamic_frame.from_options,
                                  ("s3", {"paths": [self.dir]}, "csv", {"withHeader": "maybe"})),
                                 ("boundedFiles and boundedSize", g.create_dynamic_frame.from_options,
                                  ("s3", {"paths": [self.dir], "boundedFiles": "1", "boundedSize": "1"}, "csv"))):
            with self.assertRaisesRegex(DataError, text):
                call(*args)

    def test_script_check(self):
        from awsglue.context import check_script
        bad = self.file("bad.py", "x = 1\ndef f(g):\n    g.forEachBatch(frame=x)\n")
        self.refused("streaming (forEachBatch); line 3", check_script, bad)
        self.refused("FindMatches", check_script, self.file("b2.py", "from awsglue.transforms import *\nFindMatches.apply(frame=1)\n"))
        check_script(self.file("good.py", "from awsglue.transforms import FindMatches  # imported, never called\ndf.foreachBatch(1)\n"))

    def test_purge(self):
        old = self.file("purge/a/old.txt", "x", 1000000000)
        new = self.file("purge/new.txt", "x")
        self.glue.purge_s3_path(self.dir + "/purge", {"retentionPeriod": 1, "manifestFilePath": self.dir + "/manifest"})
        self.assertEqual((os.path.exists(old), os.path.exists(new)), (False, True))
        self.assertIn("old.txt", open(self.dir + "/manifest/Success.csv").read())
        self.glue.purge_s3_path(self.dir + "/purge", {"retentionPeriod": 0})
        self.assertFalse(os.path.exists(new))
        self.refused("excludeStorageClasses", self.glue.purge_s3_path, self.dir + "/purge", {"excludeStorageClasses": ["GLACIER"]})


if __name__ == "__main__":
    unittest.main()

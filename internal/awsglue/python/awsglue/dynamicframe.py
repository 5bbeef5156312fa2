# Copyright the Penstock authors. SPDX-License-Identifier: Apache-2.0
"""DynamicFrame: a DataFrame whose fields may be choices, with the transforms of AWS Glue."""

import json
import uuid

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T

from awsglue import casts, choice as choices, fields, gluetypes, paths, records, relational
from awsglue.collection import DynamicFrameCollection, DynamicFrameReader, DynamicFrameWriter  # noqa: F401  scripts import them from here
from awsglue.errors import DataError, NotSupported
from awsglue.records import DynamicRecord  # noqa: F401  for scripts that import it from here


class ResolveOption(object):
    """How toDF treats one choice: action is KeepAsStruct, Project or Cast; the last two with a type of awsglue.gluetypes."""

    def __init__(self, path, action, target=None):
        self.path, self.action, self.target = path, action, target


def makeOptions(sc, py_obj):
    """Options as they are; AWS hands them to its own library here."""
    return py_obj


def _list(value, name):
    if isinstance(value, str):
        return [value]
    if not isinstance(value, (list, tuple)):
        raise DataError("%s is a list of texts, not %r" % (name, value))
    return list(value)


class DynamicFrame(object):
    """Rows whose fields need not have one type each.

    transformation_ctx and info of a transform are kept for messages. stageThreshold and totalThreshold are the numbers of failed records
    at which a transform ends the script; 0 is no limit. Only functions of the script (map, filter) make failed records.
    """

    def __init__(self, jdf, glue_ctx, name=""):
        if not isinstance(jdf, DataFrame):
            jdf = DataFrame(jdf, glue_ctx.spark_session)
        self.glue_ctx, self.name, self._df = glue_ctx, name, jdf
        self._choices, self._nulls = frozenset(), frozenset()  # paths
        self._errors, self._stage_errors, self._thresholds = [], [], (0, 0)
        self._none = False  # it comes of a source without files, which has no fields either

    # Making

    @classmethod
    def fromDF(cls, dataframe, glue_ctx, name=""):
        """A frame of a DataFrame."""
        if not isinstance(dataframe, DataFrame):
            raise DataError("fromDF takes a DataFrame, not a %s" % type(dataframe).__name__)
        return cls(dataframe, glue_ctx, name)

    def with_frame_schema(self, schema):
        """The frame, its fields cast to a schema of awsglue.gluetypes."""
        kind = gluetypes.to_spark(schema)
        return self._next(choices.cast_rows(self._df, self._choices, kind))

    def _next(self, df, choices_=None, name=None, errors=None, thresholds=(0, 0)):
        """The frame after a transform: choices stay where the new schema still has their struct."""
        out = DynamicFrame(df, self.glue_ctx, self.name if name is None else name)
        kept = set()
        for path in self._choices if choices_ is None else choices_:
            kind = paths.typed(df.schema, path)
            if isinstance(kind, T.StructType) and all(f.name == choices.name_of(f.dataType) for f in kind.fields):
                kept.add(tuple(path))
        out._choices = frozenset(kept)
        out._nulls = frozenset(p for p in self._nulls if isinstance(paths.typed(df.schema, p), T.StringType))
        out._none = self._none
        out._stage_errors = list(errors or [])
        out._errors = self._errors + out._stage_errors
        out._thresholds = _thresholds(*thresholds)
        if any(out._thresholds):
            out.assertErrorThreshold()
        return out

    def _filled(self):
        """The frame for a transform whose function may fill any field."""
        out = self._next(self._df, self._choices)
        out._nulls = frozenset()
        return out

    # Looking

    def toDF(self, options=None):
        """The DataFrame. A choice is a struct with one field for each of its types, or what an option of its path says."""
        df = self._df
        for o in options or []:
            path, _ = paths.resolve(df.schema, o.path)
            if path is None:
                raise DataError("toDF: there is no field %s" % o.path)
            word = str(o.action).lower()
            if word == "keepasstruct":
                continue
            if word not in ("project", "cast") or o.target is None:
                raise DataError("toDF: a ResolveOption is KeepAsStruct, Project or Cast, the last two with a type; not %r" % (o.action,))
            kind = gluetypes.to_spark(o.target) if isinstance(o.target, gluetypes.DataType) else o.target
            df = choices.resolve(df, path, path in self._choices, word, kind)
        return df

    def count(self):
        """The number of rows."""
        return self._df.count()

    def schema(self):
        """The schema, of awsglue.gluetypes."""
        return gluetypes.from_spark(self._df.schema, self._choices, (), self._nulls)

    def printSchema(self):
        """Prints the schema."""
        print(self.schema().treeString())

    def show(self, num_rows=20):
        """Prints rows as JSON, one a line."""
        for text in self._df.limit(num_rows).toJSON().collect():
            print(text)

    def __repr__(self):
        return "DynamicFrame(%s)" % (self.name or ", ".join(self._df.columns))

    def getNumPartitions(self):
        """The number of partitions."""
        return self._df.rdd.getNumPartitions()

    def repartition(self, num_partitions, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0):
        """The rows in another number of partitions."""
        return self._next(self._df.repartition(num_partitions), thresholds=(stageThreshold, totalThreshold))

    def coalesce(self, num_partitions, shuffle=False, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0):
        """The rows in fewer partitions, without moving them unless shuffle."""
        df = self._df.repartition(num_partitions) if shuffle else self._df.coalesce(num_partitions)
        return self._next(df, thresholds=(stageThreshold, totalThreshold))

    # Fields

    def apply_mapping(self, mappings, case_sensitive=False, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0):
        """Only the fields that the mappings name: (source, source type, target, target type), or (source, target), or
        (source, target, target type). Of a choice the source type takes one branch, or casts all when the choice has none of that
        type. A source that the frame does not have gives no field, as in AWS Glue; it is said on the error output."""
        df, tree, order = self._mapped_choices(mappings), {}, []
        for m in mappings:
            source, source_type, target, target_type = fields.mapping(m)
            path, kind = paths.resolve(df.schema, source)
            if path is None or (case_sensitive and path != paths.split(source)):
                if self._none:
                    continue
                self.glue_ctx._warn("apply_mapping: the frame has no field %s, and the result has no %s" % (source, target))
                continue
            value, have = fields.read(df.schema, path), fields.through(df.schema, path)
            want = gluetypes.parse(target_type) if target_type is not None else None
            if path in self._choices:
                value, have = fields.branch(value, kind, gluetypes.parse(source_type) if source_type is not None else None, want)
            if want is None:
                want = have
            elif isinstance(have, T.ArrayType) and not isinstance(want, T.ArrayType) and paths.ELEMENT in path:
                want = fields.rewrap(have, want)
            fields.put(tree, order, paths.split(target), casts.cast(value, have, want))
        if not tree and self._none:
            kinds = {m[-2]: gluetypes.parse(m[-1]) or T.StringType() for m in mappings if len(m) > 2 and "." not in m[-2]}
            schema = T.StructType([T.StructField(paths.split(n)[-1], k) for n, k in kinds.items()])
            return self._next(self.glue_ctx.spark_session.createDataFrame([], schema))
        if not tree:
            raise DataError("apply_mapping: none of the mappings names a field of the frame; it has %s" % ", ".join(df.columns))
        return self._next(df.select(*[fields.build(tree[n]).alias(n) for n in order]), thresholds=(stageThreshold, totalThreshold))

    def _mapped_choices(self, mappings):
        """The DataFrame with the choices within structs and arrays that are mapped to a nested type cast to what that type wants there."""
        df, sources = self._df, [fields.mapping(m) for m in mappings]
        if not any(len(c) > 1 for c in self._choices):
            return df
        resolved = [paths.resolve(df.schema, m[0])[0] for m in sources]
        for path, m in zip(resolved, sources):
            want = gluetypes.parse(m[3]) if path is not None and m[3] is not None else None
            if isinstance(want, (T.StructType, T.ArrayType)):
                below = [c for c in self._choices if len(c) > len(path) and c[:len(path)] == path]
                if below and sum(1 for p in resolved if p is not None and p[:len(path)] == path[:len(p)]) > 1:
                    raise DataError("apply_mapping: resolve the choice %s first" % paths.show(below[0]))
                df = choices.fit(df, below, want, path)
        return df

    def select_fields(self, paths, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0):
        """Only the fields at the paths; of a nested one, the structs around it too. What the frame does not have is left out."""
        wanted = self._resolve(_list(paths, "paths"), "select_fields")
        return self._next(fields.select(self._df, wanted), thresholds=(stageThreshold, totalThreshold))

    def drop_fields(self, paths, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0):
        """All fields but those at the paths."""
        wanted = self._resolve(_list(paths, "paths"), "drop_fields")
        return self._next(fields.drop(self._df, wanted), thresholds=(stageThreshold, totalThreshold))

    def rename_field(self, oldName, newName, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0):
        """The field at a path has another name, which is a full path too: it may be moved into a struct or out of one."""
        old, _ = paths.resolve(self._df.schema, oldName)
        if old is None:
            self.glue_ctx._warn("rename_field: the frame has no field %s" % oldName)
            return self._next(self._df)
        new = paths.split(newName)
        if new[:-1] == old[:-1]:
            df = paths.edit(self._df, old, lambda value, kind: [(new[-1], value)])
            moved = [new + c[len(old):] if c[:len(old)] == old else c for c in self._choices]
            return self._next(df, moved, thresholds=(stageThreshold, totalThreshold))
        if paths.ELEMENT in old or len(new) > 1 and paths.resolve(self._df.schema, newName)[0] is not None:
            raise NotSupported("rename_field from %s to %s: a field is not moved out of an array or onto another" % (oldName, newName))
        value = fields.read(self._df.schema, old)
        df = self._df.withColumn("__moved", value)
        df = fields.drop(df, [old])
        df = fields.insert(df, new, paths.column("__moved")).drop("__moved")
        moved = [new + c[len(old):] if c[:len(old)] == old else c for c in self._choices]
        return self._next(df, moved, thresholds=(stageThreshold, totalThreshold))

    def resolveChoice(self, specs=None, choice="", database=None, table_name=None, transformation_ctx="", info="", stageThreshold=0,
                      totalThreshold=0, catalog_id=None):
        """The choices of the frame resolved: by specs, a list of (path, action), or all of them by one action, choice. Actions: cast:TYPE,
        project:TYPE, make_cols, make_struct, match_catalog (choice only, with database and table_name). A spec casts a field that is no
        choice too."""
        if specs and choice:
            raise DataError("resolveChoice takes specs or choice, not both")
        df, left, renamed = self._df, set(self._choices), set()
        for path, action, kind in self._resolutions(specs, choice, database, table_name, catalog_id):
            df = choices.resolve(df, path, path in left, action, kind)
            left.discard(path)
        return self._next(df, left | renamed, thresholds=(stageThreshold, totalThreshold))

    def _resolutions(self, specs, choice, database, table_name, catalog_id):
        out = []
        for spec in specs or []:
            if not isinstance(spec, (tuple, list)) or len(spec) != 2:
                raise DataError("resolveChoice: a spec is (path, action), not %r" % (spec,))
            action, kind = choices.pick(spec[1])
            if action == "match_catalog":
                raise DataError("resolveChoice: match_catalog is an action of choice, not of specs")
            path, _ = paths.resolve(self._df.schema, spec[0])
            if path is None:
                self.glue_ctx._warn("resolveChoice: the frame has no field %s" % spec[0])
                continue
            out.append((path, action, kind))
        if specs:
            return out
        if choice == "match_catalog" or (not choice and database and table_name):
            if not database or not table_name:
                raise DataError("resolveChoice: match_catalog needs database and table_name")
            columns = self.glue_ctx._catalog(catalog_id).column_types(database, table_name)
            for path in sorted(self._choices):
                kind = columns.get(path[0].lower()) if len(path) == 1 else None
                if kind is None:
                    self.glue_ctx._warn("resolveChoice: %s.%s has no column %s" % (database, table_name, paths.show(path)))
                else:
                    out.append((path, "cast", kind))
            return out
        if not choice:
            raise DataError("resolveChoice takes specs, or choice, or database and table_name")
        action, kind = choices.pick(choice)
        return [(path, action, kind) for path in sorted(self._choices, key=len, reverse=True)]

    def _resolve(self, wanted, what):
        """The paths that the frame has."""
        out = []
        for text in wanted:
            path, _ = paths.resolve(self._df.schema, text)
            if path is None:
                self.glue_ctx._warn("%s: the frame has no field %s" % (what, text))
            else:
                out.append(path)
        return out

    def unnest(self, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0):
        """Fields of structs become columns, named by their paths with dots. Arrays stay."""
        return self._next(relational.flatten(self._df, self._choices), thresholds=(stageThreshold, totalThreshold))

    def unnest_ddb_json(self, *args, **kwargs):
        raise NotSupported("unnest_ddb_json")

    def simplify_ddb_json(self, *args, **kwargs):
        raise NotSupported("simplify_ddb_json")

    def relationalize(self, root_table_name, staging_path=None, options=None, transformation_ctx="", info="", stageThreshold=0,
                      totalThreshold=0):
        """A collection of flat frames: structs are unnested, and each array is a frame of its own with the columns id, index and the fields
        of its elements (array.val, array.val.field); its place in the parent holds the id."""
        if options:
            raise NotSupported("the option %r of relationalize" % sorted(options)[0])
        if self._choices:
            raise DataError("relationalize: resolve the choice %s first" % paths.show(sorted(self._choices)[0]))
        made = relational.relationalize(self._df, root_table_name, staging_path)
        return DynamicFrameCollection({n: self._next(df, name=n, thresholds=(stageThreshold, totalThreshold)) for n, df in made},
                                      self.glue_ctx)

    def drop_nulls(self, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0):
        """All fields but those without a type, which have no value in any record."""
        dropped = relational.null_fields(self._df.schema) + sorted(p for p in self._nulls if p[-1] != paths.ELEMENT)
        return self._next(fields.drop(self._df, dropped), thresholds=(stageThreshold, totalThreshold))

    def unbox(self, path, format, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0, **options):
        """The text at a path becomes the nested value that it holds. format is json; the schema is taken from the data, or withSchema."""
        at, kind = paths.resolve(self._df.schema, path)
        if at is None and self._none:
            return self
        if at is None:
            raise DataError("unbox: the frame has no field %s" % path)
        if not isinstance(kind, T.StringType):
            raise DataError("unbox: %s is no text but %s" % (path, kind.simpleString()))
        from awsglue import infer
        df, found = infer.unbox(self._df, at, format, options)
        return self._next(df, set(self._choices) | found, thresholds=(stageThreshold, totalThreshold))

    # Rows

    def map(self, f, preservesPartitioning=False, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0):
        """The records that a function returns for each record. A record for which it raises is left out and counted as an error."""
        pairs = self._df.rdd.map(_guard(f), preservesPartitioning)
        good, bad = pairs.filter(lambda p: p[0]).map(lambda p: p[1]), pairs.filter(lambda p: not p[0]).map(lambda p: p[1])
        df, found = records.frame(self.glue_ctx.spark_session, good, self._df.schema)
        self = self._filled()
        errors = self.glue_ctx.spark_session.createDataFrame(bad, _ERROR, verifySchema=False)
        return self._next(df, set(self._choices) | set(found), errors=[errors], thresholds=(stageThreshold, totalThreshold))

    def mapPartitions(self, f, preservesPartitioning=True, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0):
        """The records that a function returns for the records of each partition."""
        rdd = self._df.rdd.mapPartitions(lambda rows: f(records.record(r) for r in rows), preservesPartitioning)
        df, found = records.frame(self.glue_ctx.spark_session, rdd, self._df.schema)
        return self._filled()._next(df, set(self._choices) | set(found), thresholds=(stageThreshold, totalThreshold))

    def filter(self, f, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0):
        """The records for which a function is true. A record for which it raises is left out and counted as an error."""
        def judge(row):
            try:
                return "t" if f(records.record(row)) else "f"
            except Exception as e:  # the script's own function may raise anything
                return "e%s: %s" % (type(e).__name__, e)
        if not self._df.columns:
            return self
        name = "__judged_" + uuid.uuid4().hex[:8]
        row = F.struct(*[paths.column(c) for c in self._df.columns])
        judged = self._df.withColumn(name, F.udf(judge, T.StringType())(row))
        errors = judged.filter(F.col(name).startswith("e")).select(
            F.struct(F.substring(F.col(name), 2, 1 << 20).alias("msg"), F.to_json(row).alias("record")).alias("error"))
        return self._next(judged.filter(F.col(name) == "t").drop(name), errors=[errors], thresholds=(stageThreshold, totalThreshold))

    def join(self, paths1, paths2, frame2, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0):
        """The pairs of records whose keys are equal. A field of frame2 whose name this frame has too gets a dot before its name."""
        keys1, keys2 = _list(paths1, "paths1"), _list(paths2, "paths2")
        if len(keys1) != len(keys2) or not keys1:
            raise DataError("join: %d keys on one side, %d on the other" % (len(keys1), len(keys2)))
        if self._none or frame2._none:
            return self._nothing(frame2)
        left, right = self._df, frame2._df
        taken, names = set(left.columns), {}
        for c in right.columns:
            new = c
            while new in taken:
                new = "." + new
            taken.add(new)
            names[c] = new
        right = right.select(*[paths.column(c).alias(names[c]) for c in right.columns])
        on = None
        for a, b in zip(keys1, keys2):
            pa, ka = paths.resolve(self._df.schema, a)
            pb, kb = paths.resolve(frame2._df.schema, b)
            if pa is None or pb is None:
                raise DataError("join: there is no field %s" % (a if pa is None else b))
            test = left[fields.dotted(pa)] == right[fields.dotted((names[pb[0]],) + pb[1:])]
            on = test if on is None else on & test
        moved = [(names[p[0]],) + p[1:] for p in frame2._choices]
        out = self._next(left.join(right, on, "inner"), list(self._choices) + moved, thresholds=(stageThreshold, totalThreshold))
        out._errors = self._errors + frame2._errors
        return out

    def _nothing(self, other):
        """No rows, with the fields of two frames."""
        taken = set(self._df.columns)
        both = list(self._df.schema.fields) + [f for f in other._df.schema.fields if f.name not in taken]
        out = DynamicFrame(self.glue_ctx.spark_session.createDataFrame([], T.StructType(both)), self.glue_ctx, self.name)
        out._none = True
        return out

    def union(self, other_frame, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0):
        """The records of both frames. A field with two types becomes a choice."""
        both = set(self._choices) & set(other_frame._choices)
        if self._choices ^ other_frame._choices:
            raise DataError("union: resolve the choice %s first" % paths.show(sorted(self._choices ^ other_frame._choices)[0]))
        df, found = choices.union(self._df, other_frame._df)
        out = self._next(df, both | set(found), thresholds=(stageThreshold, totalThreshold))
        out._nulls, out._none = self._nulls & other_frame._nulls, self._none and other_frame._none
        out._errors = self._errors + other_frame._errors
        return out

    def mergeDynamicFrame(self, stage_dynamic_frame, primary_keys, transformation_ctx="", options=None, info="", stageThreshold=0,
                          totalThreshold=0):
        """The records of the staging frame, and those of this one whose keys it does not have."""
        if options:
            raise NotSupported("options of mergeDynamicFrame")
        if self._none or stage_dynamic_frame._none:
            return stage_dynamic_frame if self._none else self
        on, stage = None, stage_dynamic_frame._df
        keys = []
        for i, text in enumerate(_list(primary_keys, "primary_keys")):
            ours, _ = paths.resolve(self._df.schema, text)
            theirs, _ = paths.resolve(stage.schema, text)
            if ours is None or theirs is None:
                raise DataError("mergeDynamicFrame: both frames need the key %s" % text)
            keys.append(paths.get(theirs).alias("__k%d" % i))
            test = paths.get(ours).eqNullSafe(F.col("__k%d" % i))
            on = test if on is None else on & test
        if on is None:
            raise DataError("mergeDynamicFrame needs primary_keys")
        rest = self._df.join(stage.select(*keys).distinct(), on, "left_anti")
        return self._next(rest).union(stage_dynamic_frame, transformation_ctx, info, stageThreshold, totalThreshold)

    def split_fields(self, paths, name1, name2, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0):
        """Two frames: the fields at the paths, and the others."""
        wanted = self._resolve(_list(paths, "paths"), "split_fields")
        limits = (stageThreshold, totalThreshold)
        return DynamicFrameCollection({name1: self._next(fields.select(self._df, wanted), name=name1, thresholds=limits),
                                       name2: self._next(fields.drop(self._df, wanted), name=name2, thresholds=limits)}, self.glue_ctx)

    def split_rows(self, comparison_dict, name1, name2, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0):
        """Two frames: the rows of which all comparisons hold ({"age": {">": 10, "<": 20}}), and the others."""
        test = None
        for text, comparisons in comparison_dict.items():
            path, _ = paths.resolve(self._df.schema, text)
            if path is None and self._none:
                return DynamicFrameCollection({name1: self, name2: self}, self.glue_ctx)
            if path is None:
                raise DataError("split_rows: there is no field %s" % text)
            for op, operand in comparisons.items():
                if op not in _COMPARISONS:
                    raise DataError("split_rows compares with %s, not %r" % (", ".join(sorted(_COMPARISONS)), op))
                one = _COMPARISONS[op](paths.get(path), F.lit(operand))
                test = one if test is None else test & one
        if test is None:
            raise DataError("split_rows needs a comparison")
        test, limits = F.coalesce(test, F.lit(False)), (stageThreshold, totalThreshold)
        return DynamicFrameCollection({name1: self._next(self._df.filter(test), name=name1, thresholds=limits),
                                       name2: self._next(self._df.filter(~test), name=name2, thresholds=limits)}, self.glue_ctx)

    def spigot(self, path, options=None, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0):
        """Writes sample records to a path as JSON and returns the frame: the first topk, or each with the probability prob."""
        known = dict(options or {})
        top, prob = known.pop("topk", None), known.pop("prob", None)
        if known:
            raise NotSupported("the option %r of spigot" % sorted(known)[0])
        df = self._df
        if prob is not None:
            df = df.sample(fraction=float(prob))
        if top is not None:
            df = df.limit(int(top))
        casts.unnulled(df).write.mode("append").json(path)
        return self._next(self._df, thresholds=(stageThreshold, totalThreshold))

    def write(self, connection_type, connection_options=None, format=None, format_options=None, accumulator_size=0):
        """Writes the frame by a sink, and returns it."""
        sink = self.glue_ctx.getSink(connection_type, **dict(connection_options or {}))
        if format:
            sink.setFormat(format, **dict(format_options or {}))
        return sink.writeFrame(self)

    # Errors

    def errorsCount(self):
        """The number of records that failed in this transform and those before."""
        return sum(e.count() for e in self._errors)

    def stageErrorsCount(self):
        """The number of records that failed in this transform."""
        return sum(e.count() for e in self._stage_errors)

    def errorsAsDynamicFrame(self):
        """The failed records: a struct error with msg and the record as JSON."""
        df = None
        for e in self._errors:
            df = e if df is None else df.unionByName(e)
        if df is None:
            df = self.glue_ctx.spark_session.createDataFrame([], _ERROR)
        return DynamicFrame(df, self.glue_ctx, self.name + "_errors")

    def assertErrorThreshold(self):
        """Raises when as many records failed as the thresholds of the transform say. With thresholds of 0 no record may have failed."""
        stage, total = self._thresholds
        stage_count, count = self.stageErrorsCount(), self.errorsCount()
        if (stage and stage_count >= stage) or (total and count >= total) or (not stage and not total and count):
            first = self.errorsAsDynamicFrame().toDF().limit(1).collect()
            raise DataError("%d records failed in %s, %d of them in the last transform; the first: %s" % (
                count, self.name or "the frame", stage_count, first[0][0]["msg"] if first else ""))


_ERROR = T.StructType([T.StructField("error", T.StructType([
    T.StructField("msg", T.StringType()), T.StructField("record", T.StringType())]))])

_COMPARISONS = {">": lambda a, b: a > b, "<": lambda a, b: a < b, ">=": lambda a, b: a >= b, "<=": lambda a, b: a <= b,
                "=": lambda a, b: a == b, "==": lambda a, b: a == b, "!=": lambda a, b: a != b}


def _thresholds(stage, total):
    if int(stage) < 0 or int(total) < 0:
        raise DataError("stageThreshold and totalThreshold are numbers of records, from 0")
    return int(stage), int(total)


def _guard(f):
    def one(row):
        try:
            return True, f(records.record(row))
        except Exception as e:  # the script's own function may raise anything
            return False, (("%s: %s" % (type(e).__name__, e), json.dumps(records.record(row), default=str)),)
    return one

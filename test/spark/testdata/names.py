"""Which script of the corpus uses which name and argument of awsglue and awsgluedq: prints a line each, and fails where one has none.

    names.py PACKAGES > names.txt

The names are the packages' own public classes and functions, so a new one needs a script. Only calls that cannot be Spark's own count: of
filter, map, join and the like, only arguments by their names.
"""

import ast
import glob
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
# A DataFrame has these methods too.
SPARKS = {"filter", "map", "join", "union", "write", "count", "show", "coalesce", "repartition", "schema", "printSchema", "toDF", "mapPartitions", "unnest"}
# Refused by name: scripts 29 to 31 try some; internal/awsglue tests all.
REFUSED = {"transition_s3_path", "transition_table", "forEachBatch", "start_transaction", "commit_transaction", "cancel_transaction",
           "unnest_ddb_json", "simplify_ddb_json",
           "FillMissingValues", "FindMatches", "FindIncrementalMatches"}
RECEIVERS = {"DynamicFrameReader": "create_dynamic_frame", "DynamicFrameWriter": "write_dynamic_frame", "DataFrameReader": "create_data_frame",
             "DataFrameWriter": "write_data_frame"}
CLASSES = {"awsglue/context.py": ["GlueContext", "DataFrameReader", "DataFrameWriter"], "awsglue/dynamicframe.py": ["DynamicFrame", "ResolveOption"],
           "awsglue/collection.py": ["DynamicFrameCollection", "DynamicFrameReader", "DynamicFrameWriter"],
           "awsglue/data_sink.py": ["DataSource", "DataSink"], "awsglue/job.py": ["Job"], "awsgluedq/transforms.py": ["EvaluateDataQuality"]}
OPTIONS = {"awsglue/data_sink.py": ["_SOURCE", "_SINK"], "awsglue/jdbc.py": ["_KNOWN"], "awsglue/formats.py": ["_READ", "_WRITE"],
           "awsglue/context.py": ["_CATALOG_READ"], "awsgluedq/transforms.py": ["_PUBLISHING", "_ADDITIONAL"]}
# What AWS's guide has not, or what only says no.
ASIDE = {"option excludeStorageClasses", "option enableSamplePath", "option attachTimestamp", "option attachFilename", "option mode",
         "option aws_iam_role", "option driver", "option batchsize", "option username", "option optimizeperformance", "option basePath",
         "option pathGlobFilter"}


def parsed(path):
    with open(path, encoding="utf-8") as f:
        return ast.parse(f.read(), path)


def arguments(function):
    """The names of a function's arguments, without self."""
    names = [a.arg for a in function.args.posonlyargs + function.args.args + function.args.kwonlyargs]
    return [n for n in names if n not in ("self", "cls")]


def api(packages):
    """The public names: {"create_dynamic_frame.from_options": [arguments]}."""
    found = {}
    for name, classes in CLASSES.items():
        for node in parsed(os.path.join(packages, name)).body:
            if not isinstance(node, ast.ClassDef) or node.name not in classes:
                continue
            for f in node.body:
                if not isinstance(f, ast.FunctionDef) or f.name in REFUSED:
                    continue
                if f.name == "__init__" and node.name not in RECEIVERS and node.name not in ("DynamicFrame", "DataSource", "DataSink"):
                    found[node.name] = arguments(f)
                elif f.name == "__call__":
                    found[node.name + ".apply"] = arguments(f)
                elif not f.name.startswith("_"):
                    found[RECEIVERS.get(node.name, node.name) + "." + f.name] = arguments(f)
    for node in parsed(os.path.join(packages, "awsglue/transforms/__init__.py")).body:
        if isinstance(node, ast.ClassDef) and node.name not in ("GlueTransform", "Missing"):
            found[node.name + ".apply"] = [a for f in node.body if isinstance(f, ast.FunctionDef) and f.name == "__call__" for a in arguments(f)]
    for node in parsed(os.path.join(packages, "awsglue/utils.py")).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            found[node.name] = arguments(node)
    return found


def options(packages):
    """The names of options."""
    found = set()
    for name, wanted in OPTIONS.items():
        for node in parsed(os.path.join(packages, name)).body:
            if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Name) or node.targets[0].id not in wanted:
                continue
            sets = node.value.values if isinstance(node.value, ast.Dict) else [node.value]
            found |= {c.value for s in sets for c in ast.walk(s) if isinstance(c, ast.Constant)}
    return {"option " + o for o in found} - ASIDE


def called(call):
    """The name of what is called, with the name before its last dot."""
    f = call.func
    if isinstance(f, ast.Name):
        return "", f.id
    if isinstance(f, ast.Attribute):
        before = f.value.attr if isinstance(f.value, ast.Attribute) else f.value.id if isinstance(f.value, ast.Name) else ""
        if isinstance(f.value, ast.Call) and isinstance(f.value.func, ast.Name):
            before = f.value.func.id
        return before, f.attr
    return "", ""


def used(tree, names):
    """The names, and name.argument, that a script uses."""
    found = set()
    by_last = {}
    for n in names:
        by_last.setdefault(n.rpartition(".")[2], []).append(n)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add("option " + node.value)
        if isinstance(node, ast.keyword) and node.arg:
            found.add("option " + node.arg)
        if isinstance(node, ast.Attribute):
            found.update(n for n in by_last.get(node.attr, []) if not names[n] and n.partition(".")[0] not in RECEIVERS.values())
        if not isinstance(node, ast.Call):
            continue
        before, last = called(node)
        for n in by_last.get(last, []):
            first = n.rpartition(".")[0]
            if (first in RECEIVERS.values() or last == "apply") and first != before:
                continue
            found.add(n)
            given = [k.arg for k in node.keywords] + ([] if last in SPARKS else names[n][:len(node.args)])
            found.update("%s %s" % (n, a) for a in given if a in names[n])
    return found


def main(packages):
    names = api(packages)
    wanted = {n for n in names} | {"%s %s" % (n, a) for n in names for a in names[n]} | options(packages)
    where = {n: [] for n in wanted}
    for path in sorted(glob.glob(os.path.join(HERE, "scripts", "*.py"))):
        for n in used(parsed(path), names) & wanted:
            where[n].append(os.path.basename(path)[:2])
    for n in sorted(where):
        print("%s: %s" % (n, " ".join(where[n])))
    missing = sorted(n for n in where if not where[n])
    if missing:
        sys.exit("no script uses\n  " + "\n  ".join(missing))


if __name__ == "__main__":
    main(sys.argv[1])

"""The expressions over nested values for make.py: (template, arguments)."""
import itertools

def one(t, *lists):
    return [(t, args) for args in itertools.product(*lists)]

AI = ["array(1, 2, 3)", "array(3, NULL, 1)", "array(1, 1, 2, NULL, NULL)", "cast(array() as array<int>)", "cast(NULL as array<int>)", "array(NULL, cast(NULL as int))"]
AS = ["array('b', 'a')", "array('x', NULL, '')", "cast(array() as array<string>)", "cast(NULL as array<string>)", "array('é', '日本', 'a\"b')"]
AD = ["array(1.5D, double('NaN'), -0.5D, NULL)", "array(double('Infinity'), 2D)"]
AE = ["array(1.50, 2.25)", "array(NULL, 0.1)"]
AA = ["array(array(1, 2), array(3))", "array(array(2), NULL, array(1, NULL), array(1))", "array(array(1), array(NULL, 2))"]
ST = ["named_struct('a', 1, 'b', 'x')", "named_struct('a', NULL, 'b', 'x')", "named_struct('a', 2, 'b', NULL)", "cast(NULL as struct<a:int,b:string>)", "named_struct('a', 1, 'b', 'y')"]
SN = ["named_struct('a', 1, 's', named_struct('x', array(1, NULL), 'm', map('k', 1.5)))", "named_struct('a', 1, 's', NULL)"]
AST = ["array(named_struct('a', 2, 'b', 'x'), named_struct('a', 1, 'b', 'y'))", "array(named_struct('a', 2, 'b', 'x'), NULL, named_struct('a', NULL, 'b', 'q'))", "cast(array() as array<struct<a:int,b:string>>)", "cast(NULL as array<struct<a:int,b:string>>)"]
M = ["map('a', 1, 'b', 2)", "map('x', NULL)", "cast(map() as map<string,int>)", "cast(NULL as map<string,int>)", "map('b', 2, 'a', 1)"]
MI = ["map(1, 'one', 2, NULL)", "map(-1, '')"]
T = ["date'2024-02-29'", "timestamp'2024-02-29 10:11:12.5'"]

C = []
# Text of nested values.
ALL = AI + AS + AD + AE + AA + ST + SN + AST + M + MI
ALL += ["array(%s)" % t for t in T] + ["map(date'2024-01-01', array(true, NULL))", "array(X'4142')", "array(cast(1.5 as float), cast(1e20 as float))", "named_struct('n', cast(NULL as int))", "array(1e-7, 123456789.125D)", "array(0.00000001)", "array(NULL)", "array()", "struct(1, 'a', 2.5)", "struct(1)", "array(interval 1 day)"]
C += one('cast({} as string)', ALL) + one('{}', ALL) + one('{} is null', ST + AI + M)
# Casts.
C += one('cast({} as array<string>)', AI + AD + AE + AA) + one('cast({} as array<int>)', AS + AD + AE + ["array('1', ' 2 ', 'x', '1.7')", "array(true, false)", "array(9999999999L)"]) + one('cast({} as array<double>)', AI + AE + ["array('1.5', 'x')"]) + one('cast({} as array<decimal(5,1)>)', AE + ["array('1.25', '99999.5')"])
C += one('cast({} as struct<x:string,y:string>)', ST) + one('cast({} as struct<x:bigint,y:int>)', ST + ["named_struct('a', '7', 'b', '8')"]) + one('cast({} as struct<x:string>)', ST[:1])
C += one('cast({} as map<string,string>)', M + MI) + one('cast({} as map<string,double>)', M) + one('cast({} as map<bigint,string>)', MI) + one('cast({} as map<int,int>)', M[:1])
C += one('cast({} as array<date>)', ["array('2024-02-29', 'x')", "array(timestamp'2024-02-29 10:11:12')"]) + one('cast({} as array<array<string>>)', AA) + one('cast({} as struct<a:int,s:struct<x:array<string>,m:map<string,string>>>)', SN)
C += one('cast({} as int)', AI[:1] + ST[:1]) + one('cast({} as array<int>)', ["'[1]'", "1"]) + one('cast({} as binary)', AI[:1])
# Access.
I = ["0", "1", "2", "3", "-1", "NULL", "1L", "cast(1 as tinyint)"]
C += one('{}[{}]', AI[:4], I) + one('{}[{}]', AS[:1] + AST[:2] + AA, ["0", "1"]) + one('{}[{}]', M[:4], ["'a'", "'b'", "'z'", "NULL"]) + one('{}[{}]', MI, ["1", "2", "1L", "'1'"]) + one("{}['a']", ST + M) + one("{}[{}]", AI[:1], ["'0'", "1.5", "'x'"])
C += one('{}.a', ST + AST + M) + one('{}.A', ST[:1]) + one('{}.b', AST) + one('{}.s.x', SN) + one('{}.s.m.k', SN) + one('{}.s.x[0]', SN) + one('{}.z', ST[:1]) + one('{}.a', AI[:1]) + one('{}[0].b', AST) + one('{}.`a`', ST[:2])
C += one('element_at({}, {})', AI[:5], ["1", "3", "-1", "-3", "4", "-4", "0", "NULL"]) + one('element_at({}, {})', M[:4] + MI[:1], ["'a'", "'z'"]) + one('try_element_at({}, {})', AI[:1], ["1", "9"]) + one('get({}, {})', AI[:3], ["0", "2", "-1", "5"])
# Sizes and searches.
for f in ['size', 'cardinality']:
    C += one(f + '({})', AI + AS[:2] + M + ["NULL"])
C += one('array_size({})', AI) + one('array_contains({}, {})', AI, ["1", "9", "NULL", "1L", "1.0"]) + one('array_contains({}, {})', AS, ["'a'", "''", "'A'"]) + one('array_contains({}, {})', AD[:1], ["double('NaN')", "1.5D"]) + one('array_contains({}, {})', AI[:1], ["'1'"]) + one('array_contains({}, {})', AST[:2], [ST[0], "named_struct('a', 2, 'b', 'x')", "named_struct('a', cast(NULL as int), 'b', 'q')"])
C += one('array_position({}, {})', AI, ["1", "9", "NULL"]) + one('array_position({}, {})', AS, ["'a'", "'x'"])
C += one('map_contains_key({}, {})', M, ["'a'", "'z'"]) + one('arrays_overlap({}, {})', AI, AI)
# Making and taking apart.
for f in ['array_union', 'array_intersect', 'array_except']:
    C += one(f + '({}, {})', AI, AI) + one(f + '({}, {})', AS[:3], AS[:3]) + one(f + '({}, {})', AI[:1], ["array(2L, 5L)", "array(2.5)"]) + one(f + '({}, {})', AST[:2], AST[:2]) + one(f + '({}, {})', AI[:1], AS[:1])
for f in ['array_distinct', 'sort_array', 'array_sort', 'array_max', 'array_min', 'reverse', 'array_compact']:
    C += one(f + '({})', AI + AS + AD + AE + AA + AST)
C += one('sort_array({}, false)', AI + AS + AD[:1] + AA + AST) + one('sort_array({}, true)', AI + AS + AD[:1] + AA + AST) + one('array_remove({}, {})', AI, ["1", "9", "NULL"]) + one('array_append({}, {})', AI, ["4", "NULL"]) + one('array_prepend({}, {})', AI, ["4", "NULL"]) + one('array_repeat({}, {})', ["1", "'x'", "NULL", "array(1)"], ["0", "2", "-1", "NULL"])
C += one('array_join({}, {})', AS + AI[:3], ["','", "''", "NULL"]) + one('array_join({}, {}, {})', AS, ["','"], ["'-'", "NULL"]) + one('concat_ws({}, {})', ["','", "NULL"], AS + AI[:1]) + one("concat_ws('-', 'p', {}, 'q', {})", AS[:3], ["'z'", "NULL"])
C += one('slice({}, {}, {})', AI[:4], ["1", "2", "-2", "4", "-9", "0"], ["0", "1", "2", "9"]) + one('slice({}, 1, -1)', AI[:1]) + one('slice({}, {}, {})', AI[4:5], ["1"], ["1"])
C += one('flatten({})', AA + ["array(array(1), NULL)", "array(array(array(1)))", "cast(NULL as array<array<int>>)", "array(array())"]) + one('concat({}, {})', AI, AI) + one('concat({}, {})', AI[:1], ["array(2.5)", "array('x')", "array(5L)", "NULL"]) + one('{} || {}', AI[:2], AI[:2])
C += one('sequence({}, {})', ["1", "5", "-2", "NULL", "3L"], ["1", "5", "-3"]) + one('sequence({}, {}, {})', ["1", "5"], ["5", "1"], ["2", "-2", "0", "7"]) + one('sequence({}, {}, {})', ["date'2024-01-31'"], ["date'2024-05-01'", "date'2023-12-31'"], ["interval 1 month", "interval -1 month", "interval 10 days", "interval 1 year"]) + one('sequence({}, {})', ["date'2024-02-27'"], ["date'2024-03-01'"]) + one('sequence({}, {}, {})', ["timestamp'2024-02-28 22:00:00'"], ["timestamp'2024-02-29 01:30:00'"], ["interval 90 minutes", "interval 1 hour"])
C += one('arrays_zip({}, {})', AI[:2] + AI[4:5], AS[:2]) + one('arrays_zip({})', AI[:1])
C += one('array({}, {})', ["1", "NULL", "'a'"], ["2", "2.5", "'b'", "NULL"]) + one('array({}, {})', AI[:2], AI[2:4]) + one('struct({}, {} as y)', ["1", "NULL"], ["'b'"]) + one('struct({}.a, {})', ST[:1], ["2"]) + one("named_struct('p', {}, 'q', {})", ["1", "array(1)"], ["NULL", "2.5"]) + one('map({}, {})', ["'a'", "1", "NULL"], ["1", "NULL", "array(1)"]) + one('map({}, 1, {}, 2)', ["'a'", "1"], ["'a'", "'b'", "2.5"]) + [('map()', ()), ('array()', ())]
C += one('map_from_arrays({}, {})', AS[:1] + AI[:1], AI[:1] + ["array('x', NULL)"]) + one('map_from_entries({})', ["array(struct('a', 1), struct('b', NULL))", "array(struct('a', 1), NULL)", "array(struct('a', 1), struct('a', 2))"]) + one('map_concat({}, {})', M, M)
for f in ['map_keys', 'map_values', 'map_entries']:
    C += one(f + '({})', M + MI)
# Functions of elements.
C += one('transform({}, x -> x + 1)', AI) + one('transform({}, (x, i) -> x * i)', AI) + one('transform({}, x -> struct(x, x as y))', AI[:2]) + one('transform({}, x -> x.a)', AST) + one('transform({}, x -> transform(x, y -> y + size(x)))', AA) + one('transform({}, x -> upper(x))', AS)
C += one('filter({}, x -> x > 1)', AI) + one('filter({}, x -> x is not null)', AI + AS) + one('filter({}, (x, i) -> i > 0)', AI) + one('filter({}, x -> x.a > 1)', AST)
for f in ['exists', 'forall']:
    C += one(f + '({}, x -> x > 1)', AI) + one(f + '({}, x -> x is null)', AI) + one(f + "({}, x -> x = 'a')", AS)
C += one('aggregate({}, 0, (a, x) -> a + x)', AI) + one('aggregate({}, 0, (a, x) -> a + coalesce(x, 0), a -> a * 10)', AI) + one("aggregate({}, '', (a, x) -> concat(a, coalesce(x, '?')))", AS) + one("aggregate({}, 0, (a, x) -> a + length(x))", AS) + one('reduce({}, 0L, (a, x) -> a + x)', AI[:2]) + one('aggregate({}, 0D, (a, x) -> a + x, a -> cast(a as int))', AI[:2]) + one("aggregate({}, named_struct('n', 0, 's', 0), (a, x) -> named_struct('n', a.n + 1, 's', a.s + x), a -> a.s / a.n)", AI[:1]) + one('aggregate({}, 0, (a, x) -> a + x)', ["array(1L, 2L)", "array(1.5)"])
C += one('zip_with({}, {}, (x, y) -> x + y)', AI[:5], AI[:3]) + one('zip_with({}, {}, (x, y) -> struct(y, x))', AI[:2], AS[:2])
C += one("transform_values({}, (k, v) -> v + 1)", M) + one("transform_keys({}, (k, v) -> concat(k, '!'))", M) + one("transform_keys({}, (k, v) -> 1)", M[:1]) + one("map_filter({}, (k, v) -> v > 1)", M) + one("map_filter({}, (k, v) -> k <> 'a')", M)
# Comparison.
for op in ['=', '<>', '<', '<=', '>', '<=>']:
    C += one('{} %s {}' % op, AI, AI[:5]) + one('{} %s {}' % op, ST, ST) + one('{} %s {}' % op, AA, AA) + one('{} %s {}' % op, AST[:2], AST[:2])
C += one('{} = {}', M[:1], M[:1]) + one('{} = {}', AI[:1], ["array(1L, 2L, 3L)", "array('1', '2', '3')", "array(1.0, 2.0, 3.0)", "1"]) + one('{} = {}', ST[:1], ["named_struct('a', 1L, 'b', 'x')", "named_struct('c', 1, 'b', 'x')", "struct(1, 'x')"]) + one('{} in ({}, {})', ST, ST[:1], ST[1:2]) + one('{} in ({})', AI, AI[:1]) + one('coalesce({}, {})', ST, ST[:1]) + one('if(true, {}, {})', AI[:1], ["array(1.5)", "array('x')", "NULL"]) + one("case when true then {} else {} end", ST[:1], ST[1:2]) + one('nvl({}, {})', AI, AI[:1])
# JSON.
J = ['{"a":1,"b":"x"}', '{"a":"1","b":2}', '{"a":null}', '{}', '{"A":5,"b":"u"}', '{"a":1.7,"b":{"c":[1, 2]}}', '{"a":1', 'x', '', ' ', '[{"a":1},{"a":2}]', '[]', '{"a":1} trailing', '{"b":true,"a":99999999999}', '{"a":[1],"b":[1, "y"]}', "{'a':1}", '{"a" : 1 ,\\n "b" : "q\\\\"r"}', '1', 'null', '{"a":1,"a":2}', '{"b":1.50,"a":2}']
J = ["'" + s.replace("'", "\\'") + "'" for s in J] + ["NULL"]
C += one("from_json({}, 'a INT, b STRING')", J)
C += one("from_json({}, 'struct<a:bigint,b:struct<c:array<int>>>')", J[:8]) + one("from_json({}, 'array<struct<a:int>>')", J) + one("from_json({}, 'map<string,string>')", J) + one("from_json({}, 'array<int>')", ["'[1, 2, null]'", "'[1, \"x\"]'", "'[1.5]'", "'{}'", "'[1'", "NULL"]) + one("from_json({}, 'map<string,int>')", ["'{\"a\":1,\"b\":null}'", "'{\"a\":\"x\"}'", "'{\"a\":1,\"a\":2}'"])
for ty, vals in {'double': ['1', '1.5', '1e3', '"1.5"', '"NaN"', 'NaN', 'true'], 'float': ['1.1', '1e40'], 'decimal(20,2)': ['12345678901234567.89', '1.005', '"1.5"', '1e3'], 'boolean': ['true', '"true"', '1'], 'date': ['"2024-02-29"', '"2024-02-30"', '"x"', '1'], 'timestamp': ['"2024-02-29T10:11:12.5Z"', '"2024-02-29 10:11:12"', '"2024-02-29"', '"x"', '"2024-02-29T10:11:12+02:00"'], 'bigint': ['9223372036854775807', '9223372036854775808', '1.0', '"5"'], 'tinyint': ['127', '128'], 'string': ['1.50', '"a"', 'true', '{"x" : 1}', '[1, 2]', 'null', '1e3']}.items():
    C += one("from_json({}, 'v %s')" % ty, ["'{\"v\":%s}'" % v for v in vals])
TJ = ST + SN + AST + M + AI + ["map(1, 'x')", "array(date'2024-02-29')", "array(timestamp'2024-02-29 10:11:12.123456')", "array(1.50, 100)", "array(1D, double('NaN'), 1e20D, 1e-7D)", "array('q\"\\\\', 'é\\n\\t', '/')", "array(true)", "named_struct('x', X'4142')", "array(cast(1.5 as float))", "map(date'2024-02-29', 1)", "named_struct('a', named_struct('b', cast(NULL as int)))", "array(0.00000001)", "struct(1, '')"]
C += one('to_json({})', TJ) + one('to_json({})', ["1", "'x'"])
D = ['{"a":{"b":[1,2,{"c":"x"}]},"k.l":5,"n":null,"s":"t \\\\"q\\\\"","f":1.10,"e":1e3,"l":[[1,2],[3]],"o":[{"p":1},{"p":2},{"q":3}],"sp":  {"x" : [1 , 2]}}', '[1,{"a":2},"s"]', '"x"', '5', 'null', '{"a":1', "{'a':'b'}", '', '{"a":1}x', '{"a":1,"a":2}', '{"u":"\\\\u00e9\\\\n"}']
D = ["'" + s.replace("'", "\\'") + "'" for s in D]
P = ['$', '$.a', '$.a.b', '$.a.b[0]', '$.a.b[2].c', '$.a.b[9]', '$.k.l', "$['k.l']", '$.n', '$.s', '$.f', '$.e', '$.l[*]', '$.l[*][*]', '$.l[0][*]', '$.l[0]', '$.o[*].p', '$.o[*].q', '$.o[*]', '$.o[0].p', '$.sp', '$.*', '$.o.p', 'a', '$a', '$[0]', '$[1].a', '$[*]', '$[*].a', '$.u', '$.', '$[x]', '$.a[*]', '$..a', ' $.a', "$['a']['b']", '$.l[*][0]', '$.o[*].p[0]']
PQ = ["'" + p.replace("'", "\\'") + "'" for p in P]
C += one('get_json_object({}, {})', D[:1], PQ) + one('get_json_object({}, {})', D[1:], ["'$'", "'$.a'", "'$[0]'", "'$[*]'", "'$[1].a'", "'$.u'"]) + one('get_json_object({}, {})', ["NULL"], ["'$.a'"]) + one('get_json_object({}, {})', D[:1], ["NULL"])
C += one('json_array_length({})', ["'[1,2]'", "'{}'", "'[]'", "'x'", "NULL", "'[1'"]) + one('json_object_keys({})', ["'{\"a\":1,\"b\":{\"c\":2}}'", "'[1]'", "'{}'", "'x'", "NULL"])
C += one('split({}, {})', ["'a,b,,c,,'", "''", "'abc'", "NULL", "'a1b22c'"], ["','", "''", "'[0-9]+'", "'x'", "NULL"]) + one('split({}, {}, {})', ["'a,b,,c,,'", "'abc'"], ["','", "''"], ["-1", "0", "2", "1"])

# Rows: (expression in the select list, what stands behind FROM VALUES).
A = []
for rows in ["(1), (2), (NULL), (1)", "(CAST(NULL AS INT))"]:
    A += [(e, rows) for e in ['sort_array(collect_list(v))', 'sort_array(collect_set(v))', 'size(collect_list(v))', 'max(struct(v, -v))', 'min(struct(v))', 'max(array(v))', 'max_by(v, struct(v))', 'sort_array(array_agg(v))', 'count(distinct struct(v))', 'count(struct(v))', 'first(array(v))']]
A += [(e, "('a'), ('b'), (NULL)") for e in ["array_join(sort_array(collect_list(v)), '-')", "max(named_struct('a', v))", "min(struct(v, 1))", "map_from_arrays(sort_array(collect_set(v)), sort_array(collect_set(upper(v))))", "transform(sort_array(collect_list(v)), x -> concat(x, '!'))"]]

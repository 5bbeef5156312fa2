"""Writes spark.tsv, nested.tsv and rows.tsv: what Spark 3.5 gives for every listed function and cast on edge values.

    python3 -m venv v && v/bin/pip install pyspark==3.5.9 && v/bin/python make.py [spark] [nested] [rows]    (Java 17)

A line: template, arguments (SQL literals divided by " ;; "), type, value as text (\\N is NULL, ! an error), tab between them.
"""
import itertools, os, sys
from pyspark.sql import SparkSession

spark = (SparkSession.builder.master('local[2]').config('spark.sql.session.timeZone', 'UTC').config('spark.ui.enabled', 'false')
         .config('spark.sql.ansi.enabled', 'false').config('spark.driver.extraJavaOptions', '-Duser.timezone=UTC').getOrCreate())
spark.sparkContext.setLogLevel('OFF')

S = ["NULL", "''", "'a'", "'abc'", "' a b '", "'Straße'", "'HÉLLO wörld'", "'ÀÉÎ'", "'o\\'neil mc-donald'", "'日本語'", "'a,b,,c'", "'12'", "'-1.5'", "'aAbB  cC'", "'x😀y'"]
INTS = ["NULL", "0", "1", "-1", "7", "-7", "2147483647", "-2147483648"]
SMALL = ["NULL", "0", "1", "-1", "2", "3", "-2", "10"]
BIGS = INTS + ["9223372036854775807L", "-9223372036854775808L", "4294967296L"]
DBL = ["NULL", "0D", "1D", "-1D", "0.5D", "-2.5D", "2.5D", "1e10D", "1e-7D", "123456789.125D", "1e300D", "double('NaN')", "double('Infinity')", "double('-Infinity')", "3.7D", "-0.001D"]
DEC = ["NULL", "0.5", "-0.5", "1.25", "-2.50", "12345678901234567890.123", "0.00000001", "100", "9.99", "0.0000000"]
DATES = ["NULL", "date'1970-01-01'", "date'2024-02-29'", "date'2023-12-31'", "date'1999-01-01'", "date'2024-12-30'", "date'0001-01-01'", "date'9999-12-31'", "date'2024-01-31'"]
STAMPS = ["NULL", "timestamp'1970-01-01 00:00:00'", "timestamp'2024-02-29 23:59:59.123456'", "timestamp'2023-12-31 12:00:00'", "timestamp'1969-12-31 23:59:59.999999'", "timestamp'2024-01-31 00:00:00'", "timestamp'2024-03-10 02:30:00'"]
BOOLS = ["NULL", "true", "false"]
BIN = ["NULL", "X''", "X'00FF'", "X'616263'"]
TEXTNUM = ["NULL", "''", "' '", "'1'", "' 12 '", "'+3'", "'-4'", "'1.5'", "'-1.99'", "'.5'", "'5.'", "'.'", "'1e3'", "'1E-3'", "'5e-7'", "'9.99e-9'", "'1,234'", "'0x10'", "'NaN'", "'inf'", "'-Infinity'", "'+inf'", "'1d'", "'1f'", "'1L'",
           "'2147483648'", "'9223372036854775808'", "'128'", "'32768'", "'-129'", "'1e400'", "'-0'", "'00012'", "'1 2'", "'\t7\\n'", "'123456789012345678901234567890'", "'0.1234567890123'", "'abc'", "'--1'", "'1e'", "'٣'"]
TEXTBOOL = ["NULL", "''", "'t'", "'TRUE'", "' y '", "'yes'", "'on'", "'1'", "'f'", "'False'", "'n'", "'no'", "'0'", "'2'", "'tr'", "'off'"]
TEXTDATE = ["NULL", "''", "'2024-02-29'", "'2023-02-29'", "'2024-2-9'", "'2024'", "'2024-03'", "'2024-03-01 10:11:12'", "'2024-03-01T10:11:12.5'", "'2024-03-01 abc'", "'2024-03-01Tabc'", "' 2024-03-01 '", "'01/02/2024'", "'20240301'", "'12345-01-01'",
            "'-0044-03-15'", "'+2024-01-01'", "'24-01-01'", "'2024-13-01'", "'2024-00-10'", "'2024-03-01 24:00:00'", "'2024-03-01 23:59:60'", "'2024-03-01 10:11'", "'2024-03-01 10'", "'2024-03-01 1:2:3'", "'2024-03-01 10:11:12.123456789'", "'2024-03-01 10:11:12Z'",
            "'2024-03-01 10:11:12+02:00'", "'2024-03-01 10:11:12 +02:00'", "'2024-03-01 10:11:12+2'", "'2024-03-01 10:11:12 America/New_York'", "'2024-03-01 10:11:12UTC+3'", "'2024-03-10 02:30:00 America/New_York'", "'2024-11-03 01:30:00 America/New_York'",
            "'2024-03-01 10:11:12 EST'", "'2024-03-01 10:11:12 PM'", "'2024-03-01 10:11:12.'", "'2024-03-01 '", "'2024-03-01T'", "'0000-01-01'", "'9999-12-31 23:59:59.999999'", "'2024-03-'", "'epoch'", "'1/2/03'", "'Jan 5 2024'", "'2024-3-1 1:1:1.1'"]

def one(t, *lists):
    return [(t, args) for args in itertools.product(*lists)]

def pairs(t, *tuples):
    return [(t, a) for a in tuples]

C = []
# Casts.
for t in ['tinyint', 'smallint', 'int', 'bigint', 'float', 'double', 'decimal(10,2)', 'decimal(38,18)', 'decimal(5,0)', 'decimal(4,4)', 'decimal(38,0)']:
    C += one('cast({} as %s)' % t, TEXTNUM)
    C += one('cast({} as %s)' % t, BOOLS)
C += one('cast({} as boolean)', TEXTBOOL) + one('cast({} as date)', TEXTDATE) + one('cast({} as timestamp)', TEXTDATE)
for t in ['float', 'double', 'decimal(10,2)', 'decimal(20,8)', 'string', 'boolean', 'bigint']:
    C += one('cast({} as %s)' % t, INTS) + one('cast({} as %s)' % t, DEC)
    if t != 'bigint':
        C += one('cast({} as %s)' % t, DBL)
for t in ['int', 'bigint']:
    C += one('cast({} as %s)' % t, DBL)
for t in ['float', 'double', 'string']:
    C += one('cast(cast({} as float) as %s)' % t, DBL[:-1])
C += one('cast({} as string)', DATES + STAMPS + BOOLS + BIN) + one('cast({} as date)', STAMPS) + one('cast({} as timestamp)', DATES)
C += one('cast({} as double)', STAMPS) + one('cast({} as bigint)', STAMPS) + one('cast({} as timestamp)', ["0", "-1", "1.5", "86400", "1700000000"]) + one('cast({} as binary)', S)
# Text.
for f in ['upper', 'lower', 'ucase', 'lcase', 'length', 'char_length', 'character_length', 'octet_length', 'bit_length', 'reverse', 'initcap', 'ascii', 'md5', 'sha1', 'sha', 'trim', 'btrim', 'ltrim', 'rtrim', 'soundex', 'base64', 'hex', 'unhex']:
    C += one(f + '({})', S)
for f in ['left', 'right', 'repeat', 'substring', 'substr']:
    C += one(f + '({}, {})', ["NULL", "''", "'abc'", "'日本語'"], ["NULL", "0", "1", "2", "-1", "-2", "5", "-5"])
C += one('substring({}, {}, {})', ["'abcdef'", "'日本語'", "NULL"], ["0", "1", "-2", "-9", "3", "9"], ["0", "1", "-1", "2", "100"])
for f in ['lpad', 'rpad']:
    C += one(f + '({}, {}, {})', ["'ab'", "''", "'日本'", "NULL"], ["0", "1", "5", "-1"], ["''", "'xy'", "'é'", "NULL"])
    C += one(f + '({}, {})', ["'ab'", "''"], ["1", "4"])
for f in ['trim', 'btrim', 'ltrim', 'rtrim']:
    if f != 'trim':
        C += pairs(f + '({}, {})', ("'xxaxx'", "'x'"), ("'abcba'", "'ab'"), ("'aéa'", "'aé'"), ("'a'", "''"), ("NULL", "'a'"), ("'a'", "NULL"))
C += pairs('replace({}, {}, {})', ("'aXbX'", "'X'", "'yy'"), ("'abc'", "''", "'x'"), ("'aaa'", "'aa'", "'b'"), ("'abc'", "NULL", "'x'"), ("'日本語'", "'本'", "''"), ("'abc'", "'b'", "NULL"))
C += pairs('translate({}, {}, {})', ("'AaBbCc'", "'abc'", "'123'"), ("'abc'", "'abc'", "'x'"), ("'aba'", "'aa'", "'12'"), ("'日本語'", "'本'", "'é'"), ("NULL", "'a'", "'b'"), ("'abc'", "''", "'x'"))
C += one('split_part({}, {}, {})', ["'a,b,,c'", "''", "NULL"], ["','", "'b'", "''"], ["1", "2", "3", "-1", "-2", "9", "-9"])
C += pairs('split_part({}, {}, {})', ("'a.b.c'", "'.'", "2"), ("'a||b'", "'||'", "2"))
C += one('chr({})', ["65", "0", "-1", "256", "255", "128", "300", "NULL", "8364"]) + one('char({})', ["65", "321"])
C += one('sha2({}, 256)', S[:5]) + one('sha2({}, 0)', S[:4])
C += one('concat({}, {})', ["NULL", "''", "'a'", "'日'"], ["NULL", "''", "'b'"]) + one('{} || {}', ["'a'", "NULL", "1", "true", "1.50"], ["'b'", "2.5D"])
C += one('concat_ws({}, {}, {})', ["NULL", "','", "''"], ["NULL", "''", "'a'"], ["NULL", "'b'"]) + pairs('concat_ws({})', ("','",))
for f in ['instr', 'contains', 'startswith', 'endswith', 'levenshtein']:
    C += one(f + '({}, {})', ["NULL", "''", "'abcabc'", "'héé'", "'日本語'", "'kitten'"], ["NULL", "''", "'bc'", "'abc'", "'é'", "'本語'", "'sitting'"])
C += one('locate({}, {})', ["''", "'bc'", "'é'", "NULL"], ["''", "'abcabc'", "'héé'"]) + one('locate({}, {}, {})', ["'bc'", "''"], ["'abcabc'"], ["0", "1", "3", "7", "-1", "NULL"]) + one('position({}, {}, {})', ["'bc'"], ["'abcabc'"], ["1", "3"])
C += one('substring_index({}, {}, {})', ["'a.b.c.d'", "'日本語本'", "''", "NULL"], ["'.'", "'本'", "''"], ["0", "1", "2", "-1", "-2", "9", "-9"])
C += one('overlay({} placing {} from {})', ["'abcdef'", "'日本語'"], ["'XY'", "''"], ["1", "3", "0", "-1", "9"]) + one('overlay({}, {}, {}, {})', ["'abcdef'"], ["'XY'"], ["2"], ["0", "1", "-1", "9"])
C += one('space({})', ["0", "3", "-1", "NULL"]) + one('hex({})', BIGS) + one('hex({})', BIN) + one('unhex({})', ["'616263'", "'F'", "'xyz'", "'61 62'", "''", "NULL"]) + one('base64({})', BIN) + one('bin({})', BIGS)
for p, s, r in [("'b'", "'abcb'", "'X'"), ("'(a)(b)'", "'abab'", "'$2$1'"), ("'[0-9]+'", "'a12b3'", "''"), ("'^'", "'abc'", "'-'"), ("'\\\\d'", "'a1'", "'#'"), ("'x*'", "'abc'", "'-'"), ("'(?i)A'", "'aA'", "'z'"), ("'a(?=b)'", "'abac'", "'Z'"), ("'b'", "'abc'", "'\\\\$'"), ("'é'", "'café'", "'e'")]:
    C += pairs('regexp_replace({}, %s, %s)' % (p, r), (s,), ("NULL",)) + pairs('regexp_extract({}, %s, 0)' % p, (s,), ("'zzz'",), ("NULL",)) + pairs('regexp_count({}, %s)' % p, (s,), ("NULL",)) + pairs('rlike({}, %s)' % p, (s,), ("NULL",)) + pairs('regexp_like({}, %s)' % p, (s,))
C += pairs("regexp_extract({}, '(a)(b)?', 2)", ("'ab'",), ("'ac'",), ("'x'",)) + pairs("regexp_extract({}, '([a-z]+)')", ("'12abc'",))
# Numbers.
for f in ['sqrt', 'cbrt', 'exp', 'sin', 'cos', 'tan', 'asin', 'acos', 'atan', 'cot', 'degrees', 'radians', 'sinh', 'cosh', 'tanh', 'ln', 'log10', 'log2', 'log1p', 'expm1', 'rint', 'signum', 'isnan']:
    C += one(f + '({})', DBL)
for f in ['abs', 'ceil', 'ceiling', 'floor', 'sign', 'negative', 'positive', 'round', 'bround']:
    C += one(f + '({})', INTS[:6] + DEC + DBL[:10] + DBL[14:])
for f in ['round', 'bround']:
    C += one(f + '({}, %d)' % 2, DEC + DBL[:10]) + one(f + '({}, -1)', ["15", "25", "-25", "149.5", "1234.5D"]) + one(f + '({}, 0)', ["2.5", "3.5", "-2.5", "2.5D", "3.5D"])
C += one('atan2({}, {})', ["0D", "1D", "-1D"], ["0D", "1D", "-1D"]) + one('pow({}, {})', ["2", "-2D", "0D", "NULL"], ["3", "0.5D", "-1D", "0"]) + one('power({}, {})', ["2"], ["10"]) + one('hypot({}, {})', ["3D", "0D", "1e200D"], ["4D", "1e200D"])
C += one('log({}, {})', ["2D", "10D", "0D", "1D", "-1D"], ["8D", "0D", "1D"]) + one('log({})', ["1D", "0D", "-1D", "10D"])
C += one('factorial({})', ["0", "1", "5", "20", "21", "-1", "NULL"]) + one('pmod({}, {})', ["7", "-7", "NULL"], ["3", "-3", "0"]) + one('pmod({}, {})', ["-7.5", "7.5"], ["2"]) + one('mod({}, {})', ["7", "-7"], ["3", "-3", "0"]) + one('{} % {}', ["7.5", "-7.5"], ["2", "0"])
C += one('nanvl({}, {})', ["double('NaN')", "1D", "NULL"], ["2D"]) + one('bit_count({})', ["0", "7", "-1", "NULL", "9223372036854775807L"]) + one('getbit({}, {})', ["11", "-1"], ["0", "1", "2", "3"]) + one('width_bucket({}, {}, {}, {})', ["5.3D", "-1D", "11D", "0D", "10D"], ["0D"], ["10D"], ["5", "0"]) + one('width_bucket({}, {}, {}, {})', ["3D"], ["10D"], ["0D"], ["5"])
C += one('{} / {}', ["7", "-7", "1", "0"], ["2", "0", "3"]) + one('{} / {}', ["1.5", "10.00"], ["3", "0.7", "0"]) + one('{} div {}', ["7", "-7", "7.5"], ["2", "0"]) + one('{} * {}', ["1.50", "12345678901234567890.5"], ["2.25", "3"]) + one('{} + {}', ["'1'", "1.5", "2"], ["2", "0.25", "'x'"]) + one('{} - {}', ["5"], ["7.25", "1e0"])
C += pairs('pi()', ()) + pairs('e()', ())
# Conditionals.
for f in ['coalesce', 'ifnull', 'nvl', 'nullif', 'equal_null', 'greatest', 'least']:
    C += one(f + '({}, {})', ["NULL", "1", "2"], ["NULL", "1", "2.5"]) + one(f + '({}, {})', ["'a'"], ["'b'", "NULL"])
C += one('nvl2({}, {}, {})', ["NULL", "1"], ["2"], ["3"]) + one('if({}, {}, {})', BOOLS, ["1"], ["'x'"]) + one('isnull({})', ["NULL", "1"]) + one('isnotnull({})', ["NULL", "1"]) + one("decode({}, 1, 'a', 2, 'b', 'c')", ["1", "2", "3", "NULL"])
# Dates.
for f in ['year', 'month', 'day', 'dayofmonth', 'dayofweek', 'weekday', 'dayofyear', 'weekofyear', 'quarter', 'last_day']:
    C += one(f + '({})', DATES + ["'2024-02-30'"])
for f in ['hour', 'minute', 'second', 'unix_seconds', 'unix_millis', 'unix_micros', 'unix_timestamp', 'to_unix_timestamp']:
    C += one(f + '({})', STAMPS)
C += one('unix_date({})', DATES) + one('date_from_unix_date({})', ["0", "-1", "19782", "NULL"])
for f in ['date_add', 'date_sub', 'add_months']:
    C += one(f + '({}, {})', DATES[:6] + DATES[8:], ["NULL", "0", "1", "-1", "12", "-13"])
C += one('datediff({}, {})', DATES[:4], DATES[:4]) + one('date_diff({}, {})', DATES[1:3], DATES[1:3])
C += one('months_between({}, {})', STAMPS + ["timestamp'2024-02-28 10:00:00'", "timestamp'2024-03-31 12:30:00'"], ["timestamp'2024-01-31 00:00:00'", "timestamp'2023-02-28 06:00:00'"])
C += one('next_day({}, {})', ["date'2024-02-29'", "NULL"], ["'Mon'", "'TU'", "'thursday'", "'xx'", "'sun'", "''"])
C += one('make_date({}, {}, {})', ["2024", "NULL", "0", "-5"], ["2", "13"], ["29", "30"])
C += one('timestamp_seconds({})', ["0", "1.5", "-1", "NULL", "1700000000"]) + one('timestamp_millis({})', ["0", "1500", "-1"]) + one('timestamp_micros({})', ["0", "1500", "-1"])
UNITS = ['year', 'quarter', 'month', 'week', 'day', 'hour', 'minute', 'second', 'millisecond', 'microsecond']
for u in UNITS:
    C += one("date_trunc('%s', {})" % u, STAMPS) + one('timestampadd(%s, {}, {})' % u, ["1", "-1", "13"], STAMPS[2:4] + STAMPS[5:6]) + one('timestampdiff(%s, {}, {})' % u, STAMPS[2:4] + STAMPS[5:6], STAMPS[1:4])
    C += one('dateadd(%s, {}, {})' % u, ["1", "-1"], STAMPS[2:3]) + one('datediff(%s, {}, {})' % u, STAMPS[2:4], STAMPS[1:3])
C += pairs('timestampdiff(MONTH, {}, {})', ("timestamp'2024-01-31 00:00:00'", "timestamp'2024-02-29 00:00:00'"), ("timestamp'2024-02-29 00:00:01'", "timestamp'2024-01-29 00:00:02'")) + pairs('timestampdiff(YEAR, {}, {})', ("timestamp'2024-02-29 00:00:00'", "timestamp'2025-02-28 00:00:00'"))
for u in ['year', 'yyyy', 'yy', 'quarter', 'month', 'mon', 'mm', 'week']:
    C += one("trunc({}, '%s')" % u, DATES)
for u in ['year', 'yearofweek', 'quarter', 'month', 'week', 'day', 'dayofweek', 'dow', 'dow_iso', 'doy', 'hour', 'minute', 'second']:
    C += one('extract(%s from {})' % u, STAMPS[:4]) + one("date_part('%s', {})" % u, STAMPS[1:3])
for z in ["'UTC'", "'America/New_York'", "'+05:30'", "'Asia/Tokyo'", "'GMT+1'", "'PST'", "'xx'"]:
    C += one('from_utc_timestamp({}, %s)' % z, STAMPS[1:4] + STAMPS[6:]) + one('to_utc_timestamp({}, %s)' % z, STAMPS[1:4] + STAMPS[6:] + ["timestamp'2024-11-03 01:30:00'"])
FORMATS = ['yyyy-MM-dd', 'yy/M/d', 'MMM dd, yyyy', 'MMMM d', 'EEE', 'EEEE', 'HH:mm:ss', 'hh:mm a', 'HH:mm:ss.SSS', 'S', 'SSSSSS', 'D', 'DDD', 'Q', 'QQQ', 'QQQQ', 'yyyyMMdd', "yyyy-MM-dd'T'HH:mm:ss", "''yyyy''", 'XXX', 'Z', 'z', 'VV', 'y', 'L', 'LLL', 'k', 'K:mm', 'G', 'u', 'F', 'xxx', 'O', 'yyyyy', 'MMMMM', 'E', "h 'o''clock'", 'dd', 'SS', 'A']
for f in FORMATS:
    q = '"%s"' % f
    C += one('date_format({}, %s)' % q, STAMPS[1:3] + STAMPS[5:6])
for f, vals in {'yyyy-MM-dd': ["'2024-02-29'", "'2024-2-9'", "'2024-02-30'", "' 2024-02-29'", "'2024-02-29x'", "'24-02-29'"], 'dd/MM/yyyy': ["'01/12/2024'", "'1/12/2024'", "'32/01/2024'"], 'd/M/y': ["'1/2/2024'", "'01/02/2024'"], 'yyyyMMdd': ["'20240229'", "'2024022'"],
                'MMM d, yyyy': ["'Jan 5, 2024'", "'january 5, 2024'", "'JAN 5, 2024'"], 'yyyy-MM-dd HH:mm:ss': ["'2024-02-29 10:11:12'", "'2024-02-29 24:00:00'", "'2024-02-29'"], 'yyyy-MM-dd HH:mm:ss.SSS': ["'2024-02-29 10:11:12.5'", "'2024-02-29 10:11:12.123'"],
                'hh:mm a yyyy': ["'10:11 PM 2024'", "'13:00 AM 2024'"], 'yy-MM-dd': ["'99-01-01'", "'24-01-01'"], "yyyy-MM-dd'T'HH:mm:ssXXX": ["'2024-02-29T10:11:12+02:00'", "'2024-02-29T10:11:12Z'"], 'yyyy': ["'2024'"], 'MM/yyyy': ["'03/2024'"], 'D yyyy': ["'60 2024'"]}.items():
    for g in ['to_date', 'to_timestamp', 'unix_timestamp']:
        C += one('%s({}, "%s")' % (g, f), vals + ["NULL", "''"])
C += one('to_date({})', TEXTDATE[:8]) + one('to_timestamp({})', TEXTDATE[:10])
C += one('from_unixtime({})', ["0", "-1", "1700000000", "NULL"]) + one("from_unixtime({}, 'yyyy/MM/dd')", ["0", "1700000000"])
C += one('{} + interval 1 month', DATES[1:4] + STAMPS[2:4]) + one('{} - interval 1 day', DATES[1:4] + STAMPS[2:4]) + one('{} + interval 36 hours', STAMPS[2:4]) + one('{} + {}', DATES[1:3], ["1", "-1"]) + one('{} > {}', ["'2024-03-01'", "date'2024-02-29'"], ["date'2024-03-01'"])
C += one('{} = {}', ["'1'", "1", "1.0", "'1.0'", "true"], ["1", "1.0D", "'1'"]) + one('{} < {}', ["'a'", "'B'", "'é'"], ["'b'", "'a '"]) + one('{} in ({}, {})', ["1", "NULL", "3"], ["1"], ["2", "NULL"])
C += one('{} like {}', ["'abc'", "'a_c'", "'a%c'", "'日本'"], ["'a_c'", "'a\\\\_c'", "'%'", "'_本'", "'a\\\\%c'"])
for t in ['int', 'bigint', 'smallint', 'tinyint', 'double', 'float', 'string', 'boolean', 'date', 'timestamp', 'decimal', 'binary']:
    C += one(t + '({})', ["'1'", "'2024-01-01'", "NULL"])
# Aggregates, over a table of one column.
NUMS = ["(1), (2), (3), (NULL)", "(NULL), (CAST(NULL AS INT))", "(5)", "(1), (1), (2)", "(-1), (0), (1), (2147483647)"]
DECS = ["(1.50), (2.25), (NULL)", "(0.1), (0.2), (0.3)"]
DBLS = ["(1.5D), (2.5D), (NULL)", "(1e300D), (1e300D)"]
STRS = ["('b'), ('a'), (NULL)", "('')"]
A = []
for f in ['sum', 'avg', 'mean', 'min', 'max', 'count', 'stddev', 'std', 'stddev_samp', 'stddev_pop', 'variance', 'var_samp', 'var_pop', 'median', 'skewness', 'kurtosis', 'bit_and', 'bit_or', 'bit_xor', 'mode', 'any_value', 'first', 'last', 'first_value', 'last_value']:
    for rows in NUMS + ([] if f.startswith('bit') else DECS + DBLS):
        if f in ('mode',) and rows not in (NUMS[2], NUMS[3]):
            continue
        A.append((f + '(v)', rows))
for f in ['min', 'max', 'count', 'first', 'any_value']:
    A += [(f + '(v)', r) for r in STRS]
for e in ['count(*)', 'count(distinct v)', 'sum(distinct v)', 'count_if(v > 1)', 'bool_and(v > 0)', 'bool_or(v > 1)', 'every(v > 0)', 'any(v > 2)', 'some(v > 2)', 'percentile(v, 0.5)', 'percentile(v, 0.25)', 'percentile_cont(0.5) within group (order by v)', 'percentile_disc(0.5) within group (order by v)',
          'percentile_disc(0.25) within group (order by v desc)', 'max_by(v, -v)', 'min_by(v, -v)', 'corr(v, v)', 'covar_pop(v, v * 2)', 'covar_samp(v, v * 2)', 'regr_slope(v * 2, v)', 'regr_intercept(v * 2 + 1, v)']:
    A += [(e, r) for r in NUMS]

# What cannot be the same again, or depends on the day.
def wrap(e):
    return "case when typeof(%s) = 'binary' then hex(%s) else cast(%s as string) end" % (e, e, e)

def text(e, typ):
    return 'hex(%s)' % e if typ == 'binary' else 'cast(%s as string)' % e

def escape(v):
    return '\\N' if v is None else v.replace('\\', '\\\\').replace('\n', '\\n').replace('\t', '\\t').replace('\r', '\\r').replace('\0', '\\0')

def ask(items, frm=''):
    """The types and texts of expressions, many in a query; halves a query that fails."""
    try:
        row = spark.sql('select ' + ', '.join('typeof(%s) as t%d' % (e, i) for i, e in enumerate(items)) + frm).collect()[0]
        types = list(row)
        row = spark.sql('select ' + ', '.join('%s as t%d' % (text(e, t), i) for i, (e, t) in enumerate(zip(items, types))) + frm).collect()[0]
        return list(zip(types, [escape(v) for v in row]))
    except Exception as x:
        if len(items) == 1:
            return [('!', '!')]
        h = len(items) // 2
        return ask(items[:h], frm) + ask(items[h:], frm)

def write(name, cases, aggregates):
    out = open(os.path.join(os.path.dirname(os.path.abspath(__file__)), name), 'w', encoding='utf-8')
    seen = set()
    cases = [c for c in cases if not (c in seen or seen.add(c))]
    for i in range(0, len(cases), 60):
        part = cases[i:i + 60]
        for (t, args), (typ, v) in zip(part, ask([t.format(*args) for t, args in part])):
            out.write('\t'.join([t, ' ;; '.join(args).replace('\t', '\\t'), typ, v]) + '\n')
    for rows in sorted(set(r for _, r in aggregates)):
        part = [e for e, r in aggregates if r == rows]
        for e, (typ, v) in zip(part, ask(part, ' from values %s as t(v)' % rows)):
            out.write('\t'.join([e, 'FROM ' + rows, typ, v]) + '\n')
    out.close()

def rows(source, name):
    """What the queries of a .test file give: query, types, rows; cells are divided by " | ", rows by " ;; "."""
    here = os.path.dirname(os.path.abspath(__file__))
    out = open(os.path.join(here, name), 'w', encoding='utf-8')
    for block in open(os.path.join(here, source), encoding='utf-8').read().strip().split('\n\n'):
        sql, _, want = block.partition('\n----')
        if sql.startswith('#') or want.strip().startswith('error:'):
            continue
        if sql.startswith('CREATE TABLE'):
            spark.sql(sql.replace('CREATE TABLE', 'CREATE TEMPORARY VIEW', 1))
            continue
        try:
            df = spark.sql(sql)
        except Exception as x:
            print('Spark refuses', sql, str(x).split('\n')[0])
            continue
        types = [t for _, t in df.dtypes]
        df.toDF(*['c%d' % i for i in range(len(types))]).createOrReplaceTempView('q')
        cells = spark.sql('select ' + ', '.join(text('c%d' % i, t) for i, t in enumerate(types)) + ' from q').collect()
        out.write('\t'.join([sql, ' | '.join(types), ' ;; '.join(sorted(' | '.join(escape(v) for v in r) for r in cells))]) + '\n')
    out.close()

which = sys.argv[1:] or ['spark', 'nested', 'rows']
if 'rows' in which:
    rows('../spark/nested.test', 'rows.tsv')
if 'spark' in which:
    write('spark.tsv', C, A)
if 'nested' in which:
    import nested
    write('nested.tsv', nested.C, nested.A)

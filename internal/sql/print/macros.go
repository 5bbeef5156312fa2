package print

// macros are divided by empty lines; each begins with its name. White space inside is folded, so no literal may depend on it.
const macros = `
rtrim_fast(s) AS CASE WHEN suffix(s, ' ') THEN rtrim(s, ' ') ELSE s END

blank_pad(s, n) AS CASE WHEN strlen(s) = n THEN s ELSE s || repeat(' ', n - strlen(s)) END

join_equal(l, sep, way) AS (list_reduce(list_sort(list_transform(l, lambda v: {'k': rtrim_fast(v), 't': v}), way),
 lambda a, e: {'k': e.k, 't': CASE WHEN a.k = e.k THEN a.t ELSE a.t || sep || e.t END})).t

btrim_fast(s) AS CASE WHEN suffix(s, ' ') OR starts_with(s, ' ') THEN trim(s, ' ') ELSE s END

trim_ws(s) AS trim(s, concat(' ', chr(9), chr(10), chr(11), chr(12), chr(13)))

ltrim_fast(s) AS CASE WHEN starts_with(s, ' ') THEN ltrim(s, ' ') ELSE s END

nonzero(x) AS CASE WHEN x = 0 THEN error('division by zero') ELSE x END

div_half_up(n, d) AS (n // d) + CASE WHEN abs(n % d) * 2 >= abs(d) THEN CASE WHEN (n < 0) <> (d < 0) THEN -1 ELSE 1 END ELSE 0 END

digits_apart(x, u, d) AS CAST(trunc(x) AS HUGEINT) * u + CAST((x - trunc(x)) * d AS HUGEINT)

div_shifted(n, d, k) AS CASE WHEN abs(n) < power_of_ten(38 - k) THEN n * power_of_ten(k) // d
 ELSE n // d * power_of_ten(k) + CASE WHEN abs(n % d) < power_of_ten(38 - k) THEN n % d * power_of_ten(k) // d
ELSE div_long(n % d, d, k) END END

div_long(r, d, k) AS (list_reduce(list_prepend({'q': CAST(0 AS HUGEINT), 'r': CAST(r AS HUGEINT)},
list_transform(range(k), lambda i: {'q': CAST(0 AS HUGEINT), 'r': CAST(0 AS HUGEINT)})),
 lambda a, e: {'q': a.q * 10 + a.r * 10 // d, 'r': a.r * 10 % d})).q

power_of_ten(k) AS CAST('1' || repeat('0', k) AS HUGEINT)

mul_trunc(a, b, u) AS CASE WHEN mul_fits(a, b) THEN (a * b) // u WHEN a % u = 0 AND mul_fits(a // u, b) THEN a // u * b WHEN b % u = 0
AND mul_fits(a, b // u) THEN a * (b // u)
 ELSE CASE WHEN a IS NOT NULL AND b IS NOT NULL THEN error('128 bit numeric data overflow (multiplication)') END END

mul_round(a, b, u) AS CASE WHEN mul_fits(a, b) THEN div_half_up(a * b, u) WHEN a % u = 0 AND mul_fits(a // u, b) THEN a // u * b
WHEN b % u = 0 AND mul_fits(a, b // u) THEN a * (b // u)
 ELSE CASE WHEN a IS NOT NULL AND b IS NOT NULL THEN error('128 bit numeric data overflow (multiplication)') END END

mul_fits(a, b) AS a = 0 OR abs(b) <= CAST('170141183460469231731687303715884105727' AS HUGEINT) // abs(a)

percentile_exact(l, f, u) AS percentile_at(l, CAST(f AS HUGEINT) * (len(l) - 1) // u, CAST(f AS HUGEINT) * (len(l) - 1) % u, u)

percentile_at(l, i, r, u) AS percentile_between(l[CAST(i + 1 AS BIGINT)], l[CAST(least(i + 2, len(l)) AS BIGINT)], r, u)

percentile_between(a, b, r, u) AS a * 10 + (b - a) * 10 // u * r + div_half_up((b - a) * 10 % u * r, u)

fit_bytes(s, n, msg) AS CASE WHEN strlen(s) <= n THEN s WHEN strlen(rtrim(s, ' ')) <= n THEN left(s, n)
WHEN s IS NULL THEN NULL ELSE error(msg) END

cut_bytes(s, n) AS CASE WHEN strlen(s) <= n THEN s WHEN strlen(s) = length(s) THEN left(s, n)
 ELSE left(s, list_max(list_filter(range(0, n + 1), lambda k: strlen(left(s, k)) <= n))) END

double_to_BIGINT(x) AS CASE WHEN x IS NULL THEN NULL WHEN isnan(x) THEN 0 WHEN x >= 9223372036854775807 THEN 9223372036854775807
 WHEN x <= -9223372036854775808 THEN CAST('-9223372036854775808' AS BIGINT) ELSE CAST(trunc(x) AS BIGINT) END

double_to_INTEGER(x) AS CASE WHEN x IS NULL THEN NULL WHEN isnan(x) THEN 0
 ELSE CAST(greatest(least(trunc(x), 2147483647), -2147483648) AS INTEGER) END

double_to_SMALLINT(x) AS CASE WHEN x IS NULL THEN NULL WHEN isnan(x) THEN 0 ELSE CAST(trunc(x) AS SMALLINT) END

double_to_TINYINT(x) AS CASE WHEN x IS NULL THEN NULL WHEN isnan(x) THEN 0 ELSE CAST(trunc(x) AS TINYINT) END

spark_log(x) AS CASE WHEN x > 0 THEN ln(x) END

width_bucket(x, lo, hi, n) AS CASE WHEN n <= 0 OR lo = hi THEN NULL WHEN lo < hi AND x < lo OR lo > hi AND x > lo THEN 0 WHEN lo < hi
AND x >= hi OR lo > hi AND x <= hi THEN n + 1 ELSE CAST(floor((x - lo) / (hi - lo) * n) AS INTEGER) + 1 END

sub_bytes(b, p, n) AS CASE WHEN n IS NULL THEN unhex(substring(hex(b), greatest(p, 1) * 2 - 1))
ELSE unhex(substring(hex(b), greatest(p, 1) * 2 - 1, greatest(n + least(p - 1, 0), 0) * 2)) END

sign_first(s) AS CASE WHEN suffix(s, '-') THEN '-' || left(s, length(s) - 1) WHEN suffix(s, '+') THEN left(s, length(s) - 1) ELSE s END

swap_bytes(b) AS unhex(array_to_string(list_reverse(list_transform(range(0, octet_length(b)),
lambda i: substring(hex(b), CAST(i * 2 + 1 AS BIGINT), 2))), ''))

fnv(b, seed) AS list_reduce(list_prepend(CAST(CASE WHEN seed < 0 THEN CAST(seed AS HUGEINT) + 18446744073709551616
ELSE CAST(seed AS HUGEINT) END AS UHUGEINT),
 list_transform(range(0, octet_length(b)),
lambda i: CAST(CAST('0x' || substring(hex(b), CAST(i * 2 + 1 AS BIGINT), 2) AS INTEGER) AS UHUGEINT))),
 lambda h, x: (xor(h, x) * CAST(1099511628211 AS UHUGEINT)) % CAST(18446744073709551616 AS UHUGEINT))

fnv_signed(h) AS CASE WHEN h >= CAST(9223372036854775808 AS UHUGEINT) THEN CAST(h AS HUGEINT) - 18446744073709551616
ELSE CAST(h AS HUGEINT) END

locate(sub, s, p) AS CASE WHEN s IS NULL OR sub IS NULL THEN NULL WHEN p < 1 THEN 0 WHEN instr(substring(s, p), sub) = 0 THEN 0
ELSE instr(substring(s, p), sub) + p - 1 END

soundex(s) AS soundex_letters(regexp_replace(upper(s), '[^A-Z]', '', 'g'))

difference(a, b) AS list_sum(list_transform(range(1, 5), lambda i: CASE WHEN soundex(a)[i] = soundex(b)[i] THEN 1 ELSE 0 END))

strtol(s, base) AS CAST(CASE WHEN left(btrim_fast(s), 1) = '-' THEN -1 ELSE 1
END * list_reduce(list_prepend(CAST(0 AS HUGEINT), list_transform(string_split(strtol_digits(s, base), ''),
 lambda c: CASE WHEN c <> '' AND instr(left('0123456789abcdefghijklmnopqrstuvwxyz', base), lower(c)) > 0 THEN
CAST(instr('0123456789abcdefghijklmnopqrstuvwxyz', lower(c)) - 1 AS HUGEINT)
 ELSE CAST(error('The input ' || s || ' is not valid to be converted to base ' || base) AS HUGEINT) END)), lambda acc,
x: acc * base + x) AS BIGINT)

strtol_digits(s, base) AS CASE WHEN base = 16 THEN regexp_replace(ltrim(btrim_fast(s), '+-'), '^0[xX]', '')
ELSE ltrim(btrim_fast(s), '+-') END

quote_ident(s) AS CASE WHEN regexp_full_match(s, '[a-z_][a-z0-9_$]*') THEN s ELSE '"' || replace(s, '"', '""') || '"' END

quote_literal(s) AS '''' || replace(replace(s, '\', '\\'), '''', '''''') || ''''

similar_pattern(p) AS replace(replace(replace(replace(p, '.', '\.'), '%', '.*'), '_', '.'), '\.*', '.*')

to_varbyte(s, f) AS CASE lower(f) WHEN 'hex' THEN unhex(s)
WHEN 'utf8' THEN encode(s) WHEN 'utf-8' THEN encode(s) WHEN 'base64' THEN from_base64(s)
WHEN 'binary' THEN unhex(lpad(hex(list_reduce(list_prepend(0::BIGINT, list_transform(string_split(s, ''), lambda c: CAST(c AS BIGINT))),
lambda a, x: a * 2 + x)), CAST(length(s) // 4 AS INTEGER), '0')) ELSE error('TO_VARBYTE format is not supported: ' || f) END

from_varbyte(b, f) AS CASE lower(f) WHEN 'hex' THEN lower(hex(b)) WHEN 'utf8' THEN decode(b) WHEN 'utf-8' THEN decode(b)
WHEN 'base64' THEN to_base64(b)
 WHEN 'binary' THEN CAST(CAST(b AS BIT) AS VARCHAR) ELSE error('FROM_VARBYTE format is not supported: ' || f) END

trunc_date(part, x) AS CASE part WHEN 'millennium' THEN x - (x - date_trunc('year', x)) -
to_years(CAST((date_part('year', x) - 1) % 1000 AS INTEGER))
 WHEN 'century' THEN x - (x - date_trunc('year', x)) - to_years(CAST((date_part('year', x) - 1) % 100 AS INTEGER))
ELSE date_trunc(part, x) END

seconds_of(x) AS date_part('microsecond', x) / 1000000

add_years(t, n) AS CASE WHEN date_part('month', t) = 2 AND date_part('day', t) = 29
AND date_part('day', t + to_years(CAST(n AS INTEGER))) = 28
 THEN t + to_years(CAST(n AS INTEGER)) + INTERVAL 1 DAY ELSE t + to_years(CAST(n AS INTEGER)) END

next_day(d, day) AS CAST(d + CAST(((list_position(['su', 'mo', 'tu', 'we', 'th', 'fr', 'sa'], lower(left(day, 2))) - 1 - date_part('dow', d)
+ 6) % 7) + 1 AS INTEGER) AS DATE)

rs_add_months(t, n) AS CASE WHEN CAST(t AS DATE) = last_day(t) THEN CAST(last_day(t + to_months(n)) AS TIMESTAMP) +
(t - date_trunc('day', t)) ELSE t + to_months(n) END

months_between(a, b) AS (date_part('year', a) - date_part('year', b)) * 12 + date_part('month', a) - date_part('month', b)
 + CASE WHEN date_part('day', a) = date_part('day', b) OR CAST(a AS DATE) = last_day(a) AND CAST(b AS DATE) = last_day(b) THEN 0.0::DOUBLE
 ELSE (date_part('day', a) - date_part('day', b) + (epoch(a - date_trunc('day', a)) - epoch(b - date_trunc('day', b))) / 86400)
/ 31.0::DOUBLE END

json_typeof(j) AS CASE json_type(j) WHEN 'ARRAY' THEN 'array' WHEN 'OBJECT' THEN 'object' WHEN 'VARCHAR' THEN 'string'
WHEN 'BOOLEAN' THEN 'boolean' WHEN 'NULL' THEN 'null' ELSE CASE WHEN j IS NOT NULL THEN 'number' END END

soundex_codes(u) AS regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(translate(left(u, 1) ||
regexp_replace(substring(u, 2), '[HW]', '', 'g'),
 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', '01230120022455012623010202'), '1+', '1', 'g'), '2+', '2', 'g'), '3+', '3', 'g'), '4+', '4', 'g'),
'5+', '5', 'g'), '6+', '6', 'g')

soundex_letters(u) AS CASE WHEN u = '' THEN ''
ELSE rpad(left(left(u, 1) || replace(substring(soundex_codes(u), 2), '0', ''), 4), 4, '0') END

element_at(l, i) AS CASE WHEN l IS NOT NULL AND i = 0
THEN error('The index 0 is invalid. An index shall be either < 0 or > 0 (the first element has index 1).') ELSE list_extract(l, i) END

any_of(l) AS CASE WHEN l IS NULL THEN NULL WHEN list_contains(l, true) THEN true WHEN list_count(l) < len(l) THEN NULL ELSE false END

all_of(l) AS CASE WHEN l IS NULL THEN NULL WHEN list_contains(l, false) THEN false WHEN list_count(l) < len(l) THEN NULL ELSE true END

list_has(l, x) AS CASE WHEN l IS NULL OR x IS NULL THEN NULL WHEN list_contains(l, x) THEN true WHEN list_count(l) < len(l) THEN NULL
ELSE false END

distinct_of(l) AS list_filter(l, lambda dv, di: list_position(l, dv) = di)

both_of(l, m) AS CASE WHEN m IS NOT NULL THEN list_filter(distinct_of(l), lambda bv: coalesce(list_position(m, bv), 0) > 0) END

first_of(l, m) AS CASE WHEN m IS NOT NULL THEN list_filter(distinct_of(l), lambda bv: coalesce(list_position(m, bv), 0) = 0) END

overlap(l, m) AS CASE WHEN l IS NULL OR m IS NULL THEN NULL
WHEN len(list_filter(l, lambda ov: ov IS NOT NULL AND coalesce(list_position(m, ov), 0) > 0)) > 0 THEN true
WHEN len(l) > 0 AND len(m) > 0 AND (list_count(l) < len(l) OR list_count(m) < len(m)) THEN NULL ELSE false END

list_without(l, x) AS CASE WHEN x IS NOT NULL THEN list_filter(l, lambda wv: wv IS DISTINCT FROM x) END

compact(l) AS list_filter(l, lambda cv: cv IS NOT NULL)

list_text(l, s) AS coalesce(array_to_string(l, s), CASE WHEN l IS NOT NULL AND s IS NOT NULL THEN '' END)

list_join(l, s) AS CASE WHEN s IS NULL OR l IS NULL THEN NULL WHEN list_count(l) = 0 THEN ''
ELSE list_reduce(compact(l), lambda ja, jb: ja || s || jb) END

slice(l, p, n) AS CASE WHEN l IS NULL OR p IS NULL OR n IS NULL THEN NULL
WHEN p = 0 THEN error('Unexpected value for start in function slice: SQL array indices start at 1.')
WHEN n < 0 THEN error('Unexpected value for length in function slice: length must be greater than or equal to 0.')
WHEN p > 0 THEN list_slice(l, p, p + n - 1) WHEN len(l) + p < 0 THEN list_slice(l, 1, 0)
ELSE list_slice(l, len(l) + p + 1, len(l) + p + n) END

sequence_of(a, b, s) AS CASE WHEN a IS NULL OR b IS NULL OR s IS NULL THEN NULL WHEN a = b THEN [a] WHEN s = 0 OR (a < b) <> (s > 0)
THEN error('Illegal sequence boundaries: ' || a || ' to ' || b || ' by ' || s) ELSE generate_series(a, b, s) END

sequence_time(a, b, m, d, u) AS CASE WHEN a IS NULL OR b IS NULL THEN NULL WHEN a = b THEN [a]
WHEN (m = 0 AND d = 0 AND u = 0) OR (a < b) <> (m * 30 + d + u / 86400000000 > 0)
THEN error('Illegal sequence boundaries: ' || a || ' to ' || b) ELSE list_filter(list_transform(range(sequence_steps(a, b, m, d, u)),
lambda si: a + to_months(CAST(si * m AS INTEGER)) + to_days(CAST(si * d AS INTEGER)) + to_microseconds(si * u)),
lambda st: CASE WHEN a < b THEN st <= b ELSE st >= b END) END

sequence_steps(a, b, m, d, u) AS CASE WHEN m <> 0 THEN abs(date_diff('month', a, b)) // abs(m) + 2
ELSE abs(epoch_us(b) - epoch_us(a)) // abs(d * 86400000000 + u) + 2 END
`

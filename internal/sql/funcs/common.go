package funcs

// common are the functions that mean the same in both dialects.
const common = `
upper(text) $1
lower(text) $1
length char_length character_length(text) int length
octet_length(text) int
bit_length(text) int
left(text, int) text
right(text, int) text
lpad(text, int, [text]) text
rpad(text, int, [text]) text
replace(text, text, text) text
translate(text, text, text) text
reverse(text) text
repeat(text, int) text
initcap(text) text
split_part(text, text, int) text
ascii(text) int
chr(int) text
md5(text) text
sha1 sha(text) text sha1
rtrim(text) text
rtrim(text, text) text rtrim_of
ltrim(text) text
ltrim(text, text) text ltrim_of
btrim trim(text) text trim
btrim trim(text, text) text trim_of
substring substr(text, int, [int]) text
abs(num) $1
sqrt(double) double
cbrt(double) double
exp(double) double
sin(double) double
cos(double) double
tan(double) double
asin(double) double
acos(double) double
atan(double) double
atan2(double, double) double
cot(double) double
degrees(double) double
radians(double) double
pi() double
pow power(double, double) double pow
coalesce(same...) same
greatest(same, same...) same
least(same, same...) same
last_day(date) date
`

const spark = `
ucase(text) text upper
lcase(text) text lower
concat_ws(text, text...) text
instr(text, text) int
locate position(text, text, [int]) int
startswith(text, text) bool
endswith(text, text) bool
contains(text, text) bool
regexp_replace(text, text, text) text spark_regexp_replace
regexp_extract(text, text, [int]) text spark_regexp_extract
regexp_like rlike regexp(text, text) bool regex_find
regexp_count(text, text) int spark_regexp_count
levenshtein(text, text) int
space(int) text
char(int) text chr
substring_index(text, text, int) text
hex(bigint) text hex_int
unhex(text) bytes
base64(bytes) text
soundex(text) text
overlay(text, text, int, [int]) text
ceil ceiling(num) whole ceil
floor(num) whole
sign signum(double) double sign
ln(double) double spark_ln
log10(double) double spark_log10
log2(double) double spark_log2
log1p(double) double
expm1(double) double
hypot(double, double) double
e() double
factorial(int) bigint
bin(bigint) text
isnan(double) bool
nanvl(double, double) double
pmod(same, same) same pmod
negative(num) $1 neg
positive(num) $1 identity
rint(double) double
sinh(double) double
cosh(double) double
tanh(double) double
ifnull nvl(same, same) same coalesce
isnull(any) bool is_null
isnotnull(any) bool is_not_null
date_add(date, int) date date_add_days
date_sub(date, int) date date_sub_days
datediff date_diff(date, date) int day_diff
add_months(date, int) date spark_add_months
months_between(timestamp, timestamp) double spark_months_between
next_day(date, text) date
year(date) int
month(date) int
day dayofmonth(date) int day
dayofweek(date) int spark_dayofweek
weekday(date) int spark_weekday
dayofyear(date) int
weekofyear(date) int
quarter(date) int
hour(timestamp) int
minute(timestamp) int
second(timestamp) int
make_date(int, int, int) date
timestamp_seconds(double) timestamp
timestamp_millis(bigint) timestamp
timestamp_micros(bigint) timestamp
unix_seconds(timestamp) bigint
unix_millis(timestamp) bigint
unix_micros(timestamp) bigint
unix_date(date) int
date_from_unix_date(int) date
from_utc_timestamp(timestamp, text) timestamp
to_utc_timestamp(timestamp, text) timestamp
bit_count(bigint) int
getbit(bigint, int) int
width_bucket(double, double, double, bigint) bigint
equal_null(same, same) bool not_distinct
monotonically_increasing_id() bigint refused
`

const redshift = `
len textlen(text) int length
substring substr(bytes, int, [int]) bytes sub_bytes
len length octet_length octet_len(bytes) int bytes_length
text_to_int_alt(text) int text_to_int
strpos(text, text) int strpos
charindex position(text, text) int charindex
concat(text, text) text
replicate(text, int) text repeat
char(int) text chr
soundex(text) text
difference(text, text) int
strtol(text, int) bigint
to_hex hex(bigint) text hex_int_lower
to_hex hex(bytes) text hex_bytes
quote_ident(text) text
quote_literal(text) text
regexp_substr(text, text, [int], [int], [text]) text rs_regexp_substr
regexp_count(text, text, [int], [text]) int rs_regexp_count
regexp_instr(text, text, [int], [int], [int], [text]) int rs_regexp_instr
regexp_replace(text, text, [text], [int], [text]) text rs_regexp_replace
ceil ceiling(num) whole ceil
floor(num) whole
sign(num) $1
ln dlog1(double) double ln
log dlog10(double) double log10
dexp(double) double exp
dsqrt(double) double sqrt
nvl ifnull(same, same...) same coalesce
add_months(timestamp, int) timestamp rs_add_months
months_between(timestamp, timestamp) double rs_months_between
next_day(date, text) date
date_cmp(date, date) int cmp
timestamp_cmp(timestamp, timestamp) int cmp
date_cmp_timestamp(timestamp, timestamp) int cmp
timestamp_cmp_date(timestamp, timestamp) int cmp
interval_cmp(interval, interval) int cmp
sysdate() timestamp now_utc
getdate() timestamp now_utc_seconds
timeofday() text
json_parse(text) super
json_serialize(super) text
json_typeof(super) text
json_size(super) bigint
can_json_parse(text) bool is_valid_json
is_valid_json(text) bool
is_valid_json_array(text) bool
json_array_length(text, [bool]) int
json_extract_array_element_text(text, int, [bool]) text
get_array_length(super) bigint
array_concat(super, super) super
array_flatten(super) super
subarray(super, int, int) super
split_to_array(text, [text]) super
is_array(super) bool
is_object(super) bool
is_scalar(super) bool
is_bigint(super) bool
is_integer(super) bool is_integer
is_smallint(super) bool
is_float(super) bool
is_decimal(super) bool
is_boolean(super) bool
is_char is_varchar(super) bool is_varchar
array_contains(super, any) bool
from_hex(text) bytes unhex
to_varbyte(text, text) bytes
from_varbyte(bytes, text) text
json_serialize_to_varbyte(super) bytes
getbit(bytes, int) int getbit_bytes
pg_backend_pid() int
version() text
current_schema() text
width_bucket(double, double, double, int) int
`

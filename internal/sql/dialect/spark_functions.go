package dialect

// sparkFunctions are the functions of Spark beside the common ones.
const sparkFunctions = `
upper ucase(text) $1 sp_upper
lower lcase(text) $1 sp_lower
left(text, int) text sp_left
right(text, int) text sp_right
lpad(text, int, [text]) text sp_lpad
rpad(text, int, [text]) text sp_rpad
replace(text, text, text) text sp_replace
reverse: reverse
repeat(text, int) text sp_repeat
initcap(text) text sp_initcap
split_part(text, text, int) text sp_split_part
chr char(int) text sp_chr
sqrt(double) double sp_sqrt
sin(double) double sp_sin
cos(double) double sp_cos
tan(double) double sp_tan
asin(double) double sp_asin
acos(double) double sp_acos
cot(double) double sp_cot
ltrim(text, text) text sp_ltrim_of
rtrim(text, text) text sp_rtrim_of
concat_ws: concat_ws
instr(text, text) int
locate position(text, text, [int]) int
startswith(text, text) bool
endswith(text, text) bool
contains(text, text) bool
regexp_replace(text, text, text) text spark_regexp_replace
regexp_extract(text, text, [int]) text spark_regexp_extract
regexp_like rlike regexp(text, text) bool sp_regex_find
regexp_count(text, text) int spark_regexp_count
levenshtein(text, text) int
space(int) text sp_space
substring_index(text, text, int) text
hex(bigint) text hex_int
hex(text) text sp_hex
hex(bytes) text sp_hex_bytes
unhex(text) bytes sp_unhex
base64(bytes) text
soundex(text) text sp_soundex
overlay(text, text, int, [int]) text
ceil ceiling(num) whole ceil
floor(num) whole
sign signum(double) double sp_signum
ln(double) double spark_ln
log10(double) double spark_log10
log2(double) double spark_log2
log1p(double) double
expm1(double) double
hypot(double, double) double
e() double
factorial(int) bigint
bin(bigint) text
isnan(double) bool sp_isnan
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
date_sub(date, int) date date_sub_days
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
getbit(bigint, int) tinyint
width_bucket(double, double, double, bigint) bigint
equal_null(same, same) bool not_distinct
bround: round_even
dateadd date_add timestampadd: spark_date_add
datediff date_diff timestampdiff: spark_date_diff
trunc: spark_trunc
log: spark_log
if iff: if
concat: concat
substring substr: spark_substring
extract date_part datepart: extract
to_date: spark_to_date
to_timestamp: spark_to_timestamp
date_format: date_format
unix_timestamp to_unix_timestamp: unix_timestamp
from_unixtime: from_unixtime
int bigint smallint tinyint double float string boolean date timestamp decimal binary: cast
bare current_timestamp() timestamp now_utc
bare curdate() date today_utc
window row_number() int
window rank() int
window dense_rank() int
window ntile(bigint) int
agg mean(num) avg avg
agg std(double) double stddev_samp
agg first first_value(any, [ignore]) $1 first_value
agg last last_value(any, [ignore]) $1 last_value
agg every(bool) bool bool_and
agg some any(bool) bool bool_or
agg count_if(bool) bigint
agg corr(double, double) double
agg covar_pop(double, double) double
agg covar_samp(double, double) double
agg skewness(double) double skewness_pop
agg kurtosis(double) double kurtosis_pop
agg mode(any) $1
agg max_by(any, any) $1
agg min_by(any, any) $1
agg bit_xor(any) $1 bit_xor_agg
agg percentile(double, double) double percentile_cont
agg regr_slope(double, double) double
agg regr_intercept(double, double) double
size cardinality: size
element_at try_element_at: element_at
array_max: array_max
array_min: array_min
sort_array: sort_array
array_sort: array_sort
array_join: array_join
array_repeat: array_repeat
arrays_zip: arrays_zip
flatten: flatten
sequence: sequence
array: spark_array
struct: struct
named_struct: named_struct
map: map
map_from_arrays: map_from_arrays
map_from_entries: map_from_entries
from_json: from_json
to_json: to_json
array_size(array) int
array_contains(array, elem) bool list_has
array_distinct(array) array
array_union(array, array) array
array_intersect(array, array) array
array_except(array, array) array
arrays_overlap(array, array) bool
array_position(array, elem) bigint
array_remove(array, elem) array
array_append(array, elem) array
array_prepend(array, elem) array
array_compact(array) array
slice(array, int, int) array
get(array, bigint) elem array_item
map_keys(map) keys
map_values(map) values
map_entries(map) entries
map_concat(map, map...) map
map_contains_key(map, key) bool
split(text, text, [int]) texts sp_split
get_json_object(text, text) text
json_array_length(text) int sp_json_array_length
json_object_keys(text) texts
higher transform: transform
higher filter: filter
higher exists: exists
higher forall: forall
higher aggregate reduce: aggregate
higher zip_with: zip_with
higher transform_keys: transform_keys
higher transform_values: transform_values
higher map_filter: map_filter
rows explode: explode
rows explode_outer: explode_outer
rows posexplode: posexplode
rows posexplode_outer: posexplode_outer
rows inline: inline
rows inline_outer: inline_outer
rows stack: stack
rows json_tuple: json_tuple
agg collect_list array_agg(any) array collect_list
agg collect_set(any) array
map_zip_with array_insert str_to_map! write it with the other functions of arrays and maps
schema_of_json! write the schema itself
shuffle! a transform must give the same rows when it runs again
random rand monotonically_increasing_id! a transform must give the same rows when it runs again
to_char! use DATE_FORMAT
to_number! use CAST
`

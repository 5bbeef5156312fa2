package dialect

// redshiftFunctions are the functions of Redshift beside the common ones.
const redshiftFunctions = `
upper(text) $1 rs_upper
lower(text) $1 rs_lower
left(text, int) text rs_left
right(text, int) text rs_right
lpad(text, int, [text]) text rs_lpad
rpad(text, int, [text]) text rs_rpad
replace(text, text, text) text rs_replace
reverse(text) text rs_reverse
repeat replicate(text, int) text rs_repeat
initcap(text) text rs_initcap
split_part(text, text, int) text rs_split_part
chr char(int) text rs_chr
sqrt(double) double
sin(double) double
cos(double) double
tan(double) double
asin(double) double
acos(double) double
cot(double) double
ltrim(text, text) text ltrim_of
rtrim(text, text) text rtrim_of
substring substr(text, int, [int]) text rs_substring
len textlen(text) int length
substring substr(bytes, int, [int]) bytes sub_bytes
len length octet_length octet_len(bytes) int bytes_length
text_to_int_alt(text) int text_to_int
strpos(text, text) int strpos
charindex position(text, text) int charindex
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
sign: sign
ln dlog1(double) double ln
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
width_bucket(double, double, double, int) int
log dlog10(double) double log10
dateadd date_add: redshift_date_add
extract: extract
date_part datepart: date_part
datediff date_diff: date_diff
trunc: trunc
convert_timezone: convert_timezone
timezone: timezone
to_date: to_date
to_timestamp: to_timestamp
to_char: to_char
to_number: to_number
json_extract_path_text: json_extract_path_text
fnv_hash: fnv_hash
array: array
object: object
collate: collate
concat: concat_two
random rand() double random
bare current_timestamp() timestamptz now_tz
bare sysdate() timestamp now_utc
window row_number() bigint
window rank() bigint
window dense_rank() bigint
window ntile(bigint) bigint
window first_value(any) $1
window last_value(any) $1
window ratio_to_report(double) double
agg listagg(text...) longtext
crc32(text) text
hll_cardinality(hllsketch) bigint
hll_combine_sketches(hllsketch, hllsketch) hllsketch
agg hll(any) bigint
agg hll_create_sketch(any) hllsketch
agg hll_combine(hllsketch) hllsketch
agg approximate_count(any...) bigint count
agg approximate_percentile_disc(double) ordered percentile_disc within
`

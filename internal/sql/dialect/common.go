package dialect

// commonFunctions are those that mean the same in Redshift and in Spark; see table for how a line is read.
const commonFunctions = `
length char_length character_length(text) int length
octet_length(text) int
bit_length(text) int
translate(text, text, text) text
ascii(text) int
md5(text) text
sha1 sha(text) text sha1
rtrim(text) text
ltrim(text) text
btrim trim(text) text trim
btrim trim(text, text) text trim_of
abs(num) $1
cbrt(double) double
exp(double) double
atan(double) double
atan2(double, double) double
degrees(double) double
radians(double) double
pi() double
pow power(double, double) double pow
coalesce(same...) same
greatest(same, same...) same
least(same, same...) same
last_day(date) date
nullif: nullif
nvl2: nvl2
decode: decode
date_trunc: date_trunc
round: round
mod: mod
sha2: sha2
bare current_date() date today_utc
bare now localtimestamp() timestamp now_utc
bare current_user user session_user current_user_id: user
bare current_database current_catalog: database
bare current_schema() text
agg count(any...) bigint
agg sum(num) sum
agg avg(num) avg
agg min(any) $1
agg max(any) $1
agg stddev stddev_samp(double) double stddev_samp
agg stddev_pop(double) double
agg variance var_samp(double) double var_samp
agg var_pop(double) double
agg any_value(any) $1
agg bool_and(bool) bool
agg bool_or(bool) bool
agg bit_and(any) $1 bit_and_agg
agg bit_or(any) $1 bit_or_agg
agg median(num) median
agg percentile_cont(double) median within
agg percentile_disc(double) ordered within
agg grouping(any...) int
window percent_rank() double
window cume_dist() double
window lag(any...) $1
window lead(any...) $1
window nth_value(any...) $1
`

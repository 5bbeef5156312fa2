package metric

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// StampLayout is how CloudWatch writes instants inside its JSON texts.
const StampLayout = "2006-01-02T15:04:05.000-0700"

// Decimal writes a number the way AWS's texts do: with at least one digit behind the point.
func Decimal(f float64) string {
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if f != math.Trunc(f) || math.IsInf(f, 0) || math.IsNaN(f) {
		return s
	}
	return s + ".0"
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// explain gives StateReason and StateReasonData of the state in AWS's words.
func explain(a *Alarm, state string, span []sample, now, start time.Time) (reason, data string) {
	reals := recent(span, a.EvaluationPeriods)
	missing := a.EvaluationPeriods - len(reals)
	switch {
	case state == InsufficientData:
		reason = fmt.Sprintf("Insufficient Data: %d %s unknown.", missing, plural(missing, "datapoint was", "datapoints were"))
	case len(reals) == 0:
		reason = fmt.Sprintf("Threshold Crossed: no datapoints were received for %d %s and %d missing %s treated as [%s].",
			missing, plural(missing, "period", "periods"), missing, plural(missing, "datapoint was", "datapoints were"), treatText(a.TreatMissing))
	default:
		reason = crossed(a, state, reals)
	}
	return reason, reasonData(a, reals, now, start)
}

func treatText(t string) string {
	switch t {
	case "breaching":
		return "Breaching"
	case "notBreaching":
		return "NonBreaching"
	}
	return "Missing"
}

func crossed(a *Alarm, state string, reals []sample) string {
	var shown []string
	for _, p := range reals {
		if p.breaching == (state == Alarming) {
			shown = append(shown, fmt.Sprintf("%s (%s)", Decimal(p.value), p.time.Format("02/01/06 15:04:05")))
		}
	}
	not, need, way := "", a.M(), "OK -> ALARM"
	if state == OK {
		not, need, way = "not ", a.EvaluationPeriods-a.M()+1, "ALARM -> OK"
	}
	return fmt.Sprintf("Threshold Crossed: "+
		"%d out of the last %d datapoints [%s] %s %s%s the threshold (%s) (minimum %d %s for %s transition).",
		len(shown), a.EvaluationPeriods, strings.Join(shown, ", "), plural(len(shown), "was", "were"), not, a.comparison().words,
		Decimal(a.Threshold), need, plural(need, "datapoint", "datapoints"), way)
}

func reasonData(a *Alarm, reals []sample, now, start time.Time) string {
	type evaluated struct {
		Timestamp   string  `json:"timestamp"`
		SampleCount float64 `json:"sampleCount"`
		Value       float64 `json:"value"`
	}
	doc := struct {
		Version    string      `json:"version"`
		QueryDate  string      `json:"queryDate"`
		StartDate  string      `json:"startDate"`
		Unit       string      `json:"unit,omitempty"`
		Statistic  string      `json:"statistic"`
		Period     int         `json:"period"`
		Recent     []float64   `json:"recentDatapoints"`
		Threshold  float64     `json:"threshold"`
		Datapoints []evaluated `json:"evaluatedDatapoints"`
	}{Version: "1.0", QueryDate: now.Format(StampLayout), StartDate: start.Format(StampLayout), Unit: a.Unit,
		Statistic: a.Statistic + a.Percentile, Period: int(a.Period / time.Second), Threshold: a.Threshold, Recent: []float64{}}
	for _, p := range reals {
		doc.Recent = append(doc.Recent, p.value)
		doc.Datapoints = append(doc.Datapoints, evaluated{p.time.Format(StampLayout), p.count, p.value})
	}
	text, err := json.Marshal(doc)
	if err != nil { // an infinite sum of finite values
		return ""
	}
	return string(text)
}

package sigv4

import (
	"net/http"
	"testing"
	"time"
)

// TestStampsAreReadAsTheLibraryReadsThem holds the short way of reading dates to time.Parse.
func TestStampsAreReadAsTheLibraryReadsThem(t *testing.T) {
	texts := []string{"", "20261130T093000Z", "20261130t093000Z", "20261130T093000z", "20260228T235959Z", "20260229T000000Z",
		"20280229T000000Z", "20261131T000000Z", "20261301T000000Z", "20260001T000000Z", "20260100T000000Z", "20260101T240000Z",
		"20260101T236000Z", "20260101T235960Z", "2026010aT000000Z", "20260101T0000-1Z", "00000101T000000Z", "99991231T235959Z", "20260101T000000",
		"20260101T000000ZZ", "Mon, 30 Nov 2026 09:30:00 GMT", "2026/101T000000Z", "20260101:000000Z"}
	for day := time.Date(2027, 12, 1, 1, 2, 3, 0, time.UTC); day.Year() < 2029; day = day.AddDate(0, 0, 1) {
		texts = append(texts, day.Format(stampLayout))
	}
	for _, text := range texts {
		want, err := time.Parse(stampLayout, text)
		if err != nil {
			want, err = http.ParseTime(text)
		}
		got, ok := parseDate(text)
		if ok != (err == nil) || ok && !got.Equal(want) {
			t.Errorf("%q: %v, %v; want %v, %v", text, got, ok, want, err)
		}
	}
}

package s3

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"

	"penstock/internal/api/xmlbody"
	"penstock/internal/blob"
	"penstock/internal/object"
)

// A plainQuery is a ListObjectsV2 without anything that changes the form of its answer.
type plainQuery struct {
	object.ListQuery
	startAfter, token bool
	coded             bool // encoding-type=url
	shown             int  // max-keys
}

// readPlainQuery reads a query; ok is false for one that the general way must read.
func readPlainQuery(bucket, raw string) (q plainQuery, ok bool) {
	q.Bucket, q.shown = bucket, object.MaxPage
	seen := map[string]bool{}
	for part := range strings.SplitSeq(raw, "&") {
		name, value, has := strings.Cut(part, "=")
		text, err := url.QueryUnescape(value)
		if err != nil || !has || seen[name] {
			return q, false
		}
		seen[name] = true
		switch name {
		case "list-type":
			ok = text == "2"
		case "prefix":
			q.Prefix = text
		case "encoding-type":
			q.coded = true
			if text != "url" {
				return q, false
			}
		case "max-keys":
			n, err := strconv.ParseUint(value, 10, 31)
			if err != nil || n == 0 || value[0] == '+' {
				return q, false
			}
			q.shown = min(int(n), object.MaxPage)
		case "start-after":
			q.After, q.startAfter = text, true
		case "continuation-token":
			q.Token, q.token = text, true
		default:
			return q, false
		}
	}
	q.Limit = q.shown
	return q, ok && !(q.startAfter && q.token) && (q.After != "" || !q.startAfter) && (q.Token != "" || !q.token)
}

// plainList writes the page of a listing while its rows are read.
func (s *Service) plainList(ctx context.Context, bucket, query string, send func(body []byte)) bool {
	q, ok := readPlainQuery(bucket, query)
	if !ok || !s.guard.Plain(ctx, bucket) {
		return false
	}
	w, pooled := s.pages.Get().(*pageWriter)
	if !pooled {
		w = &pageWriter{}
	}
	defer s.pages.Put(w)
	w.begin(q)
	token, err := s.objects.Each(ctx, q.ListQuery, w.object)
	if err != nil || w.strange {
		return false
	}
	w.end(q, token)
	send(w.b)
	return true
}

// A pageWriter writes ListBucketResult.
type pageWriter struct {
	b       []byte
	coded   bool
	count   int
	second  int64 // whose text is date
	date    []byte
	sums    []blob.Algorithm
	strange bool // a row could not be read at a glance
}

func (w *pageWriter) begin(q plainQuery) {
	w.b, w.coded, w.count, w.strange = append(w.b[:0], xmlbody.Header...), q.coded, 0, false
	w.b = append(w.b, `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">`...)
}

func (w *pageWriter) object(l *object.Listed) {
	w.count++
	class, sums, composite, ok := l.Glance(w.sums)
	w.sums, w.strange = sums, w.strange || !ok
	w.b = append(w.b, "<Contents>"...)
	for _, a := range sums {
		w.element("ChecksumAlgorithm", string(a))
	}
	switch {
	case composite:
		w.element("ChecksumType", "COMPOSITE")
	case len(sums) > 0:
		w.element("ChecksumType", "FULL_OBJECT")
	}
	w.b = append(append(append(w.b, "<ETag>&quot;"...), l.ETag...), "&quot;</ETag>"...)
	w.name("Key", l.Key)
	w.modified(l.Modified)
	w.b = append(w.b, "<Size>"...)
	w.b = append(strconv.AppendInt(w.b, l.Size, 10), "</Size>"...)
	if class == "" {
		class = "STANDARD"
	}
	w.element("StorageClass", class)
	w.b = append(w.b, "</Contents>"...)
}

func (w *pageWriter) modified(ms int64) {
	if s := ms / 1000; s != w.second || w.date == nil {
		w.second, w.date = s, time.Unix(s, 0).UTC().AppendFormat(w.date[:0], "2006-01-02T15:04:05.000Z")
	}
	w.b = append(append(append(w.b, "<LastModified>"...), w.date...), "</LastModified>"...)
}

func (w *pageWriter) end(q plainQuery, token string) {
	if q.token {
		w.element("ContinuationToken", q.Token)
	}
	if q.coded {
		w.element("EncodingType", "url")
	}
	w.element("IsTruncated", strconv.FormatBool(token != ""))
	w.element("KeyCount", strconv.Itoa(w.count))
	w.element("MaxKeys", strconv.Itoa(q.shown))
	w.element("Name", q.Bucket)
	if token != "" {
		w.element("NextContinuationToken", token)
	}
	w.name("Prefix", q.Prefix)
	if q.startAfter {
		w.name("StartAfter", q.After)
	}
	w.b = append(w.b, "</ListBucketResult>"...)
}

// name writes an element that encoding-type applies to.
func (w *pageWriter) name(name, text string) {
	if w.coded {
		text = urlEncode(text)
	}
	w.element(name, text)
}

func (w *pageWriter) element(name, text string) {
	w.b = append(append(append(w.b, '<'), name...), '>')
	w.b = xmlbody.AppendText(w.b, text)
	w.b = append(append(append(w.b, "</"...), name...), '>')
}

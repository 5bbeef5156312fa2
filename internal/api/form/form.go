// Package form reads what a browser uploads with an HTML form to S3: the fields, the file behind them, and the policy that the form's
// signature covers. It verifies no signature (package sigv4 does) and stores nothing.
// Fields and policies: https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html and sigv4-HTTPPOSTConstructPolicy.html.
package form

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"

	"penstock/internal/api"
)

const (
	maxFields = 20 << 10  // bytes of fields before the file, as on S3
	maxBefore = 128 << 10 // bytes of the body before the file, with the parts' headers
)

// A Form is a browser's upload.
type Form struct {
	// Fields are those before the file, by name in lower case. ${filename} in them is replaced by the file's name.
	Fields map[string]string
	// File is the file's content. It ends at the part's end; what follows is not read.
	File io.Reader
}

// Read reads a form up to its file.
func Read(body io.Reader, contentType string) (*Form, error) {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil || kind != "multipart/form-data" {
		return nil, &api.Error{Code: "PreconditionFailed", Status: 412, Message: "At least one of the pre-conditions you specified did not hold",
			Fields: map[string]string{"Condition": "Bucket POST must be of the enclosure-type multipart/form-data"}}
	}
	if params["boundary"] == "" {
		return nil, malformed()
	}
	b := &budget{r: body, left: maxBefore}
	f := &Form{Fields: map[string]string{}}
	if err := f.read(multipart.NewReader(b, params["boundary"])); err != nil {
		return nil, wording(err)
	}
	b.left = math.MaxInt64
	return f, nil
}

// A budget is a reader that ends with errFields when too much is read.
type budget struct {
	r    io.Reader
	left int64
}

var errFields = errors.New("the fields before the file are too long")

func (b *budget) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errFields
	}
	n, err := b.r.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

func (f *Form) read(parts *multipart.Reader) error {
	left := maxFields
	for {
		p, err := parts.NextRawPart()
		if err == io.EOF {
			return &api.Error{Code: "InvalidArgument", Status: 400, Message: "POST requires exactly one file upload per request.",
				Fields: map[string]string{"ArgumentName": "file", "ArgumentValue": "0"}}
		}
		if err != nil {
			return err
		}
		name := strings.ToLower(p.FormName())
		if name == "file" {
			f.File = file{p}
			return f.name(p.FileName())
		}
		if name == "" {
			return errors.New("a part without a name")
		}
		value, err := io.ReadAll(io.LimitReader(p, int64(left)+1))
		if err != nil {
			return err
		}
		if left -= len(name) + len(value); left < 0 {
			return errFields
		}
		f.Fields[name] = string(value)
	}
}

// name puts the file's name, without folders, where the fields want it. What the fields are then is held to their limit too: the name may
// be long, and wanted a thousand times.
func (f *Form) name(filename string) error {
	filename = filename[strings.LastIndexAny(filename, `/\`)+1:]
	size := 0
	for k, v := range f.Fields {
		if size += len(k) + len(v) + strings.Count(v, place)*(len(filename)-len(place)); size > maxFields {
			return errFields
		}
	}
	for k, v := range f.Fields {
		f.Fields[k] = strings.ReplaceAll(v, place, filename)
	}
	return nil
}

// place is where a field wants the file's name.
const place = "${filename}"

// wording gives an error of reading S3's words; one that a connection tells keeps its own.
func wording(err error) error {
	var told *api.Error
	switch {
	case errors.As(err, &told):
		return told
	case errors.Is(err, errFields):
		return &api.Error{Code: "MaxPostPreDataLengthExceededError", Status: 400,
			Message: "Your POST request fields preceding the upload file was too large."}
	}
	return malformed()
}

func malformed() *api.Error {
	return &api.Error{Code: "MalformedPOSTRequest", Status: 400,
		Message: "The body of your POST request is not well-formed multipart/form-data."}
}

// A file is the last part's content.
type file struct{ r io.Reader }

func (f file) Read(p []byte) (int, error) {
	n, err := f.r.Read(p)
	if err == io.ErrUnexpectedEOF {
		err = &api.Error{Code: "IncompleteBody", Status: 400, Message: "The request body terminated unexpectedly"}
	}
	return n, err
}

// Header is the headers that an upload without a form would have.
func (f *Form) Header() (http.Header, error) {
	h := http.Header{}
	for name, value := range f.Fields {
		switch name {
		case "acl":
			h.Set("X-Amz-Acl", value)
		case "cache-control", "content-type", "content-disposition", "content-encoding", "content-language", "content-md5", "expires":
			h.Set(name, value)
		case "x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature", "x-amz-security-token":
		case "tagging":
			tags, err := tagging(value)
			if err != nil {
				return nil, err
			}
			h.Set("X-Amz-Tagging", tags)
		default:
			if strings.HasPrefix(name, "x-amz-") {
				h.Set(name, value)
			}
		}
	}
	return h, nil
}

// tagging turns the document of tags that a form carries into the header's form.
func tagging(text string) (string, error) {
	var doc struct {
		XMLName xml.Name                      `xml:"Tagging"`
		Tags    []struct{ Key, Value string } `xml:"TagSet>Tag"`
	}
	if err := xml.Unmarshal([]byte(text), &doc); err != nil {
		return "", &api.Error{Code: "MalformedXML", Status: 400,
			Message: "The XML you provided was not well-formed or did not validate against our published schema"}
	}
	q := url.Values{}
	for _, t := range doc.Tags {
		q.Add(t.Key, t.Value)
	}
	return q.Encode(), nil
}

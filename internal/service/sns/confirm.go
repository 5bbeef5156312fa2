package sns

import (
	"encoding/xml"
	"errors"
	"net/http"

	"penstock/internal/api"
	"penstock/internal/id"
)

// ConfirmHandler answers the links in messages, which carry no signature: the token, or the subscription's unguessable ARN, is the
// proof. Mount it at PublicPath. It serves the links of every region: their ARNs say which.
func (s *Service) ConfirmHandler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			http.Error(w, "GET is expected", http.StatusMethodNotAllowed)
			return
		}
		q := r.URL.Query()
		var err error
		var arn string
		switch action := q.Get("Action"); action {
		case "ConfirmSubscription":
			arn, err = s.confirm(r.Context(), q.Get("TopicArn"), q.Get("Token"), q.Get("AuthenticateOnUnsubscribe") == "true")
		case "Unsubscribe":
			err = s.unsubscribe(r.Context(), q.Get("SubscriptionArn"), false)
		default:
			err = dialect().UnsupportedOp("sns", action)
		}
		writeLinkAnswer(w, q.Get("Action"), arn, err)
	})
}

type linkAnswer struct {
	XMLName   xml.Name
	Namespace string `xml:"xmlns,attr"`
	Result    *linkResult
	Error     *linkError `xml:"Error"`
	Request   string     `xml:"ResponseMetadata>RequestId"`
}

type linkResult struct {
	XMLName xml.Name
	Arn     string `xml:"SubscriptionArn"`
}

type linkError struct{ Type, Code, Message string }

const namespace = "http://sns.amazonaws.com/doc/2010-03-31/"

func writeLinkAnswer(w http.ResponseWriter, action, arn string, err error) {
	a := linkAnswer{XMLName: xml.Name{Local: action + "Response"}, Namespace: namespace, Request: id.UUID()}
	status := http.StatusOK
	if err != nil {
		var e *api.Error
		if !errors.As(err, &e) {
			e = &api.Error{Code: "InternalFailure", Message: "The request could not be carried out.", Status: 500}
		}
		a.XMLName.Local, a.Error = "ErrorResponse", &linkError{"Sender", e.Code, e.Message}
		if status = e.Status; status == 0 {
			status = http.StatusBadRequest
		}
	} else if action == "ConfirmSubscription" {
		a.Result = &linkResult{xml.Name{Local: action + "Result"}, arn}
	}
	text, err := xml.Marshal(a)
	if err != nil {
		http.Error(w, "encode answer", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(status)
	w.Write(text)
}

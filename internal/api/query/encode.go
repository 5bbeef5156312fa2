package query

import (
	"reflect"

	"penstock/internal/api/shapes"
	"penstock/internal/api/xmlbody"
)

// Append appends the XML answer of an operation. A nil t is an operation without output.
func Append(b []byte, svc *shapes.Service, op *shapes.Op, t *shapes.Type, v reflect.Value, requestID string) ([]byte, error) {
	b = append(append(b, '<'), op.Name...)
	b = append(append(b, `Response xmlns="`...), namespace(svc)...)
	b = append(b, `">`...)
	wrapper := op.ResultWrapper
	if t != nil && op.Output != nil {
		if wrapper == "" {
			wrapper = op.Name + "Result"
		}
		var err error
		if b, err = xmlbody.AppendElement(b, wrapper, shapes.Namespace{}, t, v, nil); err != nil {
			return nil, err
		}
	}
	b = append(b, "<ResponseMetadata><RequestId>"...)
	b = xmlbody.AppendText(b, requestID)
	b = append(b, "</RequestId></ResponseMetadata></"...)
	b = append(append(b, op.Name...), "Response>\n"...)
	return b, nil
}

func namespace(svc *shapes.Service) string {
	if svc.XMLNamespace != "" {
		return svc.XMLNamespace
	}
	return "https://" + svc.Name + ".amazonaws.com/doc/" + svc.Version + "/"
}

// AppendError appends an error answer. members, when t is not nil, is the exception whose further members are written.
func AppendError(b []byte, svc *shapes.Service, code, message string, sender bool, requestID string, t *shapes.Type,
	members reflect.Value) ([]byte, error) {
	b = append(append(b, `<ErrorResponse xmlns="`...), namespace(svc)...)
	b = append(b, `"><Error><Type>`...)
	if sender {
		b = append(b, "Sender"...)
	} else {
		b = append(b, "Receiver"...)
	}
	b = append(b, "</Type><Code>"...)
	b = xmlbody.AppendText(b, code)
	b = append(b, "</Code>"...)
	if message != "" {
		b = append(b, "<Message>"...)
		b = xmlbody.AppendText(b, message)
		b = append(b, "</Message>"...)
	}
	if t != nil {
		var err error
		b, err = xmlbody.AppendMembers(b, t, members, func(f *shapes.Field) bool { return f.Name != "Message" && f.Ref.Location == "" })
		if err != nil {
			return nil, err
		}
	}
	b = append(b, "</Error><RequestId>"...)
	b = xmlbody.AppendText(b, requestID)
	return append(b, "</RequestId></ErrorResponse>\n"...), nil
}

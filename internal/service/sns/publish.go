package sns

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"

	"penstock/internal/id"
	"penstock/internal/meta"
)

const (
	maxMessage = 256 << 10 // bytes, attributes included
	maxSubject = 100       // characters
)

// Publish puts a message on the queue of each confirmed subscription of a topic; it is durable when the call answers.
func (s *Service) Publish(ctx context.Context, in *sns.PublishInput) (*sns.PublishOutput, error) {
	topic := aws.ToString(in.TopicArn)
	if topic == "" {
		topic = aws.ToString(in.TargetArn)
	}
	if topic == "" {
		return nil, invalid("TopicArn or TargetArn Reason: no value for required parameter")
	}
	texts, err := textsOf(in)
	if err != nil {
		return nil, err
	}
	attrs, err := attributes(in.MessageAttributes)
	if err != nil {
		return nil, err
	}
	m := message{Type: "Notification", ID: id.UUID(), Topic: topic, Subject: aws.ToString(in.Subject), Attributes: attrs, Time: s.Clock.Now()}
	err = s.Meta.Update(ctx, func(tx *meta.Tx) error {
		if _, err := topicTx(tx, topic); err != nil {
			return err
		}
		subs, err := confirmedTx(tx, topic)
		if err != nil {
			return err
		}
		for _, b := range subs {
			m.Subscription, m.Endpoint, m.Raw, m.Text = b.arn, b.endpoint, b.attrs["RawMessageDelivery"] == "true", texts(b.protocol)
			if err := s.enqueue(tx, m); err != nil {
				return err
			}
		}
		return nil
	})
	return &sns.PublishOutput{MessageId: aws.String(m.ID)}, err
}

func confirmedTx(tx *meta.Tx, topic string) ([]subscription, error) {
	rows, err := tx.Query(subColumns+` WHERE topic = ? AND confirmed = 1 ORDER BY created`, topic)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []subscription
	for rows.Next() {
		b, err := readSub(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, rows.Err()
}

// textsOf checks subject and message and gives the text for a protocol, which differs only with MessageStructure json.
func textsOf(in *sns.PublishInput) (func(protocol string) string, error) {
	text, subject := aws.ToString(in.Message), aws.ToString(in.Subject)
	switch {
	case text == "":
		return nil, invalid("Empty message")
	case len(text) > maxMessage:
		return nil, invalid("Message too long")
	case !utf8.ValidString(text):
		return nil, invalid("Message must be UTF-8 text")
	case utf8.RuneCountInString(subject) > maxSubject || in.Subject != nil && subject == "":
		return nil, invalid("Subject")
	}
	for _, r := range subject {
		if r < ' ' || r == 0x7f {
			return nil, invalid("Subject")
		}
	}
	switch aws.ToString(in.MessageStructure) {
	case "":
		return func(string) string { return text }, nil
	case "json":
	default:
		return nil, invalid("MessageStructure")
	}
	var byProtocol map[string]any
	if err := json.Unmarshal([]byte(text), &byProtocol); err != nil {
		return nil, invalid("Message Structure - JSON message body failed to parse")
	}
	usual, ok := byProtocol["default"].(string)
	if !ok {
		return nil, invalid("Message Structure - No default entry in JSON message body")
	}
	return func(protocol string) string {
		if t, ok := byProtocol[protocol].(string); ok {
			return t
		}
		return usual
	}, nil
}

// attribute is a message attribute as subscribers see it.
type attribute struct{ Type, Value string }

func attributes(in map[string]types.MessageAttributeValue) (map[string]attribute, error) {
	if len(in) == 0 {
		return nil, nil
	}
	out := map[string]attribute{}
	for name, v := range in {
		switch {
		case aws.ToString(v.DataType) == "":
			return nil, invalid("The message attribute '%s' must contain non-empty message attribute type.", name)
		case v.StringValue != nil && *v.StringValue != "":
			out[name] = attribute{*v.DataType, *v.StringValue}
		case len(v.BinaryValue) > 0:
			out[name] = attribute{*v.DataType, base64.StdEncoding.EncodeToString(v.BinaryValue)}
		default:
			return nil, invalid("The message attribute '%s' must contain non-empty message attribute value for message attribute type '%s'.",
				name, *v.DataType)
		}
	}
	return out, nil
}

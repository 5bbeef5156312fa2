package cloudformation

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"penstock/internal/api"
	"penstock/internal/arn"
	"penstock/internal/id"
	"penstock/internal/meta"
	"penstock/internal/service/cloudformation/resource"
	"penstock/internal/service/cloudformation/template"
)

// content is what a stack is made of.
type content struct {
	Template   string
	Parameters map[string]string // as given
	Tags       map[string]string
	// Stored are the parameters of Parameter Store that the operation has found, by NAME or NAME:VERSION.
	Stored map[string]template.Stored `json:",omitempty"`
}

// record is a stack.
type record struct {
	ID, Name        string
	Status, Reason  string
	Created         time.Time
	Updated         time.Time // zero until the first update
	Deleted         time.Time
	Current         content // of the creation, or of the last update that was completed
	Capabilities    []string
	RoleARN         string
	DisableRollback bool
	Timeout         int32 // minutes that its creation may take; 0 is any number
	Protected       bool
	ChangeSet       string // that was executed last
	Outputs         []outputValue
	Op              *operation // what there is to do; nil when nothing
	Stuck           *operation `json:",omitempty"` // the update whose rollback has failed; ContinueUpdateRollback goes on with it
}

type outputValue struct{ Key, Value, Description, Export string }

// operation is work on a stack.
type operation struct {
	ID     string
	Kind   string // create, update, delete
	Phase  string // forward, rollback, cleanup; delete has only forward
	Target content
	OnFail string // ROLLBACK, DO_NOTHING, DELETE
	Token  string // ClientRequestToken
	Caller api.Principal
	Retain []string  // DeleteStack's RetainResources
	Skip   []string  `json:",omitempty"` // ContinueUpdateRollback's ResourcesToSkip
	Until  time.Time // a creation is to be through by then; zero is no limit
}

// resourceRow is a resource of a stack.
type resourceRow struct {
	Logical, Type, Physical string
	Name                    string // chosen before it is made
	Status, Reason          string
	Updated                 time.Time
	Props                   resource.Props // as they are; nil before it is made
	Attrs                   map[string]any
	Deps                    []string // logical ids that it depends on
	Policy                  string   // DeletionPolicy
	ReplacePolicy           string   `json:",omitempty"` // UpdateReplacePolicy
	// Replaces is the key of the row that the operation has set aside for this one; see replace.go.
	Replaces string `json:",omitempty"`

	Pending   resource.Props // what an operation is bringing it to
	Before    resource.Props // what it was before the operation under way
	Started   bool           // the operation that makes it may have been called
	CreatedBy string         // operation
	DoneBy    string         // the operation and phase that are through with it
	Metadata  string         // JSON
}

func (s *Service) stack(ctx context.Context, idOrName string) (st record, err error) {
	err = s.Meta.View(ctx, func(tx *meta.Tx) error {
		st, err = s.stackTx(tx, idOrName)
		return err
	})
	return st, err
}

// stackTx finds a stack of the region by its ARN, or a live one by its name.
func (s *Service) stackTx(tx *meta.Tx, idOrName string) (st record, err error) {
	var doc string
	err = tx.QueryRow(`SELECT doc FROM cfn_stacks WHERE region = ?1 AND (id = ?2 OR name = ?2 AND live = 1)`, s.Region, idOrName).Scan(&doc)
	if errors.Is(err, sql.ErrNoRows) {
		return st, noStack(idOrName)
	}
	if err != nil {
		return st, err
	}
	return st, unmarshal(doc, &st)
}

// elsewhere reports whether a stack is named by an ARN of another region or account.
func (s *Service) elsewhere(idOrName string) bool {
	a, err := arn.Parse(idOrName)
	return err == nil && (a.Region != s.Region || a.Account != s.Account)
}

func unmarshal(doc string, into any) error {
	if err := json.Unmarshal([]byte(doc), into); err != nil {
		return fmt.Errorf("stored document: %w", err)
	}
	return nil
}

func marshal(v any) (string, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("encode document: %w", err)
	}
	return string(b), nil
}

func (s *Service) saveStack(tx *meta.Tx, st *record) error {
	doc, err := marshal(st)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO cfn_stacks (region, id, name, live, busy, doc) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET live = excluded.live, busy = excluded.busy, doc = excluded.doc`,
		s.Region, st.ID, st.Name, st.Status != "DELETE_COMPLETE", st.Op != nil, doc)
	return err
}

func (s *Service) busyStacks(ctx context.Context) (ids []string, err error) {
	err = s.Meta.View(ctx, func(tx *meta.Tx) error {
		rows, err := tx.Query(`SELECT id FROM cfn_stacks WHERE region = ? AND busy = 1 ORDER BY seq LIMIT 1000`, s.Region)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id string
			if err := rows.Scan(&id); err != nil {
				return err
			}
			ids = append(ids, id)
		}
		return rows.Err()
	})
	return ids, err
}

func rowsTx(tx *meta.Tx, stack string) (map[string]*resourceRow, error) {
	rows, err := tx.Query(`SELECT doc FROM cfn_resources WHERE stack = ? ORDER BY logical`, stack)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]*resourceRow{}
	for rows.Next() {
		var doc string
		if err := rows.Scan(&doc); err != nil {
			return nil, err
		}
		r := &resourceRow{}
		if err := unmarshal(doc, r); err != nil {
			return nil, err
		}
		out[r.Logical] = r
	}
	return out, rows.Err()
}

func (s *Service) rows(ctx context.Context, stack string) (out map[string]*resourceRow, err error) {
	err = s.Meta.View(ctx, func(tx *meta.Tx) error {
		out, err = rowsTx(tx, stack)
		return err
	})
	return out, err
}

func saveRow(tx *meta.Tx, stack string, r *resourceRow) error {
	doc, err := marshal(r)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO cfn_resources (stack, logical, doc) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET doc = excluded.doc`, stack,
		r.Logical, doc)
	return err
}

// event is a line of a stack's history.
type event struct {
	ID, Logical, Physical, Type, Status, Reason, Token string
	Properties                                         string
	Time                                               time.Time
}

func addEvent(tx *meta.Tx, stack string, e event) error {
	if e.ID == "" {
		e.ID = id.UUID()
	}
	doc, err := marshal(e)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO cfn_events (stack, doc) VALUES (?, ?)`, stack, doc)
	return err
}

// stackType is the resource type that a stack itself has in its events.
const stackType = "AWS::CloudFormation::Stack"

// note sets the stack's status and writes its event, in a transaction.
func (s *Service) note(tx *meta.Tx, st *record, status, why string) error {
	token := ""
	if st.Op != nil {
		token = st.Op.Token
	}
	return s.write(tx, st, status, why, token)
}

// conclude is note at the end of an operation.
func (s *Service) conclude(tx *meta.Tx, st *record, status, why string) error {
	token := st.Op.Token
	st.Op = nil
	return s.write(tx, st, status, why, token)
}

func (s *Service) write(tx *meta.Tx, st *record, status, why, token string) error {
	st.Status, st.Reason = status, why
	if err := s.saveStack(tx, st); err != nil {
		return err
	}
	return addEvent(tx, st.ID, event{Logical: st.Name, Physical: st.ID, Type: stackType, Status: status, Reason: why, Token: token,
		Time: s.now()})
}

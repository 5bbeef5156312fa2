package warehouse

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"penstock/internal/child"
	"penstock/internal/child/warehouse/calls"
	"penstock/internal/child/warehouse/session"
	"penstock/internal/pgwire"
	"penstock/internal/sql/syntax"
)

// An execution is one Data API call that runs.
type execution struct {
	cancel   context.CancelCauseFunc
	canceled bool
	pid      int64
}

// quiet is the client of a Data API session: nobody reads notices.
type quiet struct{}

func (quiet) Notice(string, string, string) {}
func (quiet) Parameter(string, string)      {}
func (quiet) FloatDigits(int)               {}
func (quiet) Prepared(string) bool          { return false }
func (quiet) Deallocate(string) bool        { return false }
func (quiet) DeallocateAll()                {}
func (quiet) CloseCursor(string) bool       { return false }
func (quiet) CloseAll()                     {}

// serveExecute streams the events of an Execute. The call's end is the caller's to see: when it goes away, the statement is
// cancelled.
func (p *process) serveExecute(rw http.ResponseWriter, r *http.Request) {
	in := new(calls.Execute)
	if err := json.NewDecoder(r.Body).Decode(in); err != nil {
		child.WriteError(rw, fmt.Errorf("decode: %w", err))
		return
	}
	ctx, cancel := context.WithCancelCause(r.Context())
	defer cancel(nil)
	ex := p.enter(in.ID, cancel)
	defer p.leave(in.ID)
	s, err := session.Open(ctx, p.env, in.Database, in.User, ex.pid, quiet{})
	if err != nil {
		child.WriteError(rw, err)
		return
	}
	defer s.Close()
	rw.Header().Set("Content-Type", "application/x-ndjson")
	out := &events{enc: json.NewEncoder(rw), flush: http.NewResponseController(rw).Flush}
	e := &executor{p: p, in: in, s: s, ex: ex, out: out}
	if err := e.run(ctx); err != nil {
		p.log.Error("execute", "id", in.ID, "err", err)
	}
}

func (p *process) enter(id string, cancel context.CancelCauseFunc) *execution {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lastPID++
	ex := &execution{cancel: cancel, pid: p.lastPID}
	p.running[id] = ex
	return ex
}

func (p *process) leave(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.running, id)
}

func (p *process) cancel(_ context.Context, c *calls.Cancel) (*calls.CancelAnswer, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	ex := p.running[c.ID]
	if ex != nil {
		ex.canceled = true
		ex.cancel(nil)
	}
	return &calls.CancelAnswer{Running: ex != nil}, nil
}

// cancelPID interrupts a session, of a client or of the Data API, by its process id.
func (p *process) cancelPID(pid int64) bool {
	if pid <= 1<<30 {
		return p.server.Cancel(uint32(pid))
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, ex := range p.running {
		if ex.pid == pid {
			ex.canceled = true
			ex.cancel(nil)
			return true
		}
	}
	return false
}

func (p *process) wasCanceled(ex *execution) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return ex.canceled
}

// An executor runs the statements of one call.
type executor struct {
	p   *process
	in  *calls.Execute
	s   *session.Session
	ex  *execution
	out *events
}

func (e *executor) run(ctx context.Context) error {
	if e.in.Ledger && e.in.Together {
		e.s.SetLedger(e.in.ID)
	}
	for i, st := range e.in.SQLs {
		if e.in.Ledger && !e.in.Together {
			e.s.SetLedger(st.ID)
		}
		last := i == len(e.in.SQLs)-1
		ok, err := e.statement(ctx, i, st, last || !e.in.Together)
		if err != nil {
			return err
		}
		if !ok && e.in.Together {
			return nil
		}
	}
	return nil
}

// statement runs one SQL text, which must be one statement, and says how it ended. ends says that its transaction ends with it.
func (e *executor) statement(ctx context.Context, n int, st calls.Statement, ends bool) (ok bool, _ error) {
	began := e.p.env.Clock.Now()
	if err := e.out.send(calls.Event{N: n, Start: &calls.Start{PID: e.s.PID()}}); err != nil {
		return false, err
	}
	sink := &sink{out: e.out, n: n}
	res := calls.Result{PID: e.s.PID(), Rows: -1}
	err := e.one(ctx, st, sink, &res)
	if err == nil {
		err = sink.finish()
	}
	if err != nil || ends {
		if serr := e.s.Sync(ctx, err != nil); err == nil {
			err = serr
		}
	}
	res.Nanos, res.Bytes, res.QueryID = e.p.env.Clock.Now().Sub(began).Nanoseconds(), sink.bytes, e.s.LastQuery()
	res.Loaded = e.s.TakeLoaded()
	if err != nil {
		res.Canceled = e.p.wasCanceled(e.ex)
		res.Error, res.Code = describe(err)
		if res.Code == "XX000" {
			e.p.log.Error("a statement of the Data API failed", "id", st.ID, "err", err)
		}
	}
	return err == nil, e.out.send(calls.Event{N: n, End: &res})
}

// describe is an error as the Data API tells it.
func describe(err error) (text, code string) {
	var pe *pgwire.Error
	if !errors.As(err, &pe) {
		return "ERROR: Internal error: the log of the warehouse has the reason", "XX000"
	}
	text = "ERROR: " + pe.Message
	if pe.Position > 0 {
		text += "\n  Position: " + strconv.Itoa(pe.Position)
	}
	if pe.Detail != "" {
		text += "\n  Detail: " + pe.Detail
	}
	if pe.Hint != "" {
		text += "\n  Hint: " + pe.Hint
	}
	return text, pe.Code
}

func (e *executor) one(ctx context.Context, st calls.Statement, out *sink, res *calls.Result) error {
	texts, err := e.s.Split(st.SQL)
	if err != nil {
		return err
	}
	if len(texts) != 1 {
		return &pgwire.Error{Code: "42601",
			Message: fmt.Sprintf("expected one SQL statement, found %d: use BatchExecuteStatement for several", len(texts))}
	}
	p, err := e.s.Prepare(ctx, texts[0], nil)
	if err != nil {
		return err
	}
	defer p.Close()
	if err := refuseBlock(p.Tree()); err != nil {
		return err
	}
	args, err := namedArgs(p, st.Params)
	if err != nil {
		return err
	}
	portal, err := p.Bind(ctx, args)
	if err != nil {
		return err
	}
	defer portal.Close()
	out.describe(p.Columns())
	tag, _, err := portal.Next(ctx, out, 0)
	if err != nil {
		return err
	}
	res.HasResult, res.Rows = p.Columns() != nil, tagRows(tag)
	if tag == "COPY" {
		res.Rows = e.s.LastCopyCount()
	}
	return nil
}

// refuseBlock refuses transaction statements: a Data API call is its own transaction.
func refuseBlock(tree syntax.Statement) error {
	switch tree.(type) {
	case *syntax.Begin, *syntax.Commit, *syntax.Rollback:
		return &pgwire.Error{Code: "0A000",
			Message: "BEGIN, COMMIT and ROLLBACK are not supported in the Data API: the statements of a BatchExecuteStatement are one transaction"}
	}
	return nil
}

// namedArgs matches named parameters.
func namedArgs(p *session.Statement, given []calls.Param) ([]pgwire.Arg, error) {
	names := p.ParamNames()
	oids := p.Parameters()
	used := map[string]bool{}
	args := make([]pgwire.Arg, len(names))
	for i, name := range names {
		found := false
		for _, g := range given {
			if strings.EqualFold(g.Name, name) {
				args[i], found = pgwire.Arg{OID: oids[i], Text: g.Value}, true
				used[g.Name] = true
			}
		}
		if !found {
			return nil, &pgwire.Error{Code: "22023", Message: fmt.Sprintf("the parameter :%s has no value", name)}
		}
	}
	for _, g := range given {
		if !used[g.Name] {
			return nil, &pgwire.Error{Code: "22023", Message: fmt.Sprintf("the statement has no parameter :%s", g.Name)}
		}
	}
	return args, nil
}

// tagRows is the number at the end of a command tag, -1 when there is none.
func tagRows(tag string) int64 {
	f := strings.Fields(tag)
	if len(f) < 2 {
		return -1
	}
	n, err := strconv.ParseInt(f[len(f)-1], 10, 64)
	if err != nil {
		return -1
	}
	return n
}

package session

import (
	"context"
	"strings"

	"penstock/internal/child/warehouse/store"
)

// begin opens a transaction block. What the group did before becomes part of it, as in PostgreSQL.
func (s *Session) begin(context.Context) (*answer, error) {
	if s.explicit {
		s.client.Notice("WARNING", "25001", "there is already a transaction in progress")
		return &answer{tag: "BEGIN"}, nil
	}
	s.explicit = true
	s.tx()
	return &answer{tag: "BEGIN"}, nil
}

// commit ends the block; a failed one is rolled back.
func (s *Session) commit(ctx context.Context) (*answer, error) {
	if s.failed {
		return s.rollback(ctx)
	}
	if !s.explicit {
		s.client.Notice("WARNING", "25P01", "there is no transaction in progress")
	}
	return &answer{tag: "COMMIT"}, s.finish(ctx)
}

// finish commits what is open.
func (s *Session) finish(ctx context.Context) error {
	s.dropActive()
	s.explicit, s.failed = false, false
	if tx := s.h.Tx(); tx != nil {
		return tx.Commit(ctx, s.env.Clock.Now())
	}
	return nil
}

func (s *Session) rollback(ctx context.Context) (*answer, error) {
	if !s.explicit {
		s.client.Notice("WARNING", "25P01", "there is no transaction in progress")
	}
	s.dropActive()
	s.explicit, s.failed = false, false
	if tx := s.h.Tx(); tx != nil {
		return &answer{tag: "ROLLBACK"}, tx.Rollback(ctx)
	}
	return &answer{tag: "ROLLBACK"}, nil
}

// lock takes a table's write lock; a temporary table has only one writer.
func (s *Session) lock(ctx context.Context, tx *store.Tx, schema, table string, temp bool) error {
	if temp {
		return nil
	}
	return tx.Lock(ctx, strings.Join([]string{schema, table}, "."))
}

// outside refuses a statement that cannot run inside a transaction block.
func (s *Session) outside(what string) error {
	if s.explicit {
		return failure("25001", "%s cannot run inside a transaction block", what)
	}
	return nil
}

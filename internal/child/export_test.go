package child

// Abandon closes the parent's ends as its death would.
func Abandon(c *Child) { closeConns(c.conns) }

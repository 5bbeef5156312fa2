package child

// Abandon closes the parent's ends as its death would.
func Abandon(c *Child) {
	closeConns(c.conns)
	if c.group != nil {
		c.group.life.Close()
	}
}

// SplitLine is splitLine.
var SplitLine = splitLine

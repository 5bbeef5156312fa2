package syntax

// Kind says what sort of mistake an Error is: a server answers it as a code, and nothing is read from the words of the message.
type Kind int

// The kinds of mistakes. The zero value is a mistake of grammar.
const (
	Grammar         Kind = iota
	Unsupported          // it is part of the language, or might be, and is not done here
	NoRelation           // a table, view or alias that is not there
	NoColumn             // a column that is not there
	NoFunction           // no function or operator of that name takes such arguments
	NoType               // a type that is not there
	NoPosition           // ORDER BY 7, GROUP BY 7, or what the select list does not have
	NoParameter          // a parameter number out of range
	NoCast               // no conversion leads from one type to the other
	Ambiguous            // a column that several relations have
	DuplicateColumn      // a column named twice
	DuplicateAlias       // a table of FROM named twice
	Mismatch             // a value of the wrong type
	Grouping             // an aggregate, or a column outside of GROUP BY, where none may stand
	Windowing            // a window function where none may stand
	BadValue             // a text that is no value of its type
	BadArgument          // a value that a function does not take
	OutOfRange           // a number too large for its type
	TimeRange            // a date or time that is beyond its type, or is not in the calendar
	TooLong              // a text too long for its type
	TooComplex           // nested or chained beyond the limits
)

package themes

// Theme says how every role looks on one terminal.
type Theme struct{}

package ui

// The actions that the shell and the widgets know. A view names its own.
const (
	Up       Action = "up"
	Down     Action = "down"
	Top      Action = "top"
	Bottom   Action = "bottom"
	PageUp   Action = "page-up"
	PageDown Action = "page-down"
	HalfUp   Action = "half-up"
	HalfDown Action = "half-down"
	Left     Action = "left"
	Right    Action = "right"

	Mark      Action = "mark"
	MarkRange Action = "mark-range"
	MarkNone  Action = "mark-none"

	NextMatch     Action = "next-match"
	PreviousMatch Action = "previous-match"

	GoBack    Action = "back"
	GoQuit    Action = "quit"
	GoHelp    Action = "help"
	GoPalette Action = "palette"
	GoSuspend Action = "suspend"
	GoRedraw  Action = "redraw"
)

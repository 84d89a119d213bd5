package ui

// Tabs draws a row of names with the current one marked.
func Tabs(f Frame, names []string, current int) string { return "" }

// TabAt is the tab at cell x of what Tabs draws, or -1.
func TabAt(f Frame, names []string, current, x int) int { return -1 }

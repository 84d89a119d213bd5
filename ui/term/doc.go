// Package term is the terminal below the shell: it turns pictures into the bytes
// that change what is shown, and input into events.
//
//	Picture ──> Renderer ──bytes──> Terminal.Write ──> output ──> the terminal
//	events  <── Terminal.Listen <── sequenceReader <── the terminal
//
// It does not know what a picture means, and decides neither what is drawn nor
// when.
package term

// Package console is the one way by which text that is not a screen gets to standard
// output and standard error. Arguments, names in archives and errors of libraries may
// hold what a terminal obeys; nothing of that passes.
package console

import (
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// Out is where text goes. As an io.Writer it cleans what is written, as text of many
// lines; tabs stay, for they divide what a shell completes from what that is. One
// goroutine may use it.
type Out struct{ to io.Writer }

// Stdout and Stderr are the program's own.
var (
	Stdout = New(os.Stdout)
	Stderr = New(os.Stderr)
)

// New returns the Out that leads to a writer; one that is an Out is returned as it is.
func New(to io.Writer) Out {
	if out, ok := to.(Out); ok {
		return out
	}
	return Out{to}
}

// Write implements io.Writer. A text is to be written as a whole: a character that
// comes in two parts is lost.
func (o Out) Write(text []byte) (int, error) {
	parts := strings.Split(string(text), "\t")
	for i, part := range parts {
		parts[i] = kinds.CleanText(part)
	}
	if _, err := io.WriteString(o.to, strings.Join(parts, "\t")); err != nil {
		return 0, err
	}
	return len(text), nil
}

// Line writes one line, whatever line ends the text has.
func (o Out) Line(text string) error {
	_, err := io.WriteString(o.to, kinds.Clean(text)+"\n")
	return err
}

// Linef writes one line.
func (o Out) Linef(format string, args ...any) error { return o.Line(fmt.Sprintf(format, args...)) }

// Redraw writes over the line that the cursor is in, and does not end it; "" clears it.
// Errors do not matter: it is progress.
func (o Out) Redraw(text string) { _, _ = io.WriteString(o.to, "\r"+kinds.Clean(text)+"\x1b[K") }

// Whole writes bytes as they are: objects in a pipe, which have to stay what they are.
func (o Out) Whole(data []byte) error {
	_, err := o.to.Write(data)
	return err
}

// IsTerminal reports whether it leads to a terminal.
func (o Out) IsTerminal() bool {
	file, ok := o.to.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

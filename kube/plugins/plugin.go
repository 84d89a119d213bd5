// Package plugins runs programs of the user's for objects. One that says it only reads gets a
// kubeconfig whose server is a proxy in this process; all others get the user's own, in write mode,
// and are in the journal. It does not know who asks, or where a program's output is shown.
package plugins

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// Plugin is a program that a user has given a name.
type Plugin struct {
	Name     string
	Key      string   // "" for none
	Help     string   // what it does; "" is its command
	Kinds    []string // what it is for, as people name kinds; empty is every kind
	Command  []Argument
	Terminal bool // it has the terminal while it runs; otherwise its output is kept
	Reads    bool // it only reads, and may run in a read-only session
}

// Argument is a word of a command, with variables in it.
type Argument []part

// part is text, or a variable that stands for text.
type part struct {
	text     string // "" for a variable
	variable string
	column   string // of the variable COL
}

// Variables are the names that may stand after a dollar, in the order of the documentation.
var Variables = []string{
	"NAME", "NAMESPACE", "KIND", "RESOURCE", "GROUP", "VERSION", "CONTAINER", "CONTEXT", "CLUSTER", "USER",
	"KUBECONFIG",
}

// columnVariable is that of a cell, with the column in braces: $COL{IP}.
const columnVariable = "COL"

// ParseArgument reads a word: $NAME, ${NAME}, $COL{IP}, and $$ for a dollar.
func ParseArgument(word string) (Argument, error) {
	var out Argument
	text := ""
	for word != "" {
		before, rest, found := strings.Cut(word, "$")
		text += before
		switch {
		case !found:
			word = ""
			continue
		case strings.HasPrefix(rest, "$"):
			text, word = text+"$", rest[1:]
			continue
		}
		if text != "" {
			out = append(out, part{text: text})
			text = ""
		}
		p, after, err := parseVariable(rest)
		if err != nil {
			return nil, err
		}
		out, word = append(out, p), after
	}
	if text != "" || out == nil {
		out = append(out, part{text: text})
	}
	return out, nil
}

// parseVariable reads what stands after a dollar.
func parseVariable(text string) (p part, rest string, err error) {
	braced := strings.HasPrefix(text, "{")
	text = strings.TrimPrefix(text, "{")
	n := strings.IndexFunc(text, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	})
	if n < 0 {
		n = len(text)
	}
	name, rest := text[:n], text[n:]
	switch {
	case !braced && name == columnVariable && strings.HasPrefix(rest, "{"):
		column, after, closed := strings.Cut(rest[1:], "}")
		if !closed || column == "" {
			return p, "", fmt.Errorf("$%s{ needs the name of a column and }", columnVariable)
		}
		return part{variable: name, column: strings.ToUpper(column)}, after, nil
	case braced && !strings.HasPrefix(rest, "}"):
		return p, "", fmt.Errorf("${%s is not closed", name)
	case name == "":
		return p, "", fmt.Errorf("a dollar stands before a variable; write $$ for a dollar")
	case !slices.Contains(Variables, name):
		return p, "", fmt.Errorf("unknown variable $%s; there are $%s and $%s{COLUMN}; write $$ for a dollar",
			name, strings.Join(Variables, ", $"), columnVariable)
	}
	if braced {
		rest = rest[1:]
	}
	return part{variable: name}, rest, nil
}

// fixed reports whether an argument has no variable.
func (a Argument) fixed() bool {
	return !slices.ContainsFunc(a, func(p part) bool { return p.variable != "" })
}

// shells are programs that run one of their arguments, with the options before it. Those without options run
// all that follows them: they give it to a shell, joined.
var shells = []struct {
	names   []string
	options []string
	all     bool // all arguments after the option are the script
}{
	{[]string{"watch", "viddy", "ssh", "su", "eval"}, nil, true},
	{[]string{"sh", "bash", "dash", "zsh", "ksh", "ash", "fish", "busybox", "python", "python3"}, []string{"c"}, false},
	{[]string{"perl", "ruby", "node"}, []string{"e", "E", "p"}, false},
	{[]string{"pwsh", "powershell"}, []string{"c", "command"}, true},
	{[]string{"cmd"}, []string{"/c", "/k"}, true},
}

// Check says what is wrong with a plugin, before anything is known about an object.
func (p Plugin) Check() error {
	switch {
	case len(p.Command) == 0 || len(p.Command[0]) == 1 && p.Command[0][0] == part{}:
		return fmt.Errorf("a command is missing, such as [kubectl, get, $RESOURCE, $NAME]")
	case !p.Command[0].fixed():
		return fmt.Errorf("the program cannot be a variable")
	case !p.Reads && p.uses("KUBECONFIG") && !p.uses("CONTEXT"):
		return fmt.Errorf("give it $CONTEXT as well as $KUBECONFIG, which may have another current context")
	}
	for i, a := range p.Command {
		if variable := a.variable(); variable != "" && p.isScript(i) {
			return fmt.Errorf("%s in a script would be read as a part of it; "+
				"give it as an argument: [sh, -c, 'echo \"$$1\"', sh, %s]", variable, variable)
		}
	}
	return nil
}

// variable is the first variable of an argument, as it is written; "" for none.
func (a Argument) variable() string {
	for _, p := range a {
		if p.column != "" {
			return "$" + p.variable + "{" + p.column + "}"
		}
		if p.variable != "" {
			return "$" + p.variable
		}
	}
	return ""
}

// isScript reports whether a shell runs an argument, wherever the shell stands: env and kubectl
// exec have it behind them.
func (p Plugin) isScript(at int) bool {
	for i, program := range p.Command[:at] {
		name := strings.TrimSuffix(strings.ToLower(filepath.Base(program.plain())), ".exe")
		for _, shell := range shells {
			if !slices.Contains(shell.names, name) {
				continue
			}
			if shell.options == nil {
				return true
			}
			after := slices.IndexFunc(p.Command[i+1:at], func(a Argument) bool { return a.means(shell.options) })
			if after < 0 {
				continue
			}
			between := p.Command[i+1+after+1 : at]
			if shell.all || !slices.ContainsFunc(between, func(a Argument) bool { return !a.isOption() }) {
				return true
			}
		}
	}
	return false
}

// HasScript reports whether a shell runs one of the arguments.
func (p Plugin) HasScript() bool {
	for i := range p.Command {
		if p.isScript(i) {
			return true
		}
	}
	return false
}

// isOption reports whether an argument is an option of a shell.
func (a Argument) isOption() bool {
	text := a.plain()
	return strings.HasPrefix(text, "-") || strings.HasPrefix(text, "+")
}

// means reports whether an argument is one of a few options: "-c", "-lc", "-Command", "/c".
func (a Argument) means(options []string) bool {
	text := a.plain()
	return slices.ContainsFunc(options, func(option string) bool {
		switch {
		case strings.HasPrefix(option, "/"):
			return strings.EqualFold(text, option)
		case len(option) > 1:
			return strings.EqualFold(text, "-"+option)
		}
		return len(text) > 1 && text[0] == '-' && text[1] != '-' && strings.Contains(text, option)
	})
}

// plain is the text of an argument without its variables.
func (a Argument) plain() string {
	var text strings.Builder
	for _, p := range a {
		text.WriteString(p.text)
	}
	return text.String()
}

// uses reports whether a variable stands anywhere in the command.
func (p Plugin) uses(variable string) bool {
	return slices.ContainsFunc(p.Command, func(a Argument) bool {
		return slices.ContainsFunc(a, func(p part) bool { return p.variable == variable })
	})
}

// NeedsContainer reports whether only a container has what the command names.
func (p Plugin) NeedsContainer() bool { return p.uses("CONTAINER") }

// Words says what a plugin does: its help, or its command as it is written. Clean.
func (p Plugin) Words() string {
	if p.Help != "" {
		return kinds.Clean(p.Help)
	}
	words := make([]string, len(p.Command))
	for i, a := range p.Command {
		for _, part := range a {
			if words[i] += part.text; part.variable != "" {
				words[i] += Argument{part}.variable()
			}
		}
	}
	return Line(words)
}

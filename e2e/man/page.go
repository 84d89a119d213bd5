package main

import (
	"fmt"
	"strings"
)

// help is what a command of cobra prints for --help: a text, then sections with a
// heading that ends in a colon.
type help struct {
	name     string
	text     string
	sections map[string][]string // lines by heading, such as "Flags"
}

func parse(name, text string) help {
	h := help{name: name, sections: map[string][]string{}}
	section := ""
	var description []string
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		switch heading, is := strings.CutSuffix(line, ":"); {
		case is && line != "" && line[0] != ' ' && heading == strings.TrimSpace(heading) && isHeading(heading):
			section = heading
		case section == "":
			description = append(description, line)
		case strings.HasPrefix(line, "Use \""):
			section = "" // cobra's last line names the help of the commands below
		default:
			h.sections[section] = append(h.sections[section], line)
		}
	}
	h.text = strings.TrimSpace(strings.Join(description, "\n"))
	return h
}

func isHeading(text string) bool {
	switch text {
	case "Usage", "Aliases", "Examples", "Available Commands", "Flags", "Global Flags":
		return true
	}
	return false
}

// commands are the names of the commands below, without cobra's own help.
func (h help) commands() []string {
	var names []string
	for _, line := range h.sections["Available Commands"] {
		if fields := strings.Fields(line); len(fields) > 0 && fields[0] != "help" {
			names = append(names, fields[0])
		}
	}
	return names
}

// escape returns text that troff shows as it is.
func escape(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text)
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		text = `\&` + text
	}
	return text
}

// verbatim is a block whose lines and columns stay as they are.
func verbatim(lines []string) string {
	var b strings.Builder
	b.WriteString(".nf\n")
	for _, line := range trim(lines) {
		b.WriteString(escape(line) + "\n")
	}
	b.WriteString(".fi\n")
	return b.String()
}

// trim drops the empty lines at both ends.
func trim(lines []string) []string {
	for len(lines) > 0 && strings.TrimSpace(lines[0]) == "" {
		lines = lines[1:]
	}
	for len(lines) > 0 && strings.TrimSpace(lines[len(lines)-1]) == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

func paragraphs(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		if line == "" {
			b.WriteString(".PP\n")
			continue
		}
		b.WriteString(escape(line) + "\n")
	}
	return b.String()
}

// page returns the whole manual page in man(7)'s macros.
func page(root help, commands []help) string {
	var b strings.Builder
	short, _, _ := strings.Cut(root.text, "\n") // The sentence may go on: man -k shows one line.
	short, _, _ = strings.Cut(strings.TrimSuffix(short, "."), ":")
	b.WriteString(".TH FATHOM 1\n.SH NAME\n")
	fmt.Fprintf(&b, "fathom \\- %s\n", escape(strings.TrimPrefix(short, "fathom ")))
	b.WriteString(".SH SYNOPSIS\n" + verbatim(root.sections["Usage"]))
	b.WriteString(".SH DESCRIPTION\n" + paragraphs(root.text))
	if lines := root.sections["Examples"]; lines != nil {
		b.WriteString(".SH EXAMPLES\n" + verbatim(lines))
	}
	b.WriteString(".SH OPTIONS\n" + verbatim(root.sections["Flags"]))
	b.WriteString(".SH COMMANDS\n")
	for _, command := range commands {
		fmt.Fprintf(&b, ".SS fathom %s\n", escape(command.name))
		b.WriteString(paragraphs(command.text))
		for _, section := range []string{"Usage", "Examples", "Flags"} {
			if lines := command.sections[section]; len(trim(lines)) > 0 {
				fmt.Fprintf(&b, ".PP\n.B %s\n%s", section, verbatim(lines))
			}
		}
	}
	b.WriteString(`.SH FILES
.TP
$XDG_CONFIG_HOME/fathom/config.yaml
the settings; fathom runs without it
.TP
$XDG_STATE_HOME/fathom
the last place in each context
.SH EXIT STATUS
0 on success, 1 when something failed, 2 for a wrong command line
`)
	return b.String()
}

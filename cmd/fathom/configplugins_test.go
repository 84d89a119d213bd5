package main

import (
	"strings"
	"testing"
)

func TestPluginsOfTheConfig(t *testing.T) {
	const echo = "command: [echo]"
	for _, tt := range []struct{ name, text, problem string }{
		{"the least", "plugins: {a: {" + echo + "}}", ""},
		{"all keys", "plugins: {a: {key: f9, help: h, kinds: [pods], command: [a, $NAME], output: terminal, reads: true}}", ""},
		{"numbers are words", "plugins: {a: {command: [sleep, 5, true]}}", ""},
		{"a key that its action gave away", "plugins: {a: {key: ctrl-l, " + echo + "}}\nkeys: {redraw: [f4]}", ""},
		{"one key for two kinds",
			"plugins: {a: {key: f9, kinds: [pods], " + echo + "}, b: {key: f9, kinds: [svc], " + echo + "}}", ""},

		{"a list", "plugins: [a]", "line 1: plugins are lines like"},
		{"a text", "plugins:\n  a: echo", "line 2: plugin a: give its command"},
		{"two words", "plugins: {a b: {" + echo + "}}", `plugin "a b": a name is one word`},
		{"like a flag", "plugins: {-a: {" + echo + "}}", "a name is one word"},
		{"twice", "plugins:\n  a: {" + echo + "}\n  A: {" + echo + "}", `line 3: plugin "A" is there twice`},
		{"no command", "plugins:\n  a: {help: x}", "line 2: plugin a: a command is missing"},
		{"an empty command", "plugins: {a: {command: []}}", "give a list of words, such as [kubectl"},
		{"a shell's line", "plugins: {a: {command: kubectl get pods}}", "give a list of words"},
		{"a word that is a list", "plugins:\n  a:\n    command:\n      - a\n      - [b]", "line 5: plugin a: give a list"},
		{"a word that is missing", "plugins: {a: {command: [a, null]}}", "give a list of words"},
		{"an unknown variable", "plugins:\n  a:\n    command:\n      - echo\n      - $POD",
			"line 5: plugin a: unknown variable $POD"},
		{"a value in a script", "plugins:\n  a: {command: [sh, -c, echo $NAME]}", "line 2: plugin a: $NAME in a script"},
		{"a variable for a program", "plugins: {a: {command: [$NAME]}}", "the program cannot be a variable"},
		{"an unknown key", "plugins:\n  a:\n    scopes: [po]", `line 3: plugin a: unknown key "scopes"; valid keys: command`},
		{"a misspelt key", "plugins: {a: {comand: [echo]}}", "did you mean command?"},
		{"an output", "plugins: {a: {output: less, " + echo + "}}", `output "less": give pager or terminal`},
		{"reads", "plugins: {a: {reads: maybe, " + echo + "}}", `reads "maybe": give true or false`},
		{"kinds", "plugins: {a: {kinds: pods, " + echo + "}}", "such as [deployments, statefulsets]"},
		{"no key", "plugins:\n  a: {key: k9, " + echo + "}", `line 2: plugin a: unknown key "k9"`},
		{"the key of an action", "plugins: {a: {key: ctrl+l, " + echo + "}}", `plugin a: ctrl+l is the key of "redraw"`},
		{"a hotkey", "hotkeys: {f9: pods}\nplugins: {a: {key: f9, " + echo + "}}", "plugin a: f9 is a hotkey"},
		{"the key of a plugin",
			"plugins:\n  a: {key: f9, kinds: [po], " + echo + "}\n  b: {key: f9, kinds: [svc, Pod], " + echo + "}",
			"line 3: plugin b: f9 is the key of plugin a"},
		{"a key for all kinds", "plugins: {a: {key: f9, kinds: [po], " + echo + "}, b: {key: f9, " + echo + "}}",
			"f9 is the key of plugin a"},
	} {
		_, err := parseConfig([]byte(tt.text + "\n"))
		if (err == nil) != (tt.problem == "") || err != nil && !strings.Contains(err.Error(), tt.problem) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.problem)
		}
		if err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %q is not one line", tt.name, err)
		}
	}
}

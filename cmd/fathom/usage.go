package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/fathom-k8s/fathom/cmd/fathom/env"
	"github.com/fathom-k8s/fathom/ui"
	"github.com/fathom-k8s/fathom/views"
)

// usageError is an error that the user can fix on the command line.
type usageError struct{ cause error }

func (e usageError) Error() string { return e.cause.Error() }
func (e usageError) Unwrap() error { return e.cause }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// isUsage reports whether an error is one of the command line.
func isUsage(err error) bool {
	_, is := errors.AsType[usageError](err)
	return is
}

// takesArgs refuses more or fewer arguments than a command takes; what names those.
func takesArgs(least, most int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		command := ""
		if cmd.HasParent() {
			command = cmd.Name() + ": "
		}
		switch {
		case len(args) < least:
			return usagef("%sgive %s; see --help", command, what)
		case len(args) > most && most == 0:
			return usagef("%stakes no arguments, but was given %q; see --help", command, args[0])
		case len(args) > most:
			return usagef("%sgive %s, not %d arguments; see --help", command, what, len(args))
		}
		return nil
	}
}

// flagError says what a flag's value should be, not how parsing it went.
func flagError(cmd *cobra.Command, err error) error {
	wrong, ok := errors.AsType[*pflag.InvalidValueError](err)
	if unknown, is := errors.AsType[*pflag.NotExistError](err); is {
		return usagef("%w; %s", err, nearestFlag(cmd, unknown.GetSpecifiedName()))
	}
	if !ok {
		return usagef("%w; see --help", err)
	}
	wants := map[string]string{
		"bool":     "true or false",
		"duration": "a duration such as 30s or 5m",
		"int64":    "a number",
	}[wrong.GetFlag().Value.Type()]
	if wants == "" {
		return usagef("--%s: %w; see --help", wrong.GetFlag().Name, wrong.Unwrap())
	}
	return usagef("--%s %s: give %s", wrong.GetFlag().Name, wrong.GetValue(), wants)
}

// tabs are what has no word on the command line, only a key.
var tabs = []string{"changes", "describe", "events", "used-by", "yaml"}

// keyOfTab is the key of a tab, as the config has it. What is wrong with that is said when it is opened.
func keyOfTab(name string) string {
	action := ui.Action("tab-" + name)
	if c, _ := readConfig(env.ConfigFile()); len(c.Keys[action]) > 0 {
		return c.Keys[action][0]
	}
	for _, b := range views.Bindings() {
		if b.Action == action && len(b.Keys) > 0 {
			return b.Keys[0]
		}
	}
	return "its tab " + name
}

// rejectVerb suggests the fathom equivalent of kubectl get and describe, and of what is only a key.
func rejectVerb(_ *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	rest, then := strings.Join(args[1:], "/"), ""
	key := ""
	if slices.Contains(tabs, args[0]) {
		key = keyOfTab(args[0])
	}
	switch {
	case args[0] == "get":
	case args[0] == "changes" && rest == "":
		return usagef("changes are a screen: `fathom`, then :changes; those of an object are %s there", key)
	case key == "" || args[0] == "events" && !strings.Contains(rest, "/"): // It is a kind as well.
		return nil
	case rest == "":
		return usagef("%s needs an object: `fathom KIND/NAME`, then %s", args[0], key)
	default:
		then = ", then " + key
	}
	return usagef("no verb %q is needed; try `fathom %s`%s", args[0], cmp.Or(rest, "pods"), then)
}

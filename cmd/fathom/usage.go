package main

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
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

// tabKeys are the keys of what has no word on the command line.
var tabKeys = map[string]string{"changes": "h", "describe": "d", "events": "E", "used-by": "u", "yaml": "y"}

// rejectVerb suggests the fathom equivalent of kubectl get and describe, and of what is only a key.
func rejectVerb(_ *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	rest, then := strings.Join(args[1:], "/"), ""
	switch key := tabKeys[args[0]]; {
	case args[0] == "get":
	case args[0] == "changes" && rest == "":
		return usagef("changes are a screen: `fathom`, then :changes; those of an object are h there")
	case key == "" || args[0] == "events" && !strings.Contains(rest, "/"): // It is a kind as well.
		return nil
	case rest == "":
		return usagef("%s needs an object: `fathom KIND/NAME`, then %s", args[0], key)
	default:
		then = ", then " + key
	}
	return usagef("no verb %q is needed; try `fathom %s`%s", args[0], cmp.Or(rest, "pods"), then)
}

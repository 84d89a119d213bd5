package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	kubectlconfig "k8s.io/kubectl/pkg/config"
	"k8s.io/kubectl/pkg/kuberc"
)

// shared are the commands of kubectl that fathom has too, and their own options that both have.
// What kubectl gets is what fathom prints of a kind with --once.
var shared = map[string][]string{
	getWord:            {"output", "all-namespaces", "selector"},
	explainWord:        {"recursive"},
	topWord + " nodes": {},
	topWord + " pods":  {"containers", "all-namespaces"},
	"logs": {
		"all-containers", "all-namespaces", "container", "follow", "previous", "selector", "since", "since-time", "tail",
		"timestamps",
	},
}

// getWord is the command of kubectl that fathom has no word for.
const getWord = "get"

// printing are the options that apply only to --once.
var printing = []string{"output", "selector", "containers", "recursive"}

// sharedCommand is the name in shared of a command as kubectl takes it, "" for another.
func sharedCommand(words []string) string {
	name := strings.Join(words, " ")
	if len(words) == 2 && words[0] == topWord {
		for _, kind := range []string{"node", "pod"} {
			if words[1] == kind || words[1] == kind+"s" || words[1] == kind[:2] {
				name = topWord + " " + kind + "s"
			}
		}
	}
	if _, known := shared[name]; !known {
		return ""
	}
	return name
}

// optionArg returns an option of a command as an argument, or what is wrong with it.
func optionArg(root *cobra.Command, command string, o kubectlconfig.CommandOptionDefault) (arg, problem string) {
	flag := flagsOf(root, command).Lookup(o.Name)
	connection := pflag.NewFlagSet("", pflag.ContinueOnError)
	genericclioptions.NewConfigFlags(true).AddFlags(connection)
	if flag == nil || !slices.Contains(shared[command], o.Name) && connection.Lookup(o.Name) == nil {
		return "", "fathom has no --" + o.Name + " there"
	}
	var err error
	switch flag.Value.Type() {
	case "bool":
		_, err = strconv.ParseBool(o.Default)
	case "int64":
		_, err = strconv.ParseInt(o.Default, 0, 64)
	case "duration":
		_, err = time.ParseDuration(o.Default)
	}
	if err != nil || o.Name == "output" && !slices.Contains(outputs, o.Default) {
		return "", fmt.Sprintf("--%s cannot be %q here", o.Name, o.Default)
	}
	return "--" + o.Name + "=" + o.Default, ""
}

// flagsOf are the flags of fathom's command for one in shared.
func flagsOf(root *cobra.Command, command string) *pflag.FlagSet {
	if sub, _, err := root.Find(strings.Fields(command)); err == nil && sub.Name() == command {
		return sub.Flags()
	}
	return root.Flags()
}

// kubercArgs returns the arguments of a command line with what a kuberc file adds to them: what an
// alias stands for, or the defaults of a command that kubectl has too. As in kubectl, an alias has no
// defaults but its own. root is not executed. A file that cannot be read adds nothing here: readKuberc
// says why.
func kubercArgs(root *cobra.Command, args []string) ([]string, error) {
	sub, rest, err := root.Find(args)
	if err != nil || len(args) == 0 || strings.HasPrefix(args[0], cobra.ShellCompRequestCmd) ||
		sub != root && sub.Name() != "logs" {
		return args, nil
	}
	sub.FParseErrWhitelist.UnknownFlags = true // Those of what an alias stands for.
	_ = sub.ParseFlags(rest)
	typed := sub.Flags().Args()
	once, _ := sub.Flags().GetBool("once")
	if sub == root && len(typed) == 0 && !once {
		return args, nil
	}
	path, _ := sub.Flags().GetString("kuberc")
	preference := kubercCommands(path)
	if preference == nil {
		return args, nil
	}
	command := getWord
	switch {
	case sub != root:
		command = sub.Name()
	case len(typed) > 0 && isAlias(root, preference, typed[0]):
		return expandAlias(root, preference, args, typed[0], once)
	case judges(typed):
		return args, nil
	case isWord(typed):
		command = sharedCommand(typed[:min(len(typed), 2)])
		if typed[0] == explainWord {
			command = explainWord
		}
	}
	if command == "" || sub == root && !once {
		return args, nil
	}
	return append(defaultArgs(root, preference, sub, command), args...), nil
}

// defaultArgs are the options that a kuberc file gives to each use of a command, without those that
// were typed.
func defaultArgs(
	root *cobra.Command, from *kubectlconfig.Preference, sub *cobra.Command, command string,
) (args []string) {
	for _, d := range from.Defaults {
		if sharedCommand(strings.Fields(d.Command)) != command {
			continue
		}
		for _, o := range d.Options {
			if arg, _ := optionArg(root, command, o); arg != "" && !sub.Flags().Changed(o.Name) {
				args = append(args, arg)
			}
		}
	}
	return args
}

// isAlias reports whether a kuberc file has an alias of that name that is not a word of fathom's.
func isAlias(root *cobra.Command, from *kubectlconfig.Preference, name string) bool {
	sub, _, err := root.Find([]string{name})
	return err == nil && sub == root && !slices.Contains(words, name) &&
		slices.ContainsFunc(from.Aliases, func(a kubectlconfig.AliasOverride) bool {
			return a.Name == name && sharedCommand(strings.Fields(a.Command)) != ""
		})
}

// expandAlias puts what an alias stands for in its place.
func expandAlias(
	root *cobra.Command, from *kubectlconfig.Preference, args []string, name string, once bool,
) ([]string, error) {
	i := slices.IndexFunc(from.Aliases, func(a kubectlconfig.AliasOverride) bool { return a.Name == name })
	alias := from.Aliases[i]
	command := sharedCommand(strings.Fields(alias.Command))
	var out []string
	if command != getWord {
		out = strings.Fields(command)
	}
	for _, o := range alias.Options {
		shown := command != "logs" && !once // On a screen, where these mean nothing.
		if arg, _ := optionArg(root, command, o); arg != "" && (!shown || !slices.Contains(printing, o.Name)) {
			out = append(out, arg)
		}
	}
	if unknown := unknownFlag(root, command, alias); unknown != "" {
		return args, usagef("%s is an alias of the kuberc file with %s, which fathom does not have there", name, unknown)
	}
	at, flags := slices.Index(args, name), flagsOf(root, command)
	for at > 0 && takesValue(flags, args[at-1]) { // -n shop shop
		at += 1 + slices.Index(args[at+1:], name)
	}
	out = append(out, args[:at]...)
	out = append(out, alias.PrependArgs...)
	out = append(out, args[at+1:]...)
	return append(out, alias.AppendArgs...), nil
}

// takesValue reports whether an argument is a flag whose value is the next one.
func takesValue(flags *pflag.FlagSet, arg string) bool {
	var flag *pflag.Flag
	if long, is := strings.CutPrefix(arg, "--"); is {
		flag = flags.Lookup(long)
	} else if short, is := strings.CutPrefix(arg, "-"); is && len(short) == 1 {
		flag = flags.ShorthandLookup(short)
	}
	return flag != nil && flag.NoOptDefVal == ""
}

// unknownFlag is a flag among the arguments of an alias that fathom's command does not have; "" for
// none.
func unknownFlag(root *cobra.Command, command string, alias kubectlconfig.AliasOverride) string {
	flags := flagsOf(root, command)
	for _, arg := range slices.Concat(alias.PrependArgs, alias.AppendArgs) {
		long, isLong := strings.CutPrefix(arg, "--")
		short, isShort := strings.CutPrefix(arg, "-")
		long, _, _ = strings.Cut(long, "=")
		switch {
		case arg == "--":
			return ""
		case isLong && flags.Lookup(long) == nil:
			return "--" + long
		case !isLong && isShort && short != "" && flags.ShorthandLookup(short[:1]) == nil:
			return "-" + short[:1]
		}
	}
	return ""
}

// notUnderstood says what a kuberc file gives to commands that fathom has too, and it cannot take.
func notUnderstood(root *cobra.Command, from *kubectlconfig.Preference) (said []string) {
	check := func(what, command string, options []kubectlconfig.CommandOptionDefault) {
		for _, o := range options {
			if _, problem := optionArg(root, command, o); problem != "" {
				said = append(said, "kuberc: "+what+": "+problem)
			}
		}
	}
	for _, d := range from.Defaults {
		if command := sharedCommand(strings.Fields(d.Command)); command != "" {
			check("defaults of "+command, command, d.Options)
		}
	}
	for _, alias := range from.Aliases {
		command := sharedCommand(strings.Fields(alias.Command))
		if command == "" {
			continue
		}
		what := "alias " + alias.Name
		check(what, command, alias.Options)
		if unknown := unknownFlag(root, command, alias); unknown != "" {
			said = append(said, "kuberc: "+what+": fathom has no "+unknown+" there")
		}
		if !isAlias(root, from, alias.Name) {
			said = append(said, "kuberc: "+what+": fathom has a word of that name")
		}
	}
	return said
}

// kubercCommands reads a kuberc file for its aliases and defaults; nil where there is none to read.
func kubercCommands(path string) *kubectlconfig.Preference {
	if info, err := os.Stat(kubercFile(path)); isKubercOff() || err != nil || !info.Mode().IsRegular() {
		return nil // What a pipe holds can be read once, and readKuberc needs it.
	}
	defer awaitFile(kubercFile(path))()
	preference, err := kuberc.DefaultGetPreferences(path, io.Discard)
	if err != nil {
		return nil
	}
	return preference
}

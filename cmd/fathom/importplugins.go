package main

import (
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/fathom-k8s/fathom/kube/plugins"
)

// k9sPlugin is an entry of plugins.yaml.
type k9sPlugin struct {
	ShortCut    string      `yaml:"shortCut"`
	Description string      `yaml:"description"`
	Scopes      []string    `yaml:"scopes"`
	Command     string      `yaml:"command"`
	Args        []string    `yaml:"args"`
	Background  bool        `yaml:"background"`
	Confirm     bool        `yaml:"confirm"`
	Pipes       []string    `yaml:"pipes"`
	Inputs      []yaml.Node `yaml:"inputs"`
}

// plugin translates an entry of plugins.yaml. None says that it reads: k9s does not know that.
func (i *k9sImport) plugin(to *yaml.Node, file string, name, value *yaml.Node) {
	var from k9sPlugin
	key := strings.Join(strings.Fields(name.Value), "-")
	problem := ""
	switch err := value.Decode(&from); {
	case err != nil || from.Command == "":
		problem = "it has no command"
	case len(from.Pipes) > 0:
		problem = "pipes are not translated"
	case len(from.Inputs) > 0:
		problem = "inputs are not translated"
	}
	command := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
	for _, word := range append([]string{from.Command}, from.Args...) {
		text, unknown := k9sWord(word, from.inContainers())
		if unknown != "" && problem == "" {
			problem = unknown + " is not translated"
		}
		command.Content = append(command.Content, scalar(text))
	}
	if problem != "" {
		i.note(file, name.Line, "plugin %s: %s", name.Value, problem)
		return
	}
	entry := &yaml.Node{Kind: yaml.MappingNode}
	if from.Description != "" {
		entry.Content = append(entry.Content, mapping("help", scalar(from.Description))...)
	}
	if scopes := from.kinds(); len(scopes.Content) > 0 {
		entry.Content = append(entry.Content, mapping("kinds", scopes)...)
	}
	entry.Content = append(entry.Content, mapping("command", command)...)
	if !from.Background {
		entry.Content = append(entry.Content, mapping("output", scalar("terminal"))...)
	}
	if err := i.withPlugin(to, key, entry); err != nil {
		i.note(file, name.Line, "%s", withoutLine(err))
		return
	}
	if hasScript(command) {
		entry.Content[0].HeadComment = "review: it runs a shell script"
		i.note(file, name.Line, "plugin %s runs a shell script; review it", name.Value)
	}
	if from.ShortCut != "" {
		content := entry.Content
		entry.Content = append(mapping("key", scalar(strings.ToLower(from.ShortCut))), content...)
		if err := i.withPlugin(to, key, entry); err != nil {
			entry.Content = content
			i.note(file, name.Line, "it has no key: %s", withoutLine(err))
		}
	}
	to.Content = append(to.Content, mapping(key, entry)...)
}

// withPlugin reads the config as far as it is translated, with one plugin more: a key may be taken
// by what was translated before.
func (i *k9sImport) withPlugin(to *yaml.Node, key string, entry *yaml.Node) error {
	all := &yaml.Node{Kind: yaml.MappingNode, Content: append(slices.Clone(to.Content), mapping(key, entry)...)}
	whole := &yaml.Node{
		Kind: yaml.MappingNode, Content: append(slices.Clone(i.root.Content), mapping("plugins", all)...),
	}
	text, err := yaml.Marshal(whole)
	if err == nil {
		_, err = parseConfig(text)
	}
	return err
}

// withoutLine is an error without the line, which is one of a config that nobody has seen.
func withoutLine(err error) string {
	text := err.Error()
	if before, said, found := strings.Cut(text, ": "); found && strings.HasPrefix(before, "line ") {
		return said
	}
	return text
}

// hasScript reports whether a shell runs one of the words of a command.
func hasScript(command *yaml.Node) bool {
	var p plugins.Plugin
	for _, word := range command.Content {
		a, err := plugins.ParseArgument(word.Value)
		if err != nil {
			return false
		}
		p.Command = append(p.Command, a)
	}
	return p.HasScript()
}

// inContainers reports whether a plugin is for rows of containers, where k9s means their names.
func (p k9sPlugin) inContainers() bool {
	return len(p.Scopes) > 0 && !slices.ContainsFunc(p.Scopes, func(scope string) bool {
		return scope != "container" && scope != "containers" && scope != "co"
	})
}

// kinds are the scopes as kinds; empty for all of them.
func (p k9sPlugin) kinds() *yaml.Node {
	out := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
	for _, scope := range p.Scopes {
		switch {
		case scope == "all" || scope == "":
			out.Content = nil
			return out
		case p.inContainers():
			scope = "containers"
		}
		out.Content = append(out.Content, scalar(k9sResource(scope)))
	}
	return out
}

// k9sVariable is what k9s takes for one. What it does not know it leaves to a shell.
var k9sVariable = regexp.MustCompile(`\$(\{!?[\w-]+\}|!?COL-[\w/%-]+|!?\w+)?`)

// k9sVariables are those of k9s that have another name here.
var k9sVariables = map[string]string{
	"NAME": "NAME", "NAMESPACE": "NAMESPACE", "CONTEXT": "CONTEXT", "CLUSTER": "CLUSTER", "USER": "USER",
	"KUBECONFIG": "KUBECONFIG", "CONTAINER": "CONTAINER", "RESOURCE_GROUP": "GROUP", "RESOURCE_VERSION": "VERSION",
	"RESOURCE_NAME": "RESOURCE",
}

// k9sWord translates a word of a command; unknown is a variable that it cannot.
func k9sWord(word string, inContainers bool) (text, unknown string) {
	text = k9sVariable.ReplaceAllStringFunc(word, func(found string) string {
		name := strings.Trim(found[1:], "{}")
		ours, known := k9sVariables[name]
		column, isColumn := strings.CutPrefix(name, "COL-")
		switch {
		case strings.HasPrefix(name, "!"), slices.Contains([]string{"FILTER", "GROUPS"}, name),
			name == "POD" && !inContainers:
			unknown = found
			return found
		case isColumn:
			return "$COL{" + column + "}"
		case inContainers && name == "NAME":
			return "${CONTAINER}"
		case inContainers && name == "POD":
			return "${NAME}"
		case known:
			return "${" + ours + "}"
		}
		return "$" + found
	})
	return unbraced(text), unknown
}

// unbraced takes the braces from variables that end where they do.
func unbraced(text string) string {
	return regexp.MustCompile(`\$\{(\w+)\}(\W|$)`).ReplaceAllString(text, "$$$1$2")
}

package plugins

import (
	"fmt"
	"strings"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// Values are what the variables of a command stand for: those of one object in one cluster, as the
// cluster and the kubeconfig spell them.
type Values struct {
	Name, Namespace, Kind, Resource, Group, Version string
	Container                                       string // "" for what is not a container
	Context, Cluster, User                          string
	// Column returns the text of a cell; nil where there is no row.
	Column func(name string) (text string, ok bool)
}

// Argv returns the command with the values of an object. An argument stays one argument, whatever
// the values are.
func (p Plugin) Argv(v Values, kubeconfig string) ([]string, error) {
	out := make([]string, len(p.Command))
	for i, a := range p.Command {
		for _, part := range a {
			value := part.text
			if part.variable != "" {
				var err error
				if value, err = v.value(part, kubeconfig); err != nil {
					return nil, err
				}
			}
			out[i] += value
		}
		// The cluster chooses values, and must not choose options with them.
		if a[0].variable != "" && strings.HasPrefix(out[i], "-") {
			return nil, fmt.Errorf("%s is %q here, which would be read as an option",
				a.variable(), kinds.Clean(out[i]))
		}
		if strings.ContainsRune(out[i], 0) {
			return nil, fmt.Errorf("%s has a zero byte in it", a.variable())
		}
	}
	return out, nil
}

// value is what one variable stands for.
func (v Values) value(p part, kubeconfig string) (string, error) {
	switch p.variable {
	case columnVariable:
		if v.Column != nil {
			if text, ok := v.Column(p.column); ok {
				return text, nil
			}
		}
		return "", fmt.Errorf("no column %s here", kinds.Clean(p.column))
	case "CONTAINER":
		if v.Container == "" {
			return "", fmt.Errorf("$CONTAINER needs a container; :containers lists them")
		}
		return v.Container, nil
	}
	return map[string]string{
		"NAME": v.Name, "NAMESPACE": v.Namespace, "KIND": v.Kind, "RESOURCE": v.Resource, "GROUP": v.Group,
		"VERSION": v.Version, "CONTEXT": v.Context, "CLUSTER": v.Cluster, "USER": v.User, "KUBECONFIG": kubeconfig,
	}[p.variable], nil
}

// bare are the characters that need no quotes in a shell.
const bare = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=,@%+${}"

// Line is an argv on one line, for people: clean, and with quotes around what is not one word.
func Line(argv []string) string {
	words := make([]string, len(argv))
	for i, arg := range argv {
		words[i] = kinds.Clean(arg)
		if arg == "" || strings.Trim(words[i], bare) != "" {
			words[i] = "'" + strings.ReplaceAll(words[i], "'", `'\''`) + "'"
		}
	}
	return strings.Join(words, " ")
}

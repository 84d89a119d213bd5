package views

import (
	"strings"

	"github.com/fathom-k8s/fathom/kube/effects"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// commandKey copies what kubectl would do instead.
var commandKey = ui.Key{
	Action: actCommand, Keys: []string{"K"}, Help: "copy the kubectl command", Group: "Here", Footer: true,
}

// copyCommands copies kubectl's command lines for effects.
func copyCommands(all []effects.Effect) ui.Intent {
	var lines []string
	for _, e := range all {
		if line := e.Kubectl(); line != "" {
			lines = append(lines, line)
		}
	}
	if lines == nil {
		return ui.Say{Text: "kubectl has no command for this", Role: themes.Muted}
	}
	return ui.Copy{Text: strings.Join(lines, "\n"), What: "command"}
}

// copyCommand copies the command line for what is under the cursor.
func (v *menu) copyCommand() ui.Intent {
	switch then := v.walk.current().then.(type) {
	case offered:
		if then.offer.Ask != "" || then.offer.Choices != nil || then.offer.Name == "drain" {
			return ui.Say{Text: then.offer.Name + ": its review has the command", Role: themes.Muted}
		}
		var all []effects.Effect
		for _, t := range v.targets {
			if e, err := then.offer.Make(t, ""); err == nil {
				all = append(all, e)
			}
		}
		return copyCommands(all)
	case editTarget:
		return copyCommands([]effects.Effect{{Target: then.target, Command: []string{"edit", then.target.KubectlName()}}})
	case remoteBegin:
		return copyCommands([]effects.Effect{{Target: then.targets()[0], Command: then.command()}})
	}
	return ui.Say{Text: "kubectl has no command for this", Role: themes.Muted}
}

// command is kubectl's for a stream, from its verb on. What fathom would ask for stands in capitals.
func (b remoteBegin) command() []string {
	name := b.targets()[0].KubectlName()
	var in []string
	if b.subject.Container != "" {
		in = []string{"-c", b.subject.Container}
	}
	switch b.does.action {
	case actShell:
		return append(append([]string{"exec", "-it", name}, in...), "--", "sh")
	case actAttach:
		return append([]string{"attach", "-it", name}, in...)
	case actForward:
		return []string{"port-forward", name, "LOCAL:REMOTE"}
	case actCopyFiles:
		return append([]string{"cp", b.subject.Name + ":FROM", "TO"}, in...)
	}
	return []string{"debug", "-it", name, "--image=" + debugImage}
}

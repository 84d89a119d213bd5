package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"github.com/fathom-k8s/fathom/cmd/fathom/console"
	"github.com/fathom-k8s/fathom/cmd/fathom/env"
	"github.com/fathom-k8s/fathom/kube/kinds"
)

func importCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "import",
		Short: "Translate the config of another program",
		Args:  takesArgs(0, 0, "k9s after it"),
	}
	cmd.AddCommand(importK9sCommand())
	return cmd
}

func importK9sCommand() *cobra.Command {
	var dir, skin string
	var save bool
	cmd := &cobra.Command{
		Use:   "k9s",
		Short: "Translate the config of k9s: keys, aliases, hotkeys, columns, plugins and skins",
		Long: `import k9s reads aliases.yaml, hotkeys.yaml, views.yaml and plugins.yaml of k9s and prints
a config for fathom with the keys of k9s, its aliases, hotkeys, columns and plugins. What
cannot be translated is said on the standard error, a line each. Nothing of k9s is changed.

--save writes the config file, if there is none. --skin prints a skin of k9s as a theme instead;
with --save it is put among the themes, for --theme to find.`,
		Example: `  fathom import k9s
  fathom import k9s --save
  fathom import k9s --dir ~/dotfiles/k9s
  fathom import k9s --skin dracula --save`,
		Args:         takesArgs(0, 0, "--dir FOLDER"),
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if dir == "" {
				dir = k9sDir(os.Getenv)
			}
			if skin != "" {
				return importSkin(dir, skin, save, console.New(cmd.OutOrStdout()), console.New(cmd.ErrOrStderr()))
			}
			return importK9s(dir, save, console.New(cmd.OutOrStdout()), console.New(cmd.ErrOrStderr()))
		},
	}
	cmd.Flags().StringVar(&dir, "dir", "", "the folder of k9s's config, if it is not the usual one")
	cmd.Flags().StringVar(&skin, "skin", "", "print a skin, named or by its path, as a theme")
	cmd.Flags().BoolVar(&save, "save", false, "write the config file instead of printing it")
	return cmd
}

// k9sDir is where k9s keeps its config.
func k9sDir(getenv func(string) string) string {
	if dir := getenv("K9S_CONFIG_DIR"); dir != "" {
		return dir
	}
	home, _ := os.UserHomeDir()
	if dir := getenv("XDG_CONFIG_HOME"); dir != "" {
		return filepath.Join(dir, "k9s")
	}
	if runtime.GOOS == "darwin" {
		return filepath.Join(home, "Library", "Application Support", "k9s")
	}
	return filepath.Join(home, ".config", "k9s")
}

// hasK9s reports whether somebody has used k9s.
func hasK9s(dir string) bool {
	return slices.ContainsFunc([]string{"config.yaml", "aliases.yaml", "hotkeys.yaml"}, func(name string) bool {
		info, err := os.Stat(filepath.Join(dir, name))
		return err == nil && info.Mode().IsRegular()
	})
}

// importK9s prints, or saves, what a folder of k9s's says.
func importK9s(dir string, save bool, out, notes console.Out) error {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return fmt.Errorf("%s: no config of k9s is there; --dir names another folder", dir)
	}
	i := &k9sImport{dir: dir}
	text, err := i.translate()
	if err != nil {
		return err
	}
	for _, note := range i.notes {
		if err := notes.Line(note); err != nil {
			return err
		}
	}
	if !save {
		return out.Whole(text)
	}
	file := env.ConfigFile()
	if _, err := os.Lstat(file); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is there already; without --save what belongs into it is printed", file)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return err
	}
	return out.Line("wrote " + file)
}

// k9sImport translates the files of one folder.
type k9sImport struct {
	dir   string
	root  *yaml.Node // of the config, as far as it is translated
	notes []string
}

// note says what was not translated.
func (i *k9sImport) note(file string, line int, format string, args ...any) {
	i.notes = append(i.notes, kinds.Clean(fmt.Sprintf("%s:%d: ", file, line)+fmt.Sprintf(format, args...)))
}

// translate returns the config.
func (i *k9sImport) translate() ([]byte, error) {
	keys := mapping("keys", scalar("k9s"))
	root := &yaml.Node{Kind: yaml.MappingNode, Content: keys}
	i.root = root
	for _, part := range []struct {
		name, file, root string
		add              func(to *yaml.Node, file string, name, value *yaml.Node)
	}{
		{"aliases", "aliases.yaml", "aliases", i.alias},
		{"hotkeys", "hotkeys.yaml", "hotKeys", i.hotkey},
		{"columns", "views.yaml", "views", i.view},
		{"plugins", "plugins.yaml", "plugins", i.plugin},
	} {
		content, err := i.read(part.file, part.root)
		if err != nil {
			return nil, err
		}
		to := &yaml.Node{Kind: yaml.MappingNode}
		for at := 0; at+1 < len(content); at += 2 {
			part.add(to, part.file, content[at], content[at+1])
		}
		if len(to.Content) > 0 {
			root.Content = append(root.Content, mapping(part.name, to)...)
		}
	}
	i.rest()
	var text bytes.Buffer
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(2)
	if err := encoder.Encode(root); err != nil {
		return nil, err
	}
	return text.Bytes(), nil
}

// read returns what is under a key of a file; nothing of a file that is not there.
func (i *k9sImport) read(file, key string) ([]*yaml.Node, error) {
	data, err := os.ReadFile(filepath.Join(i.dir, file))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var document map[string]yaml.Node
	if err := yaml.Unmarshal(data, &document); err != nil {
		return nil, fmt.Errorf("%s: %s", filepath.Join(i.dir, file), oneLine(err.Error()))
	}
	node := document[key]
	if node.Kind != yaml.MappingNode {
		return nil, nil
	}
	return node.Content, nil
}

// rest says what is not read at all.
func (i *k9sImport) rest() {
	for _, other := range []struct{ file, why string }{
		{"plugins", "plugins in a folder are not translated; put them into plugins.yaml"},
		{"skins", "--skin NAME prints one as a theme"},
	} {
		if _, err := os.Stat(filepath.Join(i.dir, other.file)); err == nil {
			i.notes = append(i.notes, other.file+": "+other.why)
		}
	}
}

func scalar(text string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text}
}

func mapping(key string, value *yaml.Node) []*yaml.Node { return []*yaml.Node{scalar(key), value} }

// add adds a line to a part of the config, if that can be read with it.
func (i *k9sImport) add(to *yaml.Node, part, file string, line int, key string, value *yaml.Node) {
	one := &yaml.Node{Kind: yaml.MappingNode, Content: mapping(key, value)}
	whole := &yaml.Node{Kind: yaml.MappingNode, Content: append(mapping("keys", scalar("k9s")), mapping(part, one)...)}
	text, err := yaml.Marshal(whole)
	if err == nil {
		_, err = parseConfig(text)
	}
	for at := 0; at < len(to.Content) && err == nil; at += 2 {
		if strings.EqualFold(to.Content[at].Value, key) {
			err = fmt.Errorf("%q is there twice", key)
		}
	}
	if err != nil {
		_, said, _ := strings.Cut(err.Error(), ": ")
		i.note(file, line, "%s", cmp.Or(said, err.Error()))
		return
	}
	to.Content = append(to.Content, mapping(key, value)...)
}

// alias translates "dp: apps/v1/deployments".
func (i *k9sImport) alias(to *yaml.Node, file string, name, value *yaml.Node) {
	i.add(to, "aliases", file, name.Line, name.Value, scalar(k9sCommand(value.Value)))
}

// k9sCommand is a command of k9s in the palette. A resource may be named with its group and version.
func k9sCommand(text string) string {
	first, rest, more := strings.Cut(strings.TrimSpace(text), " ")
	if more {
		return k9sResource(first) + " " + rest
	}
	return k9sResource(first)
}

// k9sResource is the name of "apps/v1/deployments" or "v1/pods".
func k9sResource(name string) string {
	switch parts := strings.Split(name, "/"); len(parts) {
	case 3:
		if parts[0] == "" {
			return parts[2]
		}
		return parts[2] + "." + parts[0]
	case 2:
		return parts[1]
	}
	return name
}

// hotkey translates an entry of hotkeys.yaml.
func (i *k9sImport) hotkey(to *yaml.Node, file string, name, value *yaml.Node) {
	var from struct {
		ShortCut    string `yaml:"shortCut"`
		Description string `yaml:"description"`
		Command     string `yaml:"command"`
	}
	if err := value.Decode(&from); err != nil || from.ShortCut == "" || from.Command == "" {
		i.note(file, name.Line, "hotkey %s has no shortCut or no command", name.Value)
		return
	}
	where := scalar(k9sCommand(from.Command))
	if from.Description != "" {
		where = &yaml.Node{
			Kind: yaml.MappingNode, Style: yaml.FlowStyle,
			Content: append(mapping("go", where), mapping("help", scalar(from.Description))...),
		}
	}
	i.add(to, "hotkeys", file, name.Line, strings.ToLower(from.ShortCut), where)
}

// view translates the columns of a kind: "v1/pods@shop: {columns: [...]}".
func (i *k9sImport) view(to *yaml.Node, file string, name, value *yaml.Node) {
	var from struct {
		Columns []yaml.Node `yaml:"columns"`
		Sort    string      `yaml:"sortColumn"`
	}
	if err := value.Decode(&from); err != nil {
		i.note(file, name.Line, "%s has no list of columns", name.Value)
		return
	}
	if from.Sort != "" {
		i.note(file, name.Line, "sortColumn %s is not translated; `:save NAME` keeps a table with its sort", from.Sort)
	}
	resource, namespace, placed := strings.Cut(name.Value, "@")
	key := k9sResource(resource)
	if placed {
		key += " -n " + strings.ReplaceAll(namespace, ".*", "*")
	}
	list := &yaml.Node{Kind: yaml.SequenceNode}
	for at := range from.Columns {
		column, problem := k9sColumn(k9sResource(resource), from.Columns[at].Value)
		if problem == "" {
			trial := &yaml.Node{Kind: yaml.SequenceNode, Content: append(slices.Clone(list.Content), column)}
			problem = columnsProblem(key, trial)
		}
		if problem != "" {
			i.note(file, from.Columns[at].Line, "column %q: %s", from.Columns[at].Value, problem)
			continue
		}
		list.Content = append(list.Content, column)
	}
	if len(list.Content) > 0 { // k9s shows no others.
		list.Content = append(list.Content, scalar("-"+allColumns))
		i.add(to, "columns", file, name.Line, key, list)
	}
}

// columnsProblem says why a list cannot be the columns of a kind; "" if it can.
func columnsProblem(key string, list *yaml.Node) string {
	rule, err := readTarget(key)
	for _, entry := range list.Content {
		if err == nil {
			err = addColumn(&rule, entry)
		}
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

// k9sNames are columns of k9s that have another name here, or a path.
var k9sNames = map[string]struct{ name, path string }{
	"%CPU/R": {"CPU/R", ""}, "%CPU/L": {"CPU/L", ""}, "%MEM/R": {"MEM/R", ""}, "%MEM/L": {"MEM/L", ""},
	"RS": {"RESTARTS", ""}, "%CPU": {"CPU/A", ""}, "%MEM": {"MEM/A", ""},
	"QOS": {"QOS", ".status.qosClass"}, "SERVICE-ACCOUNT": {"SERVICE-ACCOUNT", ".spec.serviceAccountName"},
	"LABELS": {"LABELS", ".metadata.labels"}, "NODE-SELECTOR": {"NODE-SELECTOR", ".spec.nodeSelector"},
}

// k9sColumn translates "NAME", "ZONE:.metadata.labels.zone" and "ZONE:.metadata.labels.zone|WR".
func k9sColumn(kind, text string) (column *yaml.Node, problem string) {
	text, flags, _ := strings.Cut(text, "|")
	name, path, own := strings.Cut(text, ":")
	name = strings.TrimSpace(name)
	if known, ok := k9sNames[strings.ToUpper(name)]; ok && !own {
		name, path, own = known.name, known.path, known.path != ""
	}
	if k := kindNamed(kind); own && k != nil && hasColumn(k, strings.ToUpper(name)) {
		return nil, "the kind has a column of that name"
	}
	content := mapping("name", scalar(name))
	if own {
		content = append(content, mapping("path", scalar(strings.TrimSpace(path)))...)
	}
	for _, flag := range strings.ToUpper(flags) {
		key := map[rune]string{'W': "wide", 'H': "hidden", 'R': "right"}[flag]
		if key != "" {
			content = append(content, mapping(key, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: "true"})...)
		}
	}
	if len(content) == 2 {
		return scalar(name), ""
	}
	return &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle, Content: content}, ""
}

// k9sOffer is said once, to who has used k9s.
const k9sOffer = "`keys: k9s` in the config brings k9s's keys; see fathom import k9s --help"

// offerK9s returns what is said to who has used k9s and begins with fathom; "" otherwise.
func (p *program) offerK9s() string {
	told := filepath.Join(env.StateDir(), "k9s-offered")
	if _, err := os.Lstat(told); err == nil || p.config.Keys != nil || p.app.flags.once || !hasK9s(k9sDir(os.Getenv)) {
		return ""
	}
	if err := writeWhole(told, true); err != nil {
		return ""
	}
	return k9sOffer
}

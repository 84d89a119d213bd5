package dump

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/yaml"
)

// parse reads the text of one object. The error names the line in the text
// where that is known.
func parse(text []byte) (map[string]any, error) {
	object := map[string]any{}
	if trimmed := bytes.TrimSpace(text); len(trimmed) > 0 && trimmed[0] == '{' {
		err := utiljson.Unmarshal(text, &object)
		if err == nil {
			return object, nil
		}
		if bytes.HasPrefix(bytes.TrimLeft(trimmed[1:], " \t\r\n"), []byte(`"`)) {
			return nil, inJSON(text, err)
		}
	}
	return parseAny(text)
}

// parseAny reads YAML of any style.
func parseAny(text []byte) (map[string]any, error) {
	object := map[string]any{}
	text, err := yaml.YAMLToJSON(text)
	if err != nil {
		return nil, inYAML(err)
	}
	if trimmed := bytes.TrimSpace(text); len(trimmed) == 0 || string(trimmed) == "null" {
		return nil, nil
	} else if trimmed[0] != '{' {
		return nil, errNoObject
	}
	err = utiljson.Unmarshal(text, &object)
	return object, err
}

// errNoObject is returned for a text that does not look like Kubernetes.
var errNoObject = errors.New("not a Kubernetes object: apiVersion and kind are missing")

// lineError is an error at a line of a piece.
type lineError struct {
	line int
	err  error
}

func (e lineError) Error() string { return e.err.Error() }
func (e lineError) Unwrap() error { return e.err }

// inJSON finds the line of an error.
func inJSON(text []byte, err error) error {
	var whole json.RawMessage
	broken, ok := errors.AsType[*json.SyntaxError](json.Unmarshal(text, &whole))
	if !ok {
		return err
	}
	return lineError{1 + bytes.Count(text[:min(len(text), int(broken.Offset))], []byte("\n")), broken}
}

var yamlLine = regexp.MustCompile(`line (\d+): `)

// yamlValue is what the YAML parser's errors quote of the document besides its keys: an
// unquoted password may begin with what YAML takes for an alias.
var yamlValue = regexp.MustCompile("'[^']{3,}'|`[^`]*`|(invalid map key): .*")

// inYAML takes the line out of an error of the YAML parser, which counts from the start
// of the piece.
func inYAML(err error) error {
	text := strings.TrimPrefix(err.Error(), "error converting YAML to JSON: ")
	text = strings.Join(strings.Fields(yamlValue.ReplaceAllString(text, "${1}")), " ")
	at := yamlLine.FindStringSubmatchIndex(text)
	if at == nil {
		return errors.New(strings.TrimPrefix(text, "yaml: "))
	}
	line, _ := strconv.Atoi(text[at[2]:at[3]])
	return lineError{line, errors.New(text[at[1]:])}
}

// objectIn checks that a map is an object that can be served, and adds to it what its
// list says about it.
func objectIn(object map[string]any, kind schema.GroupVersionKind) (*unstructured.Unstructured, error) {
	u := &unstructured.Unstructured{Object: object}
	if kind.Kind != "" && (object["kind"] == nil || object["apiVersion"] == nil) {
		u.SetGroupVersionKind(kind)
	}
	_, isKind := object["kind"].(string)
	_, isVersion := object["apiVersion"].(string)
	switch {
	case !isKind || !isVersion || u.GetKind() == "" || u.GetAPIVersion() == "":
		return nil, errNoObject
	case u.GetName() == "":
		return nil, fmt.Errorf("%s %w", u.GetKind(), errNoName)
	}
	if _, err := schema.ParseGroupVersion(u.GetAPIVersion()); err != nil {
		return nil, err
	}
	upgradeVersion(u)
	return u, nil
}

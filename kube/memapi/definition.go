package memapi

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

var definitionKind = schema.GroupKind{Group: "apiextensions.k8s.io", Kind: "CustomResourceDefinition"}

// definition is what the API reads from a CustomResourceDefinition.
type definition struct {
	Metadata struct{ Name string }
	Spec     struct {
		Group, Scope string
		Names        struct {
			Kind, Plural, Singular string
			ShortNames, Categories []string
		}
		Conversion struct{ Strategy string }
		Versions   []definedVersion
	}
}

type definedVersion struct {
	Name                     string
	Served                   bool
	SelectableFields         []struct{ JSONPath string }
	AdditionalPrinterColumns []definedColumn
}

type definedColumn struct {
	metav1.TableColumnDefinition
	JSONPath string `json:"jsonPath"`
}

func readDefinition(o Object) (*definition, error) {
	if o.Encoding != JSON {
		return nil, fmt.Errorf("the CustomResourceDefinition %s is not JSON", o.Name)
	}
	text, err := o.Data.Bytes()
	if err != nil {
		return nil, err
	}
	d := &definition{}
	if err := json.Unmarshal(text, d); err != nil {
		return nil, fmt.Errorf("the CustomResourceDefinition %s cannot be read: %w", o.Name, err)
	}
	return d, nil
}

// define serves the versions of a CustomResourceDefinition, and stops serving those
// that only an earlier state of it had.
func (a *API) define(o Object) error {
	d, err := readDefinition(o)
	if err != nil {
		return err
	}
	served := map[schema.GroupVersionKind]bool{}
	for _, v := range d.Spec.Versions {
		if v.Served {
			r := d.resource(o.Name, v)
			served[r.gvk] = true
			a.add(r)
		}
	}
	for gvk, r := range a.resources {
		if r.defined == o.Name && !served[gvk] {
			a.forget(r)
		}
	}
	return nil
}

// resource returns how one version is served.
func (d *definition) resource(definedBy string, v definedVersion) *resource {
	names := d.Spec.Names
	r := &resource{
		gvk:  schema.GroupVersionKind{Group: d.Spec.Group, Version: v.Name, Kind: names.Kind},
		name: names.Plural, singular: cmp.Or(names.Singular, strings.ToLower(names.Kind)),
		short: names.ShortNames, categories: names.Categories, namespaced: d.Spec.Scope == "Namespaced",
		defined: definedBy, webhook: d.Spec.Conversion.Strategy == "Webhook",
	}
	for _, c := range v.AdditionalPrinterColumns {
		r.columns = append(r.columns, newColumn(c.TableColumnDefinition, c.JSONPath))
	}
	if r.columns == nil {
		age := metav1.TableColumnDefinition{Name: "Age", Type: "date"}
		r.columns = []column{newColumn(age, ".metadata.creationTimestamp")}
	}
	for _, f := range v.SelectableFields {
		r.selectable = append(r.selectable, strings.TrimPrefix(f.JSONPath, "."))
	}
	return r
}

// undefine stops serving what a CustomResourceDefinition defined. What still has
// objects stays: a recording may hold them longer than their definition.
func (a *API) undefine(name string) {
	for _, r := range a.resources {
		if r.defined == name && len(r.store.items) == 0 {
			a.forget(r)
		}
	}
}

func (a *API) forget(r *resource) {
	delete(a.resources, r.gvk)
	delete(a.byPath, r.gvr())
}

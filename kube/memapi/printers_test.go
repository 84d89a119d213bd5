package memapi_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/memapi"
)

// TestOnlyKindsWithoutAFileArePrinted holds that a kind has one printer: a file of
// kube/kinds takes the place of the one here.
func TestOnlyKindsWithoutAFileArePrinted(t *testing.T) {
	for _, kind := range memapi.PrintedKinds() {
		if _, has := kinds.For(kind); has {
			t.Errorf("%s is printed here and by its file in kube/kinds: remove the printer here", kind)
		}
	}
}

// TestAnOlderVersionIsPrintedByTheFileOfItsKind lists what is served in an older version than the file of its kind
// reads, and what the server orders by more than the name.
func TestAnOlderVersionIsPrintedByTheFileOfItsKind(t *testing.T) {
	a, err := memapi.New(memapi.Options{Clock: memapi.NewClock(time.Unix(0, 0)), Print: kinds.Print})
	if err != nil {
		t.Fatal(err)
	}
	for _, object := range []string{
		`{apiVersion: admissionregistration.k8s.io/v1beta1, kind: MutatingAdmissionPolicy, metadata: {name: x},
spec: {paramKind: {apiVersion: v1, kind: ConfigMap}}}`,
		`{apiVersion: flowcontrol.apiserver.k8s.io/v1, kind: FlowSchema, metadata: {name: a}, spec: {matchingPrecedence: 9}}`,
		`{apiVersion: flowcontrol.apiserver.k8s.io/v1, kind: FlowSchema, metadata: {name: b}, spec: {matchingPrecedence: 2}}`,
	} {
		if err := a.ApplyYAML(object); err != nil {
			t.Fatal(err)
		}
	}
	for path, want := range map[string]string{
		"admissionregistration.k8s.io/v1beta1/mutatingadmissionpolicies": "x|0|v1/ConfigMap|0s",
		"flowcontrol.apiserver.k8s.io/v1/flowschemas": "b||2|<none>|0s|?\n" +
			"a||9|<none>|0s|?",
	} {
		r := httptest.NewRequest(http.MethodGet, "https://memory/apis/"+path, nil)
		r.Header.Set("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io")
		answer, err := a.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		var table metav1.Table
		if err := errors.Join(json.NewDecoder(answer.Body).Decode(&table), answer.Body.Close()); err != nil {
			t.Fatal(err)
		}
		var lines []string
		for _, row := range table.Rows {
			lines = append(lines, strings.ReplaceAll(strings.Trim(fmt.Sprintf("%q", row.Cells), `["]`), `" "`, "|"))
		}
		if got := strings.Join(lines, "\n"); got != want {
			t.Errorf("%s:\ngot\n%s\nwant\n%s", path, got, want)
		}
	}
}

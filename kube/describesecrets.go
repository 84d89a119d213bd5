package kube

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/rest"

	"github.com/fathom-k8s/fathom/kube/redact"
)

// hideSecrets keeps the values of Secrets from kubectl's describer. It prints the token of
// a service account, all annotations, and all fields of a custom resource that has a
// Secret inside (kubectl, pkg/describe, describeSecret and genericDescriber).
func hideSecrets(config *rest.Config) {
	config.Wrap(func(next http.RoundTripper) http.RoundTripper { return hiddenSecrets{next} })
}

type hiddenSecrets struct{ next http.RoundTripper }

var errSecretForm = errors.New("the API server did not send the Secret as JSON, so its values cannot be hidden; " +
	"kubectl describe shows it")

// RoundTrip implements http.RoundTripper. Secrets are requested as JSON, which can be
// read without knowing their version.
func (h hiddenSecrets) RoundTrip(req *http.Request) (*http.Response, error) {
	secret := slices.Contains(strings.Split(req.URL.Path, "/"), "secrets")
	if secret {
		req = req.Clone(req.Context())
		req.Header.Set("Accept", "application/json")
	}
	res, err := h.next.RoundTrip(req)
	if err != nil || res.StatusCode != http.StatusOK {
		return res, err
	}
	isJSON := strings.HasPrefix(res.Header.Get("Content-Type"), "application/json")
	if !isJSON && !secret {
		return res, nil
	}
	body, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if err != nil {
		return nil, err
	}
	if body, err = hideInAnswer(body, secret); err != nil {
		return nil, err
	}
	res.Body, res.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	res.Header.Del("Content-Length")
	return res, nil
}

// hideInAnswer hides the values of Secrets in an object or a list in JSON.
func hideInAnswer(body []byte, secret bool) ([]byte, error) {
	if !secret && !redact.Suspect(body) {
		return body, nil
	}
	var object map[string]any
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if err := decoder.Decode(&object); err != nil {
		if secret {
			return nil, errSecretForm
		}
		return body, nil // kubectl cannot read it either
	}
	hidden, found := redact.Object(object, describedValues)
	switch {
	case object["kind"] == "Secret":
		hidden = redact.Secret(object, describedValues)
		hideToken(hidden)
	case object["kind"] == "SecretList":
		items, _ := object["items"].([]any)
		for i := range items { // They do not say what they are.
			item, _ := items[i].(map[string]any)
			items[i] = redact.Secret(item, describedValues)
		}
		hidden = object
	case !found:
		return body, nil
	}
	return json.Marshal(hidden)
}

// describedValues keeps the sizes of values, which is what the describer says of them.
var describedValues = redact.Style{
	Data: func(bytes int) any { return base64.StdEncoding.EncodeToString(make([]byte, bytes)) },
	Text: redact.Plain.Text,
}

// hideToken lets the one value that the describer prints be what it prints of others.
func hideToken(secret map[string]any) {
	data, _ := secret["data"].(map[string]any)
	token, isText := data[corev1.ServiceAccountTokenKey].(string)
	if !isText || secret["type"] != string(corev1.SecretTypeServiceAccountToken) {
		return
	}
	if zeros, err := base64.StdEncoding.DecodeString(token); err == nil {
		words := fmt.Sprintf("%d bytes", len(zeros))
		data[corev1.ServiceAccountTokenKey] = base64.StdEncoding.EncodeToString([]byte(words))
	}
}

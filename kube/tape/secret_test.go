package tape

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

const hidden = "correct-horse-battery-staple"

// texts returns everything that is on a tape, decompressed.
func allText(t *testing.T, data []byte) []byte {
	t.Helper()
	all := bytes.Clone(data)
	decoder := newDecoder()
	for at := int64(prefixSize); at < int64(len(data)); {
		f, ok := parseFrame(data[at:])
		if !ok {
			t.Fatal("damaged")
		}
		text, err := f.unpack(decoder, data[at+headerSize:at+headerSize+int64(f.size)])
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, text...)
		at += headerSize + int64(f.size)
	}
	return all
}

func secretBody(value string) []byte {
	encoded := base64.StdEncoding.EncodeToString([]byte(value))
	applied := `{"apiVersion":"v1","kind":"Secret","data":{"password":"` + encoded + `"}}`
	s := corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{
			Namespace:       "shop",
			Name:            "db",
			UID:             "u",
			ResourceVersion: "7",
			Labels:          map[string]string{"app": "db"},
			Annotations:     map[string]string{lastApplied: applied, "note": "stays"},
		},
		Type:       corev1.SecretTypeOpaque,
		Data:       map[string][]byte{"password": []byte(value), "user": []byte("ad")},
		StringData: map[string]string{"plain": value},
	}
	body, err := s.Marshal()
	if err != nil {
		panic(err)
	}
	return body
}

func TestNoValueOfASecretIsOnTheTape(t *testing.T) {
	encoded := base64.StdEncoding.EncodeToString([]byte(hidden))
	inJSON := func(kind string) string {
		return `{"apiVersion":"v1","kind":"` + kind + `","metadata":{"name":"j","namespace":"shop","uid":"j",` +
			`"resourceVersion":"8","annotations":{"` + lastApplied +
			`":"{\"kind\":\"Secret\",\"data\":\"` + encoded + `\"}"}},` +
			`"data":{"password":"` + encoded + `"},"stringData":{"plain":"` + hidden + `"}}`
	}
	widget := func(name, version string) string {
		return `{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"` + name +
			`","namespace":"shop","uid":"` + name + `","resourceVersion":"` + version + `"`
	}
	template := widget("t", "9") + `},"spec":{"items":[{"apiVersion":"v1","kind":"List","items":[` +
		inJSON("Secret") + `]}]}}`
	applied := widget("a", "10") + `,"annotations":{"` + lastApplied +
		`":"{\"manifests\":[{\"kind\":\"Secret\",\"data\":\"` + encoded + `\"}]}"}}}`
	var out bytes.Buffer
	w := newWriter(t, &out, time.Millisecond)
	list := w.List(secrets, "")
	_ = list.Put(identify(&secrets, secretBody(hidden)), Step)
	for _, text := range []string{inJSON("Secret"), inJSON("")} { // a list's items need not say their kind
		read, err := parseJSON(&secrets, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		_ = w.Put(read, Step)
	}
	_ = list.Done(Step)
	for _, text := range []string{template, applied} {
		read, err := parseJSON(&widgets, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		_ = w.Put(read, Step)
	}
	changed := identify(&secrets, secretBody(hidden+"2"))
	changed.Version = "11"
	_ = w.Put(changed, Step)
	w.mu.Lock()
	w.flush()
	w.key()
	w.mu.Unlock()
	gone := identify(&secrets, secretBody(hidden+"3"))
	gone.Version = "12"
	_ = w.Delete(gone, Step)
	_ = w.Close()

	all := allText(t, out.Bytes())
	for _, part := range []string{hidden, encoded, encoded[:len(encoded)-4], hidden[3:], hidden[:12]} {
		if bytes.Contains(all, []byte(part)) {
			t.Errorf("%q is on the tape", part)
		}
	}
	if !bytes.Contains(all, []byte("password")) {
		t.Error("the keys are not on the tape")
	}
}

func TestARedactedSecretKeepsKeysAndSizes(t *testing.T) {
	body := secretBody(hidden)
	before := bytes.Clone(body)
	o := withoutSecrets(identify(&secrets, body))
	if !bytes.Equal(body, before) {
		t.Error("the body that came in was changed")
	}
	var s corev1.Secret
	if err := s.Unmarshal(o.Body); err != nil || !o.Redacted {
		t.Fatal(err, o.Redacted)
	}
	if len(s.Data["password"]) != len(hidden) || strings.Trim(string(s.Data["password"]), "\x00") != "" ||
		len(s.Data["user"]) != 2 {
		t.Errorf("%q", s.Data)
	}
	if s.Annotations["note"] != "stays" || s.Annotations[lastApplied] != "<98 bytes hidden>" || s.Labels["app"] != "db" ||
		s.Type != corev1.SecretTypeOpaque {
		t.Error(s)
	}
	encoded := base64.StdEncoding.EncodeToString([]byte(hidden))
	j, err := parseJSON(&secrets, []byte(`{"metadata":{"name":"x"},"data":{"a":"`+encoded+`","b":null},"extra":"x"}`))
	if err != nil {
		t.Fatal(err)
	}
	var read struct {
		Kind string
		Data map[string][]byte
	}
	if err := json.Unmarshal(withoutSecrets(j).Body, &read); err != nil || len(read.Data["a"]) != len(hidden) ||
		read.Kind != "Secret" {
		t.Error(string(withoutSecrets(j).Body), err)
	}
}

package kinds

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fathom-k8s/fathom/kube/helm"
)

// helmSecret is a Secret with a release as Helm packs it.
func helmSecret(labels map[string]string, release string) *corev1.Secret {
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	_, _ = zip.Write([]byte(release))
	_ = zip.Close()
	return &corev1.Secret{
		Type:       "helm.sh/release.v1",
		ObjectMeta: metav1.ObjectMeta{Namespace: "prod", Name: "sh.helm.release.v1.web.v12", Labels: labels},
		Data:       map[string][]byte{"release": []byte(base64.StdEncoding.EncodeToString(packed.Bytes()))},
	}
}

func helmInfo(status, description string) string {
	return `{"name":"web","info":{"last_deployed":"2026-11-23T11:00:00Z","status":"` + status + `","description":"` +
		description + `"},"chart":{"metadata":{"name":"shop","version":"1.2.0","appVersion":"2.4"}},"version":12}`
}

func TestHelmRelease(t *testing.T) {
	labels := map[string]string{"owner": "helm", "name": "web", "status": "deployed", "version": "12",
		"modifiedAt": "1795426800"} // 2026-11-23T09:40:00Z
	hidden := helmSecret(labels, "")
	hidden.Data["release"] = make([]byte, 900)
	noLabels := helmSecret(nil, "")
	noLabels.Data = nil
	for _, c := range []struct {
		name   string
		secret *corev1.Secret
		want   want
	}{
		// What `helm list -A -a` prints: web prod 12 2026-11-23 11:00:00 +0000 UTC deployed shop-1.2.0 2.4
		{"deployed", helmSecret(labels, helmInfo("deployed", "Upgrade complete")), want{map[string]string{"NAME": "web",
			"REVISION": "12", "UPDATED": "60m", "STATUS": "deployed", "CHART": "shop-1.2.0", "APP VERSION": "2.4"}, OK, ""}},
		{"failed", helmSecret(labels, helmInfo("failed", "Upgrade \\\"web\\\" failed: timed out\\u001b[2J")),
			want{map[string]string{"STATUS": "failed"}, Failing, `failed: Upgrade "web" failed: timed out␛[2J`}},
		{"stuck", helmSecret(labels, helmInfo("pending-upgrade", "Preparing upgrade")),
			want{map[string]string{"STATUS": "pending-upgrade"}, Waiting, "pending-upgrade: Preparing upgrade"}},
		{"of before", helmSecret(labels, helmInfo("superseded", "Install complete")),
			want{map[string]string{"STATUS": "superseded"}, Quiet, ""}},
		{"not known to Helm", helmSecret(labels, helmInfo("unknown", "")), want{nil, Degraded, "unknown"}},
		{"hidden in a recording", hidden, want{map[string]string{"NAME": "web", "REVISION": "12", "UPDATED": "140m",
			"STATUS": "deployed", "CHART": "", "APP VERSION": ""}, OK, ""}},
		{"nothing at all", noLabels, want{map[string]string{"NAME": "web", "REVISION": "12", "UPDATED": "<unknown>",
			"STATUS": ""}, Quiet, ""}},
		{"another Secret", &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "a"}},
			want{map[string]string{"NAME": "a", "REVISION": "0"}, Quiet, ""}},
	} {
		t.Run(c.name, func(t *testing.T) { c.want.check(t, HelmRelease, c.secret) })
	}
	for status, want := range map[string]int{
		"deployed": 1, "failed": 1, "pending-upgrade": 1, "superseded": 0, "uninstalled": 0, "": 0,
	} {
		if r, _ := row(t, HelmRelease, helmSecret(nil, helmInfo(status, ""))); len(r.Links) != want {
			t.Errorf("%q: leads to %d selectors, want %d", status, len(r.Links), want)
		}
	}
	for name, want := range map[string]int64{
		"sh.helm.release.v1.web.v12": 12, "sh.helm.release.v1.v2.v3": 3, "sh.helm.release.v1.web.vx": 0, "web": 0,
	} {
		if _, got := HelmRevision(name); got != want {
			t.Errorf("%s is revision %d, want %d", name, got, want)
		}
	}
	if _, err := ReadHelmRelease(hidden); !errors.Is(err, helm.ErrHidden) {
		t.Errorf("got %v", err)
	}
	if _, err := HelmRelease.Record(&corev1.Pod{}); err == nil {
		t.Error("a Pod is a release")
	}
}

// Values and manifest are what makes a release a Secret.
func TestHelmReleaseHoldsNoValue(t *testing.T) {
	const mark = "horse-battery"
	release := strings.TrimSuffix(helmInfo("deployed", ""), "}") + `,"config":{"password":"` + mark +
		`"},"manifest":"kind: Secret\nstringData: {p: ` + mark + `}"}`
	s := helmSecret(map[string]string{"owner": "helm"}, release)
	r, cells := row(t, HelmRelease, s)
	d := HelmRelease.Details(s)
	text := strings.Join([]string{cells["CHART"], r.Status.Reason}, " ")
	for _, f := range d.Facts {
		text += " " + f.Name + "=" + f.Value
	}
	for _, c := range r.Cells {
		text += " " + c.text
	}
	if strings.Contains(text, mark) || !strings.Contains(text, "shop-1.2.0") {
		t.Errorf("got %s", text)
	}
	// A Secret that only says that it is one may copy its values into labels.
	odd := helmSecret(map[string]string{"owner": "helm", "copy": mark}, "")
	odd.Data["password"] = []byte(mark)
	if r, _ := row(t, HelmRelease, odd); len(r.Labels) != 2 || strings.Contains(r.Labels[0].Value, mark) {
		t.Errorf("got %v", r.Labels)
	}
}

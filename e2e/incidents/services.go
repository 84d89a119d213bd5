package main

import (
	"context"
	"encoding/base64"
	"strings"
	"time"
)

// ingress makes another one like the app's, with a change.
func ingress(from, to string) Step {
	return add(strings.ReplaceAll(strings.Replace(app[strings.LastIndex(app, "---"):], from, to, 1),
		"metadata: {name: web}", "metadata: {name: shopfront}"))
}

var services = []Scenario{
	{
		Name: "Service selects nothing", Short: true,
		Inject: patch("Service web", `{spec: {selector: {app: webb}}}`),
		Sign:   noEndpoints("web"),
		Roots:  []Root{{Is: "Service web", Reason: `(?i)select|no pod`, Folds: "Ingress web"}},
	},
	{
		Name:   "Service's port has a name that no container has",
		Inject: patch("Service web", `{spec: {ports: [{name: http, port: 80, targetPort: htpp}]}}`),
		Sign:   noEndpoints("web"),
		Roots:  []Root{{Is: "Service web", Reason: `htpp`, Folds: "Ingress web"}},
	},
	{
		Name: "Service's selector has a label too many", Inject: patch("Service web",
			`{spec: {selector: {app: web, track: stable}}}`),
		Sign:  noEndpoints("web"),
		Roots: []Root{{Is: "Service web", Reason: `track|(?i)select`, Folds: "Ingress web"}},
	},
	{
		Name: "Ingress to a Service that is not there", Short: true,
		Inject: ingress("service: {name: web,", "service: {name: ghost,"), Sign: atOnce,
		Roots: []Root{{Is: "Ingress shopfront", Reason: `ghost`}},
	},
	{
		Name: "Service deleted under an Ingress", Inject: remove("Service web"), Sign: atOnce,
		Roots: []Root{{Is: "Ingress web, Service web", Reason: `(?i)web.*(not found|missing|does not exist|deleted)`}},
		Why:   "the Service is gone; the Ingress is what is left to show it on",
	},
	{
		Name: "Ingress to a port that the Service does not have", Inject: ingress("port: {name: http}",
			"port: {number: 8443}"), Sign: atOnce,
		Roots: []Root{{Is: "Ingress shopfront", Reason: `8443`}},
	},
	{
		Name: "TLS Secret missing", Inject: patch("Ingress web", `{spec: {tls: [{hosts: ["{ns}.fathom.test"], secretName: web-tls}]}}`), Sign: atOnce,
		Roots: []Root{{Is: "Ingress web", Reason: `web-tls`}},
	},
	{
		Name: "TLS certificate expired", Inject: steps(certificate(expiry),
			patch("Ingress web", `{spec: {tls: [{hosts: ["{ns}.fathom.test"], secretName: web-tls}]}}`)),
		Sign:  Sign{look: expired, lasts: true},
		Roots: []Root{{Is: "Secret web-tls, Ingress web", Reason: `(?i)expire`, MayFold: "Ingress web, Secret web-tls"}},
		Why:   "the Secret is what is renewed, the Ingress is what shows it to users",
	},
	{
		Name: "ingress class missing", Inject: patch("Ingress web", `{spec: {ingressClassName: nginx}}`), Sign: atOnce,
		Roots: []Root{{Is: "Ingress web", Reason: `(?i)class.*nginx|nginx.*class`}},
	},
	{
		Name: "NetworkPolicy shuts everybody out", Inject: add(`
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: default-deny}
spec: {podSelector: {}, policyTypes: [Ingress]}
`), Sign: atOnce,
		Roots: []Root{{Is: "NetworkPolicy default-deny, Service web", Reason: `(?i)default-deny|deny|no(body|thing)|ingress`,
			MayFold: "Service web, Ingress web, NetworkPolicy default-deny", Severity: "notice"}},
		Why: "the policy shuts out, the Service is shut off; nothing in this cluster enforces policies",
	},
	{
		Name: "LoadBalancer without a provider", Inject: add(`
apiVersion: v1
kind: Service
metadata: {name: public}
spec: {type: LoadBalancer, selector: {app: web}, ports: [{name: http, port: 80, targetPort: http}]}
`), Sign: atOnce, Grace: minute,
		Roots: []Root{{Is: "Service public", Reason: `(?i)load ?balancer|external.?ip|pending`}},
	},
	{
		Name: "a crash whose log names a dead Service", Base: dependency,
		Inject: steps(scale("Deployment orders", 0), container(`args: [--print=starting, --exit-after=500ms, --exit-code=1,
				"--last-line=dial tcp: connect to http://orders.{ns}.svc:8080: connection refused"]`)),
		Sign: both(noEndpoints("orders"), state("app=web", `^Error 1`)), Limit: 90 * second,
		Roots: []Root{{Is: "Deployment orders, Service orders", Reason: `(?i)\b0\b|no endpoints|zero`,
			MayFold: "Service orders, Deployment web, " + down}},
		Also: "Deployment web",
		Why:  "the Service has no endpoints because its Deployment has no replicas",
	},
}

// dependency is the app, and a Service that it calls.
var dependency = app + another("orders") + `
---
apiVersion: v1
kind: Service
metadata: {name: orders}
spec: {selector: {app: orders}, ports: [{name: http, port: 8080, targetPort: http}]}
`

// expiry is when the certificate of a scenario ended.
var expiry = time.Now().Add(-3 * time.Hour).Truncate(time.Second)

// expired is the sign that a certificate has ended, which was so before anybody used it.
func expired(context.Context, *scene) (time.Time, bool, error) { return expiry, true, nil }

// certificate makes the Secret web-tls with a certificate that ends at a time.
func certificate(end time.Time) Step {
	return func(ctx context.Context, s *scene) error {
		certificate, key, err := keyPair(s.namespace+".fathom.test", end)
		if err != nil {
			return err
		}
		encode := base64.StdEncoding.EncodeToString
		return s.apply(ctx, hand, `
apiVersion: v1
kind: Secret
metadata: {name: web-tls}
type: kubernetes.io/tls
data: {tls.crt: `+encode(certificate)+`, tls.key: `+encode(key)+`}
`)
	}
}

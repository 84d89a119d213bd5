package kinds

import (
	"testing"
)

func TestService(t *testing.T) {
	checkSituations(t, Service, []situation{
		{"nothing at all", `{}`, want{map[string]string{"TYPE": "ClusterIP", "CLUSTER-IP": "<none>", "EXTERNAL-IP": "<none>",
			"PORT(S)": "<none>", "SELECTOR": "<none>"}, Quiet, ""}},
		{"inside", `{spec: {type: ClusterIP, clusterIPs: [10.96.0.7, "fd00::7"], selector: {b: "2", a: "1"},
  ports: [{port: 80, protocol: TCP}, {port: 53, protocol: UDP}]}}`,
			want{map[string]string{"TYPE": "ClusterIP", "CLUSTER-IP": "10.96.0.7", "EXTERNAL-IP": "<none>",
				"PORT(S)": "80/TCP,53/UDP", "SELECTOR": "a=1,b=2"}, Quiet, ""}},
		{"headless", `{spec: {type: ClusterIP, clusterIPs: [None]}}`,
			want{map[string]string{"CLUSTER-IP": "None"}, Quiet, ""}},
		{"node port", `{spec: {type: NodePort, externalIPs: [1.2.3.4, 5.6.7.8], ports: [{port: 80, nodePort: 30080,
  protocol: TCP}]}}`,
			want{map[string]string{"EXTERNAL-IP": "1.2.3.4,5.6.7.8", "PORT(S)": "80:30080/TCP"}, Quiet, ""}},
		{"waits for its load balancer", `{spec: {type: LoadBalancer}}`,
			want{map[string]string{"EXTERNAL-IP": "<pending>"}, Waiting, "waits for its load balancer"}},
		{"has a load balancer", `{spec: {type: LoadBalancer, externalIPs: [9.9.9.9]},
  status: {loadBalancer: {ingress: [{hostname: lb.example.com}, {ip: 1.2.3.4}, {ip: 1.2.3.4}]}}}`,
			want{map[string]string{"EXTERNAL-IP": "1.2.3.4,lb.example.com,9.9.9.9"}, Quiet, ""}},
		{"another name", `{spec: {type: ExternalName, externalName: db.example.com}}`,
			want{map[string]string{"EXTERNAL-IP": "db.example.com"}, Quiet, ""}},
	})
}

func TestEndpointSlice(t *testing.T) {
	checkSituations(t, EndpointSlice, []situation{
		{"nothing at all", `{}`, want{map[string]string{"ADDRESSTYPE": "", "PORTS": "<unset>", "ENDPOINTS": "<unset>"},
			Degraded, "no endpoints"}},
		{"many", `
addressType: IPv4
ports: [{port: 80}, {name: web}, {}, {port: 9}]
endpoints: [{addresses: [a, b]}, {addresses: [c]}, {addresses: [d, e]}]`,
			want{map[string]string{"ADDRESSTYPE": "IPv4", "PORTS": "80,web, + 1 more...", "ENDPOINTS": "a,b,c + 2 more..."}, OK,
				""}},
		{"some not ready", `{endpoints: [{addresses: [a], conditions: {ready: false}}, {addresses: [b],
  conditions: {ready: true}}]}`,
			want{map[string]string{"ENDPOINTS": "a,b"}, Degraded, "1/2 endpoints ready"}},
		{"none ready", `{endpoints: [{addresses: [a], conditions: {ready: false}}]}`,
			want{nil, Failing, "0/1 endpoints ready"}},
		{"no pod has the port", `
metadata: {labels: {endpointslice.kubernetes.io/managed-by: endpointslice-controller.k8s.io}}
endpoints: [{addresses: [a]}]`,
			want{map[string]string{"PORTS": "<unset>"}, Failing,
				"no port: these pods have none with the name of the service's target port"}},
		{"headless, without ports", `
metadata: {labels: {endpointslice.kubernetes.io/managed-by: endpointslice-controller.k8s.io,
    service.kubernetes.io/headless: ""}}
endpoints: [{addresses: [a]}]`, want{nil, OK, ""}},
		{"made by hand, without ports", `endpoints: [{addresses: [a]}]`, want{nil, OK, ""}},
	})
}

func TestEndpoints(t *testing.T) {
	checkSituations(t, Endpoints, []situation{
		{"nothing at all", `{}`, want{map[string]string{"ENDPOINTS": "<none>"}, Degraded, "no endpoints"}},
		{"empty parts", `{subsets: [{}, {ports: [{}]}]}`, want{map[string]string{"ENDPOINTS": ""}, Degraded, "no endpoints"}},
		{"two ports", `
subsets:
- {addresses: [{ip: 10.0.0.1}, {ip: "fd00::1"}], ports: [{port: 80}, {port: 443}]}
- {addresses: [{ip: 10.0.0.2}], notReadyAddresses: []}`,
			want{map[string]string{"ENDPOINTS": "10.0.0.1:80,[fd00::1]:80,10.0.0.1:443 + 2 more..."}, OK, ""}},
		{"without ports", `{subsets: [{addresses: [{ip: a}, {ip: b}, {ip: c}]}]}`,
			want{map[string]string{"ENDPOINTS": "a,b,c"}, OK, ""}},
		{"some not ready", `{subsets: [{addresses: [{ip: a}], notReadyAddresses: [{ip: b}], ports: [{port: 80}]}]}`,
			want{map[string]string{"ENDPOINTS": "a:80"}, Degraded, "1/2 endpoints ready"}},
		{"none ready", `{subsets: [{notReadyAddresses: [{ip: b}], ports: [{port: 80}]}]}`,
			want{map[string]string{"ENDPOINTS": ""}, Failing, "0/1 endpoints ready"}},
		{"who leads, in the old way", `{metadata: {annotations: {control-plane.alpha.kubernetes.io/leader: "{}"}}}`,
			want{nil, Quiet, ""}},
	})
}

func TestIPAddress(t *testing.T) {
	checkSituations(t, IPAddress, []situation{
		{"nothing at all", `{}`, want{map[string]string{"PARENTREF": "<none>"}, Quiet, ""}},
		{"an empty parent", `{spec: {parentRef: {}}}`, want{map[string]string{"PARENTREF": "/"}, Quiet, ""}},
		{"of another group", `{spec: {parentRef: {group: Example.com, resource: Gateways, name: Web}}}`,
			want{map[string]string{"PARENTREF": "gateways.example.com/Web"}, Quiet, ""}},
	})
}

func TestServiceCIDR(t *testing.T) {
	checkSituations(t, ServiceCIDR, []situation{
		{"nothing at all", `{}`, want{map[string]string{"CIDRS": ""}, Quiet, ""}},
		{"used by services, and deleted", `
metadata: {deletionTimestamp: "2026-11-23T11:00:00Z"}
status: {conditions: [{type: Ready, status: "False", reason: Terminating, message: There are still IPAddresses}]}`,
			want{nil, Waiting, "Terminating"}},
		{"not ready", `{status: {conditions: [{type: Ready, status: "False", message: NotYet}]}}`,
			want{nil, Degraded, "Ready=False: NotYet"}},
	})
}

func TestIngress(t *testing.T) {
	checkSituations(t, Ingress, []situation{
		{"nothing at all", `{}`, want{map[string]string{"CLASS": "<none>", "HOSTS": "*", "ADDRESS": "", "PORTS": "80"},
			Quiet, ""}},
		{"many hosts", `
spec: {ingressClassName: nginx, tls: [{secretName: cert, hosts: [a]}], rules: [{host: a}, {}, {host: b}, {host: c},
    {host: d}, {}]}
status: {loadBalancer: {ingress: [{ip: 1.2.3.4}, {hostname: lb}]}}`,
			want{map[string]string{"CLASS": "nginx", "HOSTS": "a,b,c + 3 more...", "ADDRESS": "1.2.3.4,lb", "PORTS": "80, 443"},
				Quiet, ""}},
	})
}

func TestIngressClass(t *testing.T) {
	checkSituations(t, IngressClass, []situation{
		{"nothing at all", `{}`, want{map[string]string{"CONTROLLER": "", "PARAMETERS": "<none>", "AGE": "<unknown>"},
			Quiet, ""}},
		{"with parameters that nothing names", `{spec: {parameters: {}}}`,
			want{map[string]string{"PARAMETERS": "/"}, Quiet, ""}},
		{"with parameters of the core group", `{spec: {parameters: {kind: ConfigMap, name: a}}}`,
			want{map[string]string{"PARAMETERS": "ConfigMap/a"}, Quiet, ""}},
		{"with parameters of a namespace", `{spec: {controller: example.com/nginx,
  parameters: {apiGroup: example.com, kind: Nginx, scope: Namespace, namespace: shop, name: a}}}`,
			want{map[string]string{"CONTROLLER": "example.com/nginx", "PARAMETERS": "Nginx.example.com/a"}, Quiet, ""}},
	})
}

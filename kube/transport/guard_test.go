package transport

import (
	"net/http"
	"strings"
	"testing"
)

func TestIsRead(t *testing.T) {
	for _, c := range []struct {
		request string
		prefix  string
		header  string
		want    bool
	}{
		{request: "GET /api/v1/pods", want: true},
		{request: "HEAD /api/v1/pods", want: true},
		{request: "GET /api/v1/namespaces/shop/pods/web-1/log?follow=true", want: true},
		{request: "GET /version", want: true},
		{request: "GET /", want: true},
		{request: "GET /apis/", want: true},
		{request: "GET /apis/metrics.k8s.io/v1beta1/namespaces/proxy/pods/exec", want: true},
		{request: "GET /api/v1/namespaces/proxy/pods/exec", want: true},
		{request: "GET /api/v1/namespaces/exec", want: true},
		{request: "GET /api/v1/nodes/proxy", want: true},
		{request: "get /api/v1/pods"},
		{request: "POST /api/v1/namespaces/shop/pods"},
		{request: "PUT /api/v1/namespaces/shop/pods/web-1"},
		{request: "PATCH /api/v1/namespaces/shop/pods/web-1"},
		{request: "DELETE /api/v1/namespaces/shop/pods/web-1"},
		{request: "DELETE /api/v1/namespaces/shop/pods"},
		{request: "CONNECT /api/v1/namespaces/shop/pods/web-1/exec"},
		{request: "OPTIONS /api/v1/pods"},
		{request: "POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews", want: true},
		{request: "POST /apis/authorization.k8s.io/v1/selfsubjectrulesreviews", want: true},
		{request: "POST /apis/authentication.k8s.io/v1/selfsubjectreviews", want: true},
		{request: "PUT /apis/authorization.k8s.io/v1/selfsubjectaccessreviews"},
		{request: "POST /apis/authorization.k8s.io/v1/subjectaccessreviews"},
		{request: "POST /apis/authorization.k8s.io/v1/namespaces/shop/localsubjectaccessreviews"},
		{request: "POST /apis/authentication.k8s.io/v1/tokenreviews"},
		{request: "POST /apis/evil.test/v1/selfsubjectaccessreviews"},
		{request: "POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews/x"},
		{request: "POST /api/v1/namespaces/shop/serviceaccounts/ci/token"},
		{request: "POST /api/v1/namespaces/shop/pods/web-1/eviction"},
		{request: "GET /api/v1/namespaces/shop/pods/web-1/exec?command=sh"},
		{request: "GET /api/v1/namespaces/shop/pods/web-1/attach"},
		{request: "GET /api/v1/namespaces/shop/pods/web-1/portforward"},
		{request: "GET /api/v1/namespaces/shop/pods/web-1/proxy"},
		{request: "GET /api/v1/namespaces/shop/services/web:80/proxy/admin/delete"},
		{request: "GET /api/v1/nodes/worker-1/proxy/run/shop/web-1/app"},
		{request: "GET /api/v1/proxy/nodes/worker-1"},
		{request: "GET /api/v1//nodes/worker-1/proxy"},
		{request: "GET /api/v1/x/../nodes/worker-1/proxy"},
		{request: "GET /api/v1/nodes/worker-1%2Fproxy/run"},
		{request: "GET /apis/subresources.kubevirt.io/v1/namespaces/shop/virtualmachineinstances/vm/portforward"},
		{request: "GET /apis/subresources.kubevirt.io/v1/namespaces/shop/virtualmachineinstances/vm/vnc", header: "Upgrade"},
		{request: "GET /api/v1/pods", header: "X-Http-Method-Override"},
		{request: "GET /k8s/clusters/c-1/api/v1/pods", prefix: "/k8s/clusters/c-1", want: true},
		{request: "GET /k8s/clusters/c-1/api/v1/nodes/n/proxy", prefix: "/k8s/clusters/c-1/"},
		{request: "GET /elsewhere/api/v1/pods", prefix: "/k8s/clusters/c-1"},
	} {
		method, path, _ := strings.Cut(c.request, " ")
		req, err := http.NewRequestWithContext(t.Context(), method, "https://server"+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if c.header != "" {
			req.Header.Set(c.header, "websocket")
		}
		if got := isRead(req, c.prefix); got != c.want {
			t.Errorf("isRead(%s) with header %q = %v", c.request, c.header, got)
		}
	}
}

package provider

import _ "embed"

// metricsManifest is metrics-server as its own release has it, on the control plane.
//
//go:embed metrics-server.yaml
var metricsManifest string

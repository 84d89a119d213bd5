package provider

import (
	"errors"
	"strings"
)

// cniTemplate becomes the CNI configuration of a node once it has its pods' network: a
// pair of interfaces for each pod. The routes between the nodes are kind.route's work.
const cniTemplate = `{
  "cniVersion": "0.4.0",
  "name": "fathom",
  "plugins": [
    {
      "type": "ptp",
      "ipMasq": false,
      "ipam": {
        "type": "host-local",
        "dataDir": "/run/cni-ipam-state",
        "ranges": [[{"subnet": "{{.PodCIDR}}"}]],
        "routes": [{"dst": "0.0.0.0/0"}]
      }
    },
    {"type": "portmap", "capabilities": {"portMappings": true}}
  ]
}
`

// importScript gives containerd the images of the node's role.
const importScript = `#!/bin/sh
set -e
folders=all
case "$(hostname)" in *control-plane*) folders="all control-plane" ;; esac
for folder in $folders; do
	for archive in /kind/images/$folder/*.tar; do
		ctr -n k8s.io images import --local "$archive"
	done
done
`

const importUnit = `[Unit]
Description=import the images of Kubernetes
After=containerd.service
Requires=containerd.service
Before=kubelet.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/kind/bin/import-images.sh

[Install]
WantedBy=multi-user.target
`

// settingsScript lets files stand in for the settings of the host's kernel that a kubelet
// would change for everybody.
const settingsScript = `#!/bin/sh
set -e
mkdir -p /run/settings
for setting in vm/overcommit_memory vm/panic_on_oom kernel/panic kernel/panic_on_oops \
	kernel/keys/root_maxkeys kernel/keys/root_maxbytes; do
	own=/run/settings/$(basename $setting)
	[ -e "$own" ] || { cat /proc/sys/$setting >"$own" && mount --bind "$own" /proc/sys/$setting; }
done
`

const settingsUnit = `[Unit]
After=import-images.service
Wants=import-images.service

[Service]
ExecStartPre=/kind/bin/keep-settings.sh
`

// writeSettings writes what the rest of kind's Dockerfile does, and what is our own.
func (i nodeImage) writeSettings(root rootWriter) error {
	spec, err := i.containerSpec()
	if err != nil {
		return err
	}
	const units = "/etc/systemd/system/"
	failures := []error{
		root.file("/kind/version", 0o644, []byte(i.tags["kube-apiserver"])),
		root.file("/etc/containerd/cri-base.json", 0o644, spec),
		root.file("/etc/containerd/cni.template", 0o644, []byte(cniTemplate)),
		root.file("/kind/bin/import-images.sh", 0o755, []byte(importScript)),
		root.file("/kind/bin/keep-settings.sh", 0o755, []byte(settingsScript)),
		root.file(units+"import-images.service", 0o644, []byte(importUnit)),
		root.file(units+"kubelet.service.d/20-fathom.conf", 0o644, []byte(settingsUnit)),
		root.file("/etc/systemd/journald.conf.d/fathom.conf", 0o644, []byte("[Journal]\nReadKMsg=no\n")),
		root.file("/etc/kubernetes/manifests/.keep", 0o644, nil),
		root.file("/etc/cni/net.d/.keep", 0o644, nil),
		root.link("/opt/cni/bin", "/usr/lib/cni"),
		root.link(units+"systemd-binfmt.service", "/dev/null"),
	}
	for unit := range strings.FieldsSeq("containerd kubelet undo-mount-hacks import-images") {
		failures = append(failures, root.link(units+"multi-user.target.wants/"+unit+".service", units+unit+".service"))
	}
	return errors.Join(failures...)
}

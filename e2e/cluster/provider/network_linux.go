package provider

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"
)

// freeSubnet finds a number N whose network 10.250.N.0/30 no interface and no route
// of this host overlaps.
func freeSubnet() (int, error) {
	taken, err := hostNetworks()
	if err != nil {
		return 0, err
	}
	for n := range 256 {
		subnet := netip.MustParsePrefix(fmt.Sprintf("10.250.%d.0/30", n))
		if !slices.ContainsFunc(taken, subnet.Overlaps) {
			return n, nil
		}
	}
	return 0, errors.New("every network in 10.250.0.0/16 is in use on this host (see `ip route`); a node needs four addresses there")
}

// hostNetworks lists the networks of the host's interfaces and of its routes, but
// for the default route.
func hostNetworks() ([]netip.Prefix, error) {
	var networks []netip.Prefix
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return nil, err
	}
	for _, address := range addresses {
		if prefix, err := netip.ParsePrefix(address.String()); err == nil {
			networks = append(networks, prefix)
		}
	}
	routes, err := exec.Command(find("ip"), "-4", "route", "show", "table", "all").Output()
	if err != nil {
		return nil, fmt.Errorf("ip route: %w", commandError(err))
	}
	for line := range strings.Lines(string(routes)) {
		for _, word := range strings.Fields(line) {
			if prefix, err := netip.ParsePrefix(word); err == nil && prefix.Bits() > 0 {
				networks = append(networks, prefix)
			} else if address, err := netip.ParseAddr(word); err == nil {
				networks = append(networks, netip.PrefixFrom(address, address.BitLen()))
			}
		}
	}
	return networks, nil
}

// connectNode joins host and node by a pair of interfaces and returns the node's address.
func connectNode(ctx context.Context, node process) (string, error) {
	n, err := freeSubnet()
	if err != nil {
		return "", err
	}
	link, host, address := "fathom"+strconv.Itoa(n), fmt.Sprintf("10.250.%d.1", n), fmt.Sprintf("10.250.%d.2", n)
	for _, args := range [][]string{
		{"link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", strconv.Itoa(node.PID)},
		{"address", "add", host + "/30", "dev", link},
		{"link", "set", link, "up"},
	} {
		if output, err := exec.CommandContext(ctx, find("ip"), args...).CombinedOutput(); err != nil {
			return "", fmt.Errorf("ip %s: %w: %s", strings.Join(args, " "), err, bytes.TrimSpace(output))
		}
	}
	// Without a route to them, nothing on the node itself would get as far as
	// kube-proxy's rules for the services' addresses.
	script := "ip address add " + address + "/30 dev eth0 && ip link set eth0 up && ip route add " + serviceNetwork + " dev eth0"
	var output bytes.Buffer
	command := exec.CommandContext(ctx, "/bin/sh", "-c", script)
	command.Dir, command.Env, command.Stdout, command.Stderr = "/", []string{"PATH=" + systemPath}, &output, &output
	if err := startInside(node, command); err != nil {
		return "", err
	}
	if err := command.Wait(); err != nil {
		return "", fmt.Errorf("address of the node: %w: %s", err, bytes.TrimSpace(output.Bytes()))
	}
	return address, nil
}

// waitDisconnected returns when the kernel has removed the address's network, which
// it does by itself some time after the node's last process.
func waitDisconnected(ctx context.Context, address string) error {
	node, err := netip.ParseAddr(address)
	if err != nil || !node.IsPrivate() {
		return nil
	}
	return until(ctx, 30*time.Second, "the node's network is gone", func(context.Context) error {
		addresses, err := net.InterfaceAddrs()
		if err != nil {
			return err
		}
		for _, found := range addresses {
			if prefix, err := netip.ParsePrefix(found.String()); err == nil && prefix.Contains(node) {
				return fmt.Errorf("an interface still has %s", prefix)
			}
		}
		return nil
	})
}

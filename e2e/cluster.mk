# The test cluster. NAME tells clusters apart, NODES adds simulated nodes, and
# PROVIDER is auto, native, kind or existing.
.PHONY: cluster cluster-down cluster-status

cluster_flags = --name $(or $(NAME),fathom) --provider $(or $(PROVIDER),auto)

cluster: ## start a real cluster, or find it running (NAME=fathom NODES=0 PROVIDER=auto)
	$(GO) -C e2e run ./cluster up $(cluster_flags) --nodes $(or $(NODES),0)

cluster-down: ## remove the cluster and all it left behind (NAME=fathom PROVIDER=auto)
	$(GO) -C e2e run ./cluster down $(cluster_flags)

cluster-status: ## say what runs and what it can do (NAME=fathom PROVIDER=auto)
	$(GO) -C e2e run ./cluster status $(cluster_flags)

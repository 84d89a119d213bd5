package process

import "syscall"

// endWithParent has a process killed when the program dies.
func endWithParent(attributes *syscall.SysProcAttr) { attributes.Pdeathsig = syscall.SIGKILL }

package process

import (
	"os"
	"os/exec"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// Detached starts a command without a console.
func Detached(cmd *exec.Cmd) (*Group, error) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: windows.CREATE_NEW_PROCESS_GROUP | windows.CREATE_NO_WINDOW}
	return startJob(cmd)
}

// InForeground starts a command on the program's console.
func InForeground(*os.File) func(cmd *exec.Cmd) (*Group, error) { return startJob }

// startJob starts a command in a job: the system ends what is in it when the last handle
// is closed, and so when the program dies.
func startJob(cmd *exec.Cmd) (*Group, error) {
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	job, err := newJob(cmd.Process.Pid)
	if err != nil {
		return &Group{end: func(time.Duration) { _ = cmd.Process.Kill() }, release: func() {}}, nil
	}
	return &Group{
		end:     func(time.Duration) { _ = windows.TerminateJobObject(job, 1) },
		release: func() { closeJob(job) },
	}, nil
}

func newJob(pid int) (windows.Handle, error) {
	job, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return 0, err
	}
	err = limitJob(job, windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE)
	if err == nil {
		var child windows.Handle
		child, err = windows.OpenProcess(windows.PROCESS_SET_QUOTA|windows.PROCESS_TERMINATE, false, uint32(pid))
		if err == nil {
			err = windows.AssignProcessToJobObject(job, child)
			_ = windows.CloseHandle(child)
		}
	}
	if err != nil {
		_ = windows.CloseHandle(job)
	}
	return job, err
}

// closeJob lets what the command has left live on, as it may on other systems.
func closeJob(job windows.Handle) {
	_ = limitJob(job, 0)
	_ = windows.CloseHandle(job)
}

func limitJob(job windows.Handle, flags uint32) error {
	limits := windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION{
		BasicLimitInformation: windows.JOBOBJECT_BASIC_LIMIT_INFORMATION{LimitFlags: flags},
	}
	_, err := windows.SetInformationJobObject(job, windows.JobObjectExtendedLimitInformation,
		uintptr(unsafe.Pointer(&limits)), uint32(unsafe.Sizeof(limits)))
	return err
}

"""What is known of a testbed (hosts-testbed), in its folder, and how its hosts are entered."""

import json
import os
import pathlib
import signal
import subprocess
import time

NETWORK = "10.99.0."
SERVER = NETWORK + "1"  # the switch, which also serves the shared file system
MARK = "HOSTS_TESTBED"  # in the environment of every program that was started on a host, but not of the host's own services: whose it is
NAMESPACES = ["--net", "--uts", "--ipc", "--mount", "--pid"]


def run(*command, check=True, **options):
    return subprocess.run([str(word) for word in command], check=check, **options)


def wait_for(what, condition, seconds=90):
    """@param seconds  more than a busy machine needs, and than a connection that was cut needs to find out that it is whole again"""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise SystemExit(f"hosts-testbed: {what} did not come within {seconds} s")
        time.sleep(0.05)


class Testbed:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder).resolve()
        self.state_file = self.folder / "state.json"
        self.state = json.loads(self.state_file.read_text()) if self.state_file.exists() else None

    def save(self):
        part = self.state_file.with_suffix(".part")
        part.write_text(json.dumps(self.state, indent=1))
        part.replace(self.state_file)

    @property
    def hosts(self):
        return [f"h{number}" for number in range(1, self.state["hosts"] + 1)]

    def address(self, host):
        return NETWORK + str(10 + int(host[1:]))

    def hardware_address(self, host):
        """The same after each boot: others have it in their tables for up to a minute, and would not reach another one."""
        return f"02:00:0a:63:00:{1 if host == 'switch' else 10 + int(host[1:]):02x}"

    def pid(self, host):
        """The first process of a host, as seen from outside; None when the host is dead."""
        if not self.state:
            raise SystemExit(f"hosts-testbed: nothing runs in {self.folder}")
        pid = self.state["pids"].get(host)
        return pid if pid and began_at(pid) == self.state["began"].get(host) and not is_zombie(pid) else None

    def live_pid(self, host):
        pid = self.pid(host)
        if pid is None:
            raise SystemExit(f"hosts-testbed: {host} is not running")
        return pid

    def enter(self, host, *command, **options):
        return run("nsenter", "--target", self.live_pid(host), *NAMESPACES, "--", *command, **options)

    def end_programs(self):
        """Kills what was started on the hosts, by whichever way it got there. Returns whether there was any."""
        mark, found = f"{MARK}={self.state['id']}".encode(), False
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if mark in (process / "environ").read_bytes().split(b"\0"):
                    os.kill(int(process.name), signal.SIGKILL)
                    found = True
            except OSError:
                pass  # it has ended in the meantime
        return found

    def in_switch(self, *command, **options):
        return run("nsenter", "--target", self.live_pid("switch"), "--net", "--", *command, **options)

    # control groups: version 1 has a tree for each controller, version 2 one for all
    def group(self, controller, host):
        top = pathlib.Path("/sys/fs/cgroup")
        if not (top / "cgroup.controllers").exists():
            top = top / controller
        return top / f"hosts-testbed-{self.state['id']}" / host

    def join_groups(self, host, pid):
        for controller in ("cpu", "freezer"):
            group = self.group(controller, host)
            try:
                group.mkdir(parents=True, exist_ok=True)
                if group.parts[4].startswith("hosts-testbed"):  # version 2
                    for above in (group.parent.parent, group.parent):
                        (above / "cgroup.subtree_control").write_text("+cpu")
                (group / "cgroup.procs").write_text(str(pid))
            except OSError as problem:
                print(f"hosts-testbed: no control group {controller} for {host}: {problem}", file=sys.stderr)

    def leave_groups(self):
        for controller in ("cpu", "freezer"):
            for host in self.hosts + ["switch"]:
                remove_folder(self.group(controller, host))
            remove_folder(self.group(controller, "x").parent)

    def set_cpu_share(self, host, percent):
        group, period = self.group("cpu", host), 20_000
        quota = period * percent // 100 if percent else None
        if (group / "cpu.max").exists():
            (group / "cpu.max").write_text(f"{quota or 'max'} {period}")
        else:
            (group / "cpu.cfs_period_us").write_text(str(period))
            (group / "cpu.cfs_quota_us").write_text(str(quota or -1))

    def cpu_share(self, host):
        """Per cent of a core; None: no limit, or no control group."""
        group = self.group("cpu", host)
        try:
            both = group / "cpu.max"
            files = [both] if both.exists() else [group / f"cpu.cfs_{what}_us" for what in ("quota", "period")]
            quota, period = " ".join(file.read_text() for file in files).split()
        except OSError:
            return None
        return None if quota in ("max", "-1") else int(quota) * 100 // int(period)

    def freeze(self, host, frozen):
        group = self.group("freezer", host)
        if (group / "freezer.state").exists():
            (group / "freezer.state").write_text("FROZEN" if frozen else "THAWED")
        else:
            (group / "cgroup.freeze").write_text("1" if frozen else "0")


def began_at(pid):
    """When a process began, in ticks since the machine did: numbers of processes are used again, soon on a busy machine. None: it is gone."""
    try:
        return int(pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[19])
    except OSError:
        return None


def is_zombie(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


def remove_folder(folder):
    try:
        folder.rmdir()
    except OSError:
        pass

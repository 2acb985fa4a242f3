"""The testbed itself: what was done to its hosts is over when they are mended, and does not disturb the next test."""

import unittest

from hosts import SHARED, TESTBED, lacks_control_groups, lacks_faketime, missing, wait_until
from on_hosts import OnHosts


class OnTestbed(OnHosts):
    def reached(self, host, other):
        """What a program says that is started on another host."""
        return self.bed.on(host, TESTBED, "agent", other, "hostname").strip()

    def hardware_address(self, host, other):
        """That a host has in its table for another one."""
        words = self.bed.on(host, "ip", "neighbour", "show", other).split()
        return words[words.index("lladdr") + 1]


class Silent(OnTestbed):
    """With nothing between the hosts: none asks for the server when it boots, by which the others would learn where it is."""

    fs = "local"

    def test_a_host_that_was_killed_and_booted_again_is_reached_at_once(self):
        self.assertEqual(self.reached("h1", "h2"), "h2")
        known = self.hardware_address("h1", "10.99.0.12")
        self.bed.tell("kill-host", "h2")
        self.bed.tell("boot-host", "h2")
        self.assertEqual(self.reached("h1", "h2"), "h2")
        self.assertEqual(self.hardware_address("h1", "10.99.0.12"), known)


class Testbed(OnTestbed):
    def test_the_server_is_reached_whichever_hosts_are_booted_again(self):
        known = self.hardware_address("h1", "10.99.0.1")
        for host in ("h2", "h3", "h2", "h3"):
            self.bed.tell("kill-host", host, "--loudly")
            self.bed.tell("boot-host", host)
            self.assertEqual(self.hardware_address(host, "10.99.0.1"), known)

    @unittest.skipIf(lacks_control_groups(), lacks_control_groups())
    def test_a_host_is_gone_when_it_was_killed(self):
        for _ in range(3):
            self.bed.tell("freeze", "h3")
            self.bed.tell("kill-host", "h3")
            self.assertFalse(self.bed.is_up("h3"))
            self.bed.tell("boot-host", "h3")
            self.assertTrue(self.bed.is_up("h3"))

    @unittest.skipIf(lacks_control_groups(), lacks_control_groups())
    def test_nothing_that_was_done_to_hosts_is_left_once_they_are_mended(self):
        self.bed.tell("slow", "h2", 10)
        if not missing(["nft"]):
            self.bed.tell("loss", "h2", 99)
        if not lacks_faketime():
            self.bed.tell("clock", "h3", -172800)
        self.bed.tell("freeze", "h3")
        self.bed.tell("partition", "h3")
        self.bed.tell("slow", "h1", 10)
        self.bed.tell("kill-host", "h1")
        self.bed.mend()
        for host in self.bed.hosts:
            self.bed.on("h1", "touch", f"{SHARED}/{host}")
            self.bed.on(host, "rm", f"{SHARED}/{host}")
            self.assertEqual(self.reached("h1", host), host)
            self.assertEqual(self.bed.cpu_share(host), None)
        h1, h3 = (int(self.bed.on(host, TESTBED, "agent", host, "date +%s")) for host in ("h1", "h3"))
        self.assertLess(h3 - h1, 3600)

    def test_what_was_started_on_hosts_is_ended_when_they_are_mended(self):
        with self.bed.begin("h1", TESTBED, "agent", "h2", "setsid sleep 1000 & sleep 1000"), self.bed.begin("h3", "sleep", 1000):
            for host, count in (("h2", 2), ("h3", 1)):
                wait_until(lambda host=host, count=count: self.sleepers(host) == count, "they have begun")
            self.bed.mend()
            self.assertEqual([self.sleepers(host) for host in self.bed.hosts], [0, 0, 0])

    def sleepers(self, host):
        return len(self.bed.on(host, "pgrep", "-x", "sleep", code=None).split())


if __name__ == "__main__":
    unittest.main()

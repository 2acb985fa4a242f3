"""A run can be watched: status files, HTTP, logs and alerts tell what happens while it happens."""

import fcntl
import html.parser
import json
import os
import pty
import re
import shutil
import socket
import struct
import subprocess
import termios
import time
import unittest
import urllib.error
import urllib.request

from system import PATIENCE, Job, SystemTest, command

DRILL = ["run", "--set", "study.kind=drill", "--set", "run.retry_delay=100ms", "--set", "study.name=watched"]


class Balanced(html.parser.HTMLParser):
    """Fails on tags that do not match, and counts what a page has."""

    def __init__(self):
        super().__init__()
        self.open, self.count, self.addresses = [], {}, []

    def handle_starttag(self, tag, attributes):
        self.count[tag] = self.count.get(tag, 0) + 1
        self.addresses += [value for name, value in attributes if name in ("src", "href")]
        if tag not in ("meta", "link", "br", "line"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.count[tag] = self.count.get(tag, 0) + 1

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            raise AssertionError(f"</{tag}> closes nothing")


class Watching(SystemTest):
    deaths = 100

    def test_the_status_directory_and_the_server_follow_a_run(self):
        status = self.folder / "status"
        arguments = [*DRILL, "--output", self.study, "--set", "drill.experiments=30", "--set", "drill.seconds=0.3", "--retries", "0",
                     "--set", 'drill.faults=["crash:3"]', "--status-dir", status, "--serve", "0"]
        with Job(self.folder, *arguments, ranks=2) as job:
            job.wait_until(lambda: (status / "index.html").exists() and self.read(status)["experiments"]["done"] > 1,
                           "the status shows results")
            first = self.read(status)
            self.assertEqual(first["phase"], "running")
            self.assertEqual(len(first["ranks"]), 2)
            self.assertTrue(any(rank["state"] == "running" for rank in first["ranks"]))
            page = (status / "index.html").read_text()
            self.assertIn('http-equiv="refresh"', page)
            self.assertIn("default-src 'none'", page)
            address = re.search(r"status at (http://127\.0\.0\.1:\d+)/\?token=([0-9a-f]{32})\b", page)
            address, token = address.groups()
            with self.assertRaisesRegex(urllib.error.HTTPError, "403"):
                urllib.request.urlopen(address + "/status.json", timeout=30)
            with urllib.request.urlopen(f"{address}/status.json?token={token}", timeout=30) as answer:
                self.assertGreaterEqual(json.load(answer)["experiments"]["done"], first["experiments"]["done"])
            scrape = urllib.request.Request(address + "/metrics", headers={"Authorization": f"Bearer {token}"})
            with urllib.request.urlopen(scrape, timeout=30) as answer:
                self.assertIn(f'vaster_experiments{{study="watched",file="{self.study}",status="done"}}', answer.read().decode())
            job.wait_until(lambda: self.read(status)["experiments"]["done"] > first["experiments"]["done"], "the status goes on")
            code, output = job.wait()
        self.assertEqual(code, 75, output)
        last = self.read(status)
        self.assertEqual(last["phase"], "finished")
        self.assertEqual(last["experiments"]["done"], 29)
        self.assertEqual(last["experiments"]["failed"], 1)
        self.assertEqual([failure["experiment"] for failure in last["failures"]], [3])
        self.assertEqual(sum(rank["done"] for rank in last["ranks"]), 29)
        parser = Balanced()
        parser.feed((status / "index.html").read_text())
        self.assertEqual(parser.open, [])
        self.assertEqual(parser.addresses, [], "the page needs nothing but itself")
        self.assertGreaterEqual(parser.count["rect"], 20)
        self.assertEqual(sorted(path.name for path in status.iterdir()), ["index.html", "metrics.prom", "status.json"])

    @staticmethod
    def read(status):
        return json.loads((status / "status.json").read_text())

    @unittest.skipIf(shutil.which("prometheus-node-exporter") is None, "node_exporter is not installed")
    def test_node_exporter_shows_two_studies_of_one_name_side_by_side(self):
        collected = self.folder / "collected"
        collected.mkdir()
        studies = [self.folder / f"one-of-two-{i}.h5" for i in range(2)]
        for i, study in enumerate(studies):
            self.vaster(*DRILL, "--output", study, "--set", "drill.experiments=5", "--set", "drill.seconds=0.01", "--status-dir", self.folder / f"status-{i}")
            (collected / f"study-{i}.prom").symlink_to(self.folder / f"status-{i}" / "metrics.prom")
            if shutil.which("promtool"):
                subprocess.run("promtool check metrics", shell=True, check=True, input=(collected / f"study-{i}.prom").read_bytes())
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        exporter = subprocess.Popen(["prometheus-node-exporter", "--collector.disable-defaults", "--collector.textfile", f"--collector.textfile.directory={collected}",
                                     f"--web.listen-address=127.0.0.1:{port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            page = self.page_of(f"http://127.0.0.1:{port}/metrics")
        finally:
            exporter.kill()
            exporter.wait()
        self.assertIn("node_textfile_scrape_error 0", page)
        for study in studies:
            self.assertIn(f'vaster_experiments{{file="{study}",status="done",study="watched"}} 5', page)

    def page_of(self, address):
        """What a server answers that may still be starting."""
        for _ in range(100):
            try:
                return urllib.request.urlopen(address, timeout=30).read().decode()
            except urllib.error.URLError:
                time.sleep(0.1)
        self.fail(f"nobody answers at {address}")

    def test_a_log_of_json_has_every_experiment_with_its_rank(self):
        log = self.folder / "events.log"
        self.vaster(*DRILL, "--output", self.study, "--set", "drill.experiments=20", "--set", "drill.seconds=0.01", "--log-file", log,
                    "--log-level", "debug", "--log-format", "json", ranks=2)
        lines = [json.loads(line) for line in log.read_text().splitlines()]
        committed = [line["experiment"] for line in lines if line["component"] == "store"]
        self.assertEqual(sorted(committed), list(range(20)))
        self.assertTrue(all(line["rank"] in (0, 1) and line["time"].endswith("Z") for line in lines))
        self.assertEqual(lines[0]["message"], "no data: 20 experiments that only pretend to work")
        self.assertTrue(lines[1]["message"].startswith("start:"))
        self.assertTrue(lines[-1]["message"].startswith("end: 20/20"))

    def test_alerts_run_commands_and_never_hurt_the_run(self):
        heard = self.folder / "alerts.txt"
        note = f'echo "$VASTER_EVENT $VASTER_STUDY $VASTER_DONE/$VASTER_TOTAL" >> {heard}'
        config = self.folder / "alerts.toml"
        config.write_text(f"[alerts]\nfirst_failure = '{note}'\nfailures = 'exit 9'\nfailure_share = 0.0\nfinish = '{note}'\n")
        self.vaster("run", config, *DRILL[1:], "--output", self.study, "--set", "drill.experiments=10", "--set", "drill.seconds=0.01",
                    "--set", 'drill.faults=["error:4"]', ranks=2, code=75)
        events = sorted(heard.read_text().splitlines())  # commands run side by side
        self.assertEqual([event.split()[0] for event in events], ["finish", "first_failure"])
        self.assertEqual(events[0], "finish watched 9/10")

    def test_what_cannot_be_shown_is_refused_before_the_run(self):
        said = self.vaster(*DRILL, "--output", self.study, "--serve", "nowhere", code=64).stderr
        self.assertIn("'nowhere' is not an address", said)
        said = self.vaster(*DRILL, "--output", self.study, "--status-dir", "/dev/null/x", code=74).stderr
        self.assertIn("/dev/null/x", said)
        self.assertFalse(self.study.exists(), "nothing is created")

    def test_a_terminal_gets_a_live_line_that_fits_also_through_mpirun(self):
        for ranks, width in ((0, 80), (2, 100)):
            with self.subTest(ranks=ranks):
                shown = self.on_a_terminal(width, *DRILL, "--output", self.folder / f"terminal-{ranks}.h5",
                                           "--set", "drill.experiments=8", "--set", "drill.seconds=0.4", ranks=ranks)
                lines = [line.partition("\n")[0] for line in shown.split("\r\x1b[K")[1:]]
                self.assertTrue(any(re.search(r"running \| rank 0, \d+ s: drill", line) for line in lines), shown)
                self.assertLess(max(len(line.strip()) for line in lines), width, shown)

    def on_a_terminal(self, width, *arguments, ranks):
        """What the program writes to a terminal of this width."""
        screen, terminal = pty.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
        process = subprocess.Popen(command(*arguments, ranks=ranks), cwd=self.folder, stdin=subprocess.DEVNULL, stdout=terminal,
                                   stderr=terminal, env={**os.environ, "TERM": "xterm"})
        os.close(terminal)
        written = b""
        try:
            while chunk := os.read(screen, 65536):
                written += chunk
        except OSError:  # the last one has closed the terminal
            pass
        os.close(screen)
        self.assertEqual(process.wait(PATIENCE), 0, written)
        return written.decode()


if __name__ == "__main__":
    unittest.main()

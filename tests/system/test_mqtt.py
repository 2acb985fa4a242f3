"""vaster run with io.broker: topics go to a real MQTT broker (mosquitto), and outputs stay what they are without."""

import json
import os
import re
import shutil
import socket
import subprocess
import time
import unittest

from system import PATIENCE, VASTER, SystemTest

BROKER = shutil.which("mosquitto", path=f"{os.environ['PATH']}:/usr/sbin")
SUBSCRIBER = shutil.which("mosquitto_sub")
RECORDS, SENSORS, KNOWN = 1500, 12, 10


def missing():
    if "libmosquitto" not in subprocess.run(["ldd", VASTER], capture_output=True, text=True).stdout:
        return "the program is built without MQTT"
    return "" if BROKER and SUBSCRIBER else "mosquitto or mosquitto-clients is not installed"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def listens(port):
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0


def line(number):
    moment = 1600000000000 + 1000 * number
    entries = [{"n": "device", "sv": f"d{number % SENSORS}", "u": "string"}, {"n": "light", "u": "lx", "v": str(number * 37 % 101)}]
    return f"{moment}," + json.dumps({"e": entries, "bt": moment}, separators=(",", ":"))


@unittest.skipIf(missing(), missing())
class Mqtt(SystemTest):
    deaths = 100  # nothing here needs them

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lines = [line(number) for number in range(RECORDS)]
        (cls.folder / "stream.senml").write_text("\n".join(cls.lines) + "\n")
        (cls.folder / "places.txt").write_text("".join(f"d{number}:place {number}\n" for number in range(KNOWN)))

    def setUp(self):
        super().setUp()
        self.name = self.id().rpartition(".")[2]
        self.port = free_port()

    def wait_until(self, condition, what):
        deadline = time.monotonic() + PATIENCE
        while not condition():
            self.assertLess(time.monotonic(), deadline, f"waited in vain until {what}")
            time.sleep(0.02)

    def start_broker(self):
        file = self.folder / f"{self.name}.conf"
        file.write_text(f"listener {self.port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n")
        broker = subprocess.Popen([BROKER, "-c", file], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(broker.wait)
        self.addCleanup(broker.kill)
        self.wait_until(lambda: listens(self.port), "the broker listens")
        return broker

    def subscribe(self, topic):
        """Returns a function: the messages that have come, once there are so many."""
        heard = self.folder / f"{self.name}.heard"
        with open(heard, "w") as file:
            subscriber = subprocess.Popen(["stdbuf", "-oL", SUBSCRIBER, "-p", str(self.port), "-q", "1", "-t", topic, "-d"],
                                          stdout=file, stderr=subprocess.STDOUT)
        self.addCleanup(subscriber.wait)
        self.addCleanup(subscriber.kill)
        self.wait_until(lambda: "SUBACK" in heard.read_text(), "the broker knows the subscriber")

        def messages(at_least):
            found = []

            def enough():
                found[:] = [said for said in heard.read_text().splitlines() if re.match(r"\d{13},", said)]
                return len(found) >= at_least

            self.wait_until(enough, f"{at_least} messages have come")
            return sorted(found)

        return messages

    def arguments(self, jobs, *more, study=None, broker=True):
        study = study or self.name
        named = ["--set", f"io.broker=127.0.0.1:{self.port}"] if broker else []
        return ["run", "--set", "study.kind=stream", "--jobs", jobs, "--input", "stream.senml", "--sensor", "device", "--fields", "light",
                "--set", "dataflows.ETL.annotations=places.txt", "--set", "dataflows.ETL.publish=true", "--set", "run.retry_delay=50ms",
                "--partitions", 4, "--output", f"{study}.h5", "--set", f"output.directory={study}", "--set", f"io.directory={study}-io",
                *named, *more]

    def files_of(self, study):
        return {str(path.relative_to(self.folder / folder)): path.read_bytes()
                for folder in (study, f"{study}-io") for path in sorted((self.folder / folder).rglob("*")) if path.is_file()}

    def test_a_subscriber_has_each_line_once_and_outputs_are_the_same(self):
        self.start_broker()
        messages = self.subscribe("vaster")
        self.vaster(*self.arguments("MQP"), ranks=2)
        self.assertEqual(messages(RECORDS), sorted(self.lines))
        self.vaster(*self.arguments("MQP", study="silent", broker=False))
        files = self.files_of("silent")
        self.assertEqual(len(files), 1 + 4)
        self.assertEqual(self.files_of(self.name), files)
        self.assertEqual(len(messages(RECORDS)), RECORDS)

    def test_a_dataflow_publishes_what_it_has_annotated(self):
        self.start_broker()
        messages = self.subscribe("etl")
        self.vaster(*self.arguments("ETL"))
        rows = (self.folder / self.name / "ETL.csv").read_text().splitlines()[1:]
        self.assertTrue(0 < len(rows) < RECORDS)
        heard = messages(len(rows))
        self.assertEqual([said.partition(",")[0] for said in heard], sorted(row.split(",")[1] for row in rows))
        self.assertTrue(all('"place ' in said for said in heard))

    def test_a_broker_that_is_not_there_is_told_and_the_study_goes_on_when_it_is(self):
        done = self.vaster(*self.arguments("MQP"), code=75)
        self.assertIn(f"the MQTT broker 127.0.0.1, port {self.port}, cannot be reached: Connection refused", done.stderr)
        self.start_broker()
        messages = self.subscribe("vaster")
        self.vaster(*self.arguments("MQP", "--resume"))
        self.assertEqual(messages(RECORDS), sorted(self.lines))

    def test_a_broker_that_ends_in_the_middle_fails_what_it_has_not_confirmed(self):
        often = ["--set", "stream.repeats=100"]
        broker = self.start_broker()
        messages = self.subscribe("vaster")
        run = subprocess.Popen([VASTER, *map(str, self.arguments("MQP", *often))], cwd=self.folder, stderr=subprocess.PIPE, text=True)
        messages(1)
        broker.kill()
        broker.wait()
        _, said = run.communicate(timeout=PATIENCE)
        self.assertEqual(run.returncode, 75, said)
        self.assertIn(f"the MQTT broker 127.0.0.1, port {self.port}, cannot", said)
        self.start_broker()
        self.vaster(*self.arguments("MQP", *often, "--resume"))
        self.vaster(*self.arguments("MQP", *often, study="silent-too", broker=False))
        self.assertEqual(self.files_of(self.name), self.files_of("silent-too"))

    def test_names_that_no_broker_has_are_refused_before_anything_runs(self):
        for broker in ("mqtt://host", "host:0", "host:x"):
            done = self.vaster(*self.arguments("MQP", "--set", f"io.broker={broker}", broker=False), code=78)
            self.assertIn(f'io.broker = "{broker}" (must be HOST or HOST:PORT', done.stderr)
        self.assertIn("a broker takes no '+'", self.vaster(*self.arguments("MQP", "--set", "tasks.MQP.topic=a+b"), code=78).stderr)
        self.assertFalse((self.folder / f"{self.name}.h5").exists())


if __name__ == "__main__":
    unittest.main()

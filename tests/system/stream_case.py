"""A test of streams that has a made-up one, sys.csv, made once for all tests of its class."""

from system import SystemTest


class StreamTest(SystemTest):
    deaths = 100  # nothing here needs them
    records = 900
    sensors = 20

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.made = False

    def setUp(self):
        super().setUp()
        self.name = self.id().rpartition(".")[2]
        if not type(self).made:
            self.vaster("stream", "simulate", "SYS", "--records", str(self.records), "--sensors", str(self.sensors), "--output", "sys.csv")
            type(self).made = True

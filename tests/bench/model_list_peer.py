#!/usr/bin/env python3
"""A registry in the layout of MLflow's file store, a folder with YAML files for each model and version: what `vaster model list` is compared
with. Nothing of MLflow is needed: its files are read, and nothing else is done, which is the least that it could take.

model_list_peer.py make FOLDER COUNT
model_list_peer.py read FOLDER"""

import os
import sys

import yaml

MODEL = """aliases:
  production: '1'
creation_timestamp: 1767225600000
description: made up
last_updated_timestamp: 1767225600000
latest_versions: []
name: {name}
tags: {{}}
"""
VERSION = """aliases:
- production
creation_timestamp: 1767225600000
current_stage: None
description: made up
last_updated_timestamp: 1767225600000
name: {name}
run_id: 5d41402abc4b2a76b9719d911017c592
run_link: ''
source: runs/5d41402abc4b2a76b9719d911017c592/artifacts/model
status: READY
status_message: ''
storage_location: ''
tags:
  country: India
user_id: somebody
version: 1
"""


def make(folder, count):
    for i in range(int(count)):
        name = f"m{i:04}"
        version = os.path.join(folder, name, "version-1")
        os.makedirs(version)
        for path, text in ((os.path.join(folder, name), MODEL), (version, VERSION)):
            with open(os.path.join(path, "meta.yaml"), "w", encoding="utf-8") as file:
                file.write(text.format(name=name))


def read(folder):
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    versions = 0
    for model in sorted(os.scandir(folder), key=lambda entry: entry.name):
        with open(os.path.join(model.path, "meta.yaml"), encoding="utf-8") as file:
            yaml.load(file, loader)
        for version in os.scandir(model.path):
            if version.is_dir():
                with open(os.path.join(version.path, "meta.yaml"), encoding="utf-8") as file:
                    versions += yaml.load(file, loader)["status"] == "READY"
    print(versions)


if __name__ == "__main__":
    {"make": make, "read": read}[sys.argv[1]](*sys.argv[2:])

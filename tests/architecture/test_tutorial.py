"""What docs/developing.md tells a newcomer to type is typed here, in a project with one app more."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.architecture.test_floors import ROOT

DOCUMENT: Final = (ROOT / "docs" / "developing.md").read_text(encoding="utf-8")
FILES: Final = dict(re.findall(r"^`([\w/]+\.py)`\n```python\n(.*?)^```", DOCUMENT, flags=re.DOTALL | re.MULTILINE))
ANSWERS: Final = re.findall(r"^```text\n(.*?)\n^```", DOCUMENT, flags=re.DOTALL | re.MULTILINE)
COMMANDS: Final = re.findall(r"^bin/(\w+) (.*)$", DOCUMENT.rpartition("Then:")[2], flags=re.MULTILINE)


class Project:
    """This project with the settings of its tests and the app of the tutorial, in a directory of its own."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        settings = 'from qlekta.settings_test import *\n\nINSTALLED_APPS = [*INSTALLED_APPS, "wishes"]\n'
        self.write("tutorial_settings.py", settings)
        for package in ("wishes", "wishes/migrations"):
            self.write(f"{package}/__init__.py", "")
        own = (
            "QLEKTA_",
            "DJANGO_",
            "DATABASE_URL",
            "OWNER_DATABASE_URL",
            "REDIS_URL",
            "CACHE_URL",
            "VAR_DIR",
            "PYTEST_",
        )
        kept = {name: value for name, value in os.environ.items() if not name.startswith(own)}
        self._environment = {
            **kept,
            "PYTHONPATH": str(directory),
            "PYTHONDONTWRITEBYTECODE": "1",
            "DJANGO_SETTINGS_MODULE": "tutorial_settings",
        }

    def write(self, name: str, text: str) -> None:
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def run(self, command: str, arguments: str) -> subprocess.CompletedProcess[str]:
        """`bin/manage …` or `bin/test …`, with the app among the others."""
        ways = {"manage": ("manage.py",), "test": ("-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider")}
        argv = [sys.executable, *ways[command], *arguments.split()]
        return subprocess.run(argv, cwd=ROOT, env=self._environment, capture_output=True, text=True, check=False)


@pytest.mark.slow
@pytest.mark.network
def test_the_table_of_the_tutorial_is_refused_declared_and_then_kept_by_the_keystone(tmp_path: Path) -> None:
    undeclared, unclassified = ANSWERS
    project = Project(tmp_path)
    for name in ("wishes/apps.py", "wishes/models.py"):
        project.write(name, FILES[name])
    assert undeclared in project.run("manage", "check").stderr
    assert undeclared in project.run("manage", "makemigrations wishes").stderr
    declaration = FILES["wishes/privacy.py"]
    project.write("wishes/privacy.py", re.sub(r'^ *"price".*\n', "", declaration, flags=re.MULTILINE))
    assert unclassified in project.run("manage", "check").stderr
    project.write("wishes/privacy.py", declaration)
    said = {}
    for command, arguments in COMMANDS:
        done = project.run(command, arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        said[arguments] = done.stdout
    assert "wishes.Wish" in said["datamap"]
    assert (tmp_path / "wishes" / "migrations" / "0001_initial.py").exists()
    assert " passed" in said["tests/keystone"]
    assert [*said] == ["makemigrations wishes", "datamap", "tests/keystone"]

"""Makes `.venv` from a hash-locked requirements file; costs nothing when it is already there."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from runner import children
from runner.children import Word
from runner.places import PROJECT
from runner.trouble import Trouble

LOCKS: Final = {"run": PROJECT / "requirements.lock", "test": PROJECT / "requirements-test.lock"}

_VENV: Final = PROJECT / ".venv"
_PYTHON: Final = _VENV / "bin" / "python"
_INSTALLER_LOCK: Final = PROJECT / "runner" / "installer.lock"
_OLDEST_PYTHON: Final = "3.11"


def environment(lock: Path) -> Path:
    """Return the Python of an environment with everything that `lock` names, at exactly those hashes."""
    descriptor = os.open(PROJECT / "pyproject.toml", os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)  # a second command waits until the first has installed
        if not _is_current(lock):
            _say(f"Installing what {lock.name} names into {_VENV.name} (once; some 20 to 90 seconds).")
            _create()
            _install(lock)
            _stamp(lock).write_text(_mark(lock))
        compile_translations(_PYTHON)
    finally:
        os.close(descriptor)
    return _PYTHON


def _is_current(lock: Path) -> bool:
    # The file of the tests contains everything that a run needs.
    candidates = {lock, LOCKS["test"]}
    return _works() and any(_stamp(path).exists() and _stamp(path).read_text() == _mark(path) for path in candidates)


def _works() -> bool:
    question = f"import sys; sys.exit(sys.version_info < {tuple(map(int, _OLDEST_PYTHON.split('.')))})"
    return os.access(_PYTHON, os.X_OK) and _run([_PYTHON, "-c", question], quiet=True)


def _stamp(lock: Path) -> Path:
    return _VENV / f"{lock.stem}.installed"


def _mark(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def _create() -> None:
    if _works() and _run([_PYTHON, "-m", "pip", "--version"], quiet=True):
        return
    if (uv := shutil.which("uv")) and _run([uv, "venv", "--seed", "--clear", "--python", sys.executable, _VENV]):
        return
    if not _run([sys.executable, "-m", "venv", "--clear", _VENV]):
        raise Trouble("This Python cannot make environments: run `apt-get install python3-venv`, or install uv.")


def _install(lock: Path) -> None:
    for installer in (_uv_on_path, _uv_of_our_own):
        if (uv := installer()) and _run([uv, "pip", "install", "--quiet", *_how(lock), "--python", _PYTHON], extra=_UV):
            return
    _say("Installing with pip; uv would be faster.")
    if not _run([_PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--quiet", *_how(lock)]):
        raise Trouble(f"The packages of {lock.name} could not be installed; the reason is above.")


# uv brings its own root certificates and compiles nothing unless told to: the machine's own roots decide here, and
# five processes should not compile the same files at the first start.
_UV: Final = {"UV_SYSTEM_CERTS": "1", "UV_NATIVE_TLS": "1", "UV_COMPILE_BYTECODE": "1", "UV_NO_PROGRESS": "1"}


def _uv_on_path() -> str | None:
    return shutil.which("uv")


def _uv_of_our_own() -> str | None:
    pip: list[Word] = [
        _PYTHON,
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--quiet",
        *_how(_INSTALLER_LOCK),
    ]
    return str(_VENV / "bin" / "uv") if _run(pip) else None


def _how(lock: Path) -> list[str]:
    return ["--require-hashes", "--requirement", str(lock)]


def compile_translations(python: str | Path) -> None:
    """Compile the catalogues that are newer than what was compiled of them."""
    sources = list(PROJECT.glob("locale/*/LC_MESSAGES/*.po"))
    for source in sources:
        compiled = source.with_suffix(".mo")
        if compiled.exists() and compiled.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        argv = [python, "-m", "babel.messages.frontend", "compile", "-i", source, "-o", compiled]
        if not _run(argv, quiet=True):
            raise Trouble(f"{source.relative_to(PROJECT)} does not compile; see `.venv/bin/pybabel compile`.")


def _run(argv: Sequence[Word], *, quiet: bool = False, extra: Mapping[str, str] | None = None) -> bool:
    output = subprocess.DEVNULL if quiet else None
    done = subprocess.run(
        [str(word) for word in argv],
        cwd=PROJECT,
        env={**os.environ, **(extra or {})},
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        check=False,
        preexec_fn=children.dies_with_parent(children.signal.SIGTERM),
    )
    return done.returncode == 0


def _say(line: str) -> None:
    print(line, flush=True)

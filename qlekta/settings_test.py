"""Settings of the tests: throw-away stores, started here because pytest-django reads settings before any conftest."""

import os
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
if str(PROJECT) not in sys.path:
    sys.path.insert(0, str(PROJECT))

from runner import stores  # noqa: E402 - plain `pytest` does not put the project on the path

# The controller of a parallel run starts the stores once; its workers inherit the addresses.
if "QLEKTA_TEST_STORES" not in os.environ:
    _stores, _directory = stores.for_this_process()
    os.environ |= _stores.owner_environment
    os.environ |= {"QLEKTA_TEST_STORES": str(_directory)}
    os.environ |= {"QLEKTA_ENV": "development", "SITE_URL": "http://testserver", "EMAIL_URL": "memorymail://"}
    # The same tests with the visit log in a database of its own: QLEKTA_TEST_VISITS=apart bin/test …
    if os.environ.get("QLEKTA_TEST_VISITS") == "apart":
        os.environ |= {"VISITS_DATABASE_URL": f"{os.environ['DATABASE_URL']}_visits"}

# Parallel workers share the servers, never a queue or a cache: each has two databases of its own in Valkey.
_lane = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
for _name, _offset in (("REDIS_URL", 0), ("CACHE_URL", 1)):
    os.environ[_name] = f"{os.environ[_name].rpartition('=')[0]}={2 * _lane + _offset}"

# And its own files: sealed copies, keys and the journal, which must not close the site of the other.
_var = Path(os.environ["QLEKTA_TEST_STORES"]) / f"var-{_lane}"
(_var / "static").mkdir(mode=0o700, parents=True, exist_ok=True)  # WhiteNoise wants to see it
os.environ |= {"VAR_DIR": str(_var), "JOURNAL_DIR": str(_var / "journal")}

from qlekta.settings import *  # noqa: E402, F403 - the addresses above must be in place first

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
VISITS_DRAIN_THREAD = False  # a thread has a connection of its own, outside the test's transaction
VISITS_BROWSER_SIDE = False  # tests of it switch it on; the others meet only the cookies they speak of

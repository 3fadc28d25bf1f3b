"""Makes the environment, then becomes the command that was asked for; readable to Python 3 of any age, to say so."""

import os
import sys

COMMANDS = {
    "run": "run",
    "test": "test",
    "check": "test",
    "bench": "run",
    "manage": "run",
    "backup": "run",
    "restore": "run",
    "pseudonymise": "run",
}
MODULES = {"bench": "benchmarks"}

if __name__ == "__main__":
    if sys.version_info < (3, 11):
        sys.exit("Qlekta needs Python 3.11 or newer; this is %s." % sys.version.split()[0])
    from runner import bootstrap
    from runner.trouble import Trouble

    command, arguments = sys.argv[1], sys.argv[2:]
    try:
        python = str(bootstrap.environment(bootstrap.LOCKS[COMMANDS[command]]))
    except Trouble as trouble:
        sys.exit(str(trouble))
    except KeyboardInterrupt:
        sys.exit(130)
    sys.stdout.flush()
    os.execv(python, [python, "-E", "-m", MODULES.get(command, "runner." + command), *arguments])

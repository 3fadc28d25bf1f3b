# Sets PYTHON to the first Python that is new enough; sourced by the commands in bin/.
for PYTHON in python3 python3.14 python3.13 python3.12 python3.11; do
    "$PYTHON" -E -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && return
done
echo "Qlekta needs Python 3.11 or newer; none was found on PATH." >&2
exit 1

"""Merkle trees as RFC 6962 makes them: one root fixes every leaf and their order, a short path proves one leaf.

A leaf's hash is SHA-256(0x00 | what the leaf holds), a node's SHA-256(0x01 | left | right). A row's commitment is such
a leaf already. Everything here is pure: whoever has the hashes can compute it again.
"""

from collections.abc import Sequence
from hashlib import sha256


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over the hashes of leaves; that of no leaves is the hash of nothing."""
    level = list(leaves)
    if not level:
        return sha256(b"").digest()
    while len(level) > 1:
        level = _level_above(level)
    return level[0]


def path_of(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The hashes that lead from one leaf to the root, from below. Raises IndexError for a leaf that is not there."""
    if not 0 <= index < len(leaves):
        raise IndexError(index)
    level, path = list(leaves), []
    while len(level) > 1:
        if (beside := index ^ 1) < len(level):
            path.append(level[beside])
        level, index = _level_above(level), index >> 1
    return path


def root_by_path(leaf: bytes, *, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root to which a path leads from a leaf (RFC 9162, 2.1.3.2); None for a path of another length."""
    if not 0 <= index < size:
        return None
    position, last, reached = index, size - 1, leaf
    for beside in path:
        if not last:
            return None
        if position & 1 or position == last:
            reached = _node(beside, reached)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            reached = _node(reached, beside)
        position, last = position >> 1, last >> 1
    return None if last else reached


def _level_above(level: list[bytes]) -> list[bytes]:
    above = [_node(level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)]
    return [*above, level[-1]] if len(level) % 2 else above


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()

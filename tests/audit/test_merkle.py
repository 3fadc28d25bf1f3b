"""The tree is the one of RFC 6962: known roots, and a path for each leaf that fits no other."""

from hashlib import sha256

import pytest

from audit.merkle import path_of, root_by_path, root_of

INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
LEAVES = [sha256(b"\0" + bytes.fromhex(item)).digest() for item in INPUTS]
ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    5: "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}
"""The vectors of Certificate Transparency."""


@pytest.mark.parametrize("size", ROOTS)
def test_the_roots_are_those_that_others_compute(size: int) -> None:
    assert root_of(LEAVES[:size]).hex() == ROOTS[size]


def test_a_path_leads_from_each_leaf_to_the_root_and_from_no_other() -> None:
    leaves = [sha256(bytes([number])).digest() for number in range(37)]
    for size in range(1, len(leaves)):
        root = root_of(leaves[:size])
        for index in range(size):
            path = path_of(leaves[:size], index)
            assert root_by_path(leaves[index], index=index, size=size, path=path) == root
            assert root_by_path(leaves[-1], index=index, size=size, path=path) != root
            assert root_by_path(leaves[index], index=index ^ 1, size=size, path=path) != root or size == 1


@pytest.mark.parametrize(
    ("index", "size", "more"), [(-1, 5, 0), (5, 5, 0), (0, 0, 0), (2, 5, 1), (2, 5, -1), (2, 50, 0)]
)
def test_a_path_of_another_shape_leads_nowhere(index: int, size: int, more: int) -> None:
    path = path_of(LEAVES[:5], 2)
    path = [*path, LEAVES[0]] if more > 0 else path[: len(path) + more]
    assert root_by_path(LEAVES[2], index=index, size=size, path=path) is None
    with pytest.raises(IndexError):
        path_of(LEAVES, -1)

"""HDF5 files that claim lengths over 32 bits, in a few kilobytes each: what a reader with 32-bit
addresses takes for small numbers. Written by h5py; where h5py would not write a length, a smaller
one is written and its bytes are changed. Read by test/foreign/lengths.test.ts.

    pip install h5py==3.16.0 && python test/oracle/hdf5_lengths.py
"""

from pathlib import Path

import h5py
import numpy as np

HERE = Path(__file__).parent / "lengths"
HERE.mkdir(exist_ok=True)
OVER = 2**32 + 16  # 16, where it is cut to 32 bits


def changed(name: str, was: bytes, to: bytes) -> None:
    """Writes `to` wherever `was` stands in a file; it must stand there."""
    path = HERE / name
    content = path.read_bytes()
    assert was in content and len(was) == len(to)
    path.write_bytes(content.replace(was, to))


def eight(value: int) -> bytes:
    return value.to_bytes(8, "little")


with h5py.File(HERE / "chunked.h5", "w") as f:
    w = f.create_dataset("w", (OVER,), "u1", chunks=(2**16,), compression="gzip")
    w[: 2**16] = np.arange(2**16) % 251
with h5py.File(HERE / "contiguous.h5", "w") as f:
    f.create_dataset("w", (OVER // 8,), "f8")
with h5py.File(HERE / "half.h5", "w") as f:  # 2^31 bytes: negative, where a length has a sign
    f.create_dataset("w", (2**30,), "f2", chunks=(2**15,), compression="gzip")
with h5py.File(HERE / "product.h5", "w") as f:  # 2^64 numbers: none, where they are multiplied
    f.create_dataset("w", (4099, 4099), "u1", chunks=(16, 16), compression="gzip")
changed("product.h5", eight(4099), eight(2**32))

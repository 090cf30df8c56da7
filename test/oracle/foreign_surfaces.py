"""Writes surfaces as other tools write them, and what they say at which coordinates.

Run: python test/oracle/foreign_surfaces.py   (numpy 2.4, h5py 3.16)
Landscaper 1.3.1 saves np.savez(loss=…, coordinates=ranges) and fills loss[i, j] at step i of the first
direction (compute.py, `product(range(steps), repeat=dim)`); PyLandscape 0.1.3 keeps
{'random_plane': {'alpha', 'beta', 'loss'}} likewise (surface.py, `_compute_hyperplane`) and pickles it
(metric.py). loss-landscape writes meshgrid(x, y): rows are y. The function below is not symmetric, so a
grid that is read the wrong way round is found out.
"""

import json
import pickle
from pathlib import Path

import h5py
import numpy as np

OUT = Path(__file__).parent / "surfaces"
OUT.mkdir(exist_ok=True)
x, y = np.linspace(-1, 1, 5), np.linspace(-0.5, 1.5, 4)


def f(a, b):
    return 0.25 + a * a + 2 * b * b + 0.5 * a


by_rows = np.array([[f(a, b) for a in x] for b in y])
by_first = np.array([[f(a, b) for b in y] for a in x])
with h5py.File(OUT / "loss-landscape.h5", "w") as file:
    file["xcoordinates"], file["ycoordinates"] = x, y
    losses = by_rows.copy()
    losses[0, 0] = -1  # the peer's mark of what it has not measured yet
    file["train_loss"], file["train_acc"] = losses, 100 - 10 * by_rows
np.savez(OUT / "landscaper.npz", loss=np.array([[f(a, b) for b in x] for a in x]), coordinates=[x, x])
np.savez(OUT / "pylandscape.npz", alpha=x, beta=y, loss=by_first)
results = {"random_line": {"alpha": x, "loss": f(x, 0)}, "random_plane": {"alpha": x, "beta": y, "loss": by_first}}
(OUT / "pylandscape.pkl").write_bytes(pickle.dumps(results))
(OUT / "surface.json").write_text(json.dumps({"result": {"x": list(x), "y": list(y), "loss": by_rows.tolist()}}))
mesh_x, mesh_y = np.meshgrid(x, y)
(OUT / "meshes.json").write_text(json.dumps({"X": mesh_x.tolist(), "Y": mesh_y.tolist(), "Z": by_rows.tolist()}))
np.savez(OUT / "line.npz", alpha=x, loss=f(x, 0))

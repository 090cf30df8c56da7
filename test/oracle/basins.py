#!/usr/bin/env python3
"""0-dimensional sublevel persistence of small grids by GUDHI's cubical complex: writes basins.json beside itself (gudhi 3.13.0).

The grids' cells are the top-dimensional cells of the complex, so that they touch along edges and at corners.
"""
import json
import pathlib

import gudhi
import numpy

random = numpy.random.default_rng(7)
side = numpy.linspace(-1, 1, 21)
a, b = numpy.meshgrid(side, side)
GRIDS = {
    "egg crate": -numpy.cos(4 * numpy.pi * a) - numpy.cos(4 * numpy.pi * b),
    "two wells": (a**2 - 0.25) ** 2 * 8 + b**2 + 0.2 * a,
    "diagonal valley": numpy.abs(a - b) + 0.1 * numpy.cos(9 * a),
    "bowl with noise": a**2 + b**2 + 0.1 * random.normal(size=a.shape),
    "steps": numpy.round(3 * (a**2 + b**2) + random.normal(size=a.shape)),
    "oblong noise": random.normal(size=(7, 12)),
}


def basins(grid):
    """(cell of the minimum, birth, death) of every basin; the lowest one ends at the highest value."""
    complex_ = gudhi.CubicalComplex(top_dimensional_cells=grid)
    complex_.compute_persistence(homology_coeff_field=2)
    pairs, endless = complex_.cofaces_of_persistence_pairs()
    order = lambda cell: int(numpy.ravel_multi_index(numpy.unravel_index(cell, grid.shape, "F"), grid.shape))
    flat = grid.ravel()
    lowest = int(endless[0][0])
    found = [(order(low), order(high)) for low, high in (pairs[0] if pairs else [])]
    rows = [[low, float(flat[low]), float(flat[high])] for low, high in found if flat[low] < flat[high]]
    rows.append([order(lowest), float(flat[order(lowest)]), float(flat.max())])
    return sorted(rows)


pathlib.Path(__file__).with_name("basins.json").write_text(
    json.dumps(
        {
            name: {
                "columns": grid.shape[1],
                "rows": grid.shape[0],
                "values": [float(f"{v:.6g}") for v in grid.ravel()],
                "basins": basins(numpy.array([float(f"{v:.6g}") for v in grid.ravel()]).reshape(grid.shape)),
            }
            for name, grid in GRIDS.items()
        }
    )
    + "\n"
)

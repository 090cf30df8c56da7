#!/usr/bin/env python3
"""Quantiles and tails of Student's t, and sign-flip tests, by SciPy: writes statistics.json beside itself (scipy 1.17.1)."""
import json
import pathlib

import numpy
from scipy import stats

FREEDOMS = [1, 2, 3, 4, 5, 7, 11, 29, 100]
SAMPLES = [
    [0.3, 0.1],
    [0.181, 0.05, 0.31, 0.22, 0.144],
    [0.2, 0.1, -0.05, 0.3, 0.15],
    [-0.2, -0.1, -0.05, -0.3, -0.15],
    [1.0, 1.0, -1.0, 1.0, 1.0, -1.0, 1.0],
    [0.0, 0.0, 0.1, 0.0, -0.2, 0.3],
    numpy.random.default_rng(5).normal(0.3, 1.0, 15).tolist(),
]


def sign_flip(values):
    """All 2^n signs where scipy takes them: n_resamples is no less than their number."""
    found = stats.permutation_test(
        (numpy.array(values),),
        numpy.mean,
        permutation_type="samples",
        alternative="greater",
        n_resamples=2**16,
        vectorized=False,
    )
    return float(found.pvalue)


def interval(values, level):
    if len(values) < 3:
        return None
    mean, error = numpy.mean(values), stats.sem(values)
    return [float(v) for v in stats.t.interval(level, len(values) - 1, mean, error)]


pathlib.Path(__file__).with_name("statistics.json").write_text(
    json.dumps(
        {
            "quantiles": [
                {"tail": tail, "freedom": f, "t": float(stats.t.isf(tail, f))}
                for tail in (0.025, 0.05, 0.001)
                for f in FREEDOMS
            ],
            "tails": [
                {"t": t, "freedom": f, "p": float(stats.t.sf(t, f))}
                for t in (-2.0, 0.0, 0.3, 1.0, 4.5, 30.0)
                for f in FREEDOMS
            ],
            "samples": [
                {
                    "values": values,
                    "p": sign_flip(values),
                    "interval95": interval(values, 0.95),
                    "interval90": interval(values, 0.9),
                }
                for values in SAMPLES
            ],
        }
    )
    + "\n"
)

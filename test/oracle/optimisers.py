#!/usr/bin/env python3
"""Ten updates of PyTorch's optimisers with fixed gradients: writes optimisers.json beside itself (torch 2.15.0)."""
import json
import pathlib

import torch

torch.manual_seed(3)
START = [0.5, -1.0, 2.0, 0.25]
GRADIENTS = torch.randn(10, 4).tolist()


def updates(make, clip=None):
    w = torch.tensor(START[:3], dtype=torch.float64, requires_grad=True)
    b = torch.tensor(START[3:], dtype=torch.float64, requires_grad=True)
    optimiser = make(w, b)
    rows = []
    for gradient in GRADIENTS:
        w.grad = torch.tensor(gradient[:3], dtype=torch.float64)
        b.grad = torch.tensor(gradient[3:], dtype=torch.float64)
        if clip is not None:
            torch.nn.utils.clip_grad_norm_([w, b], clip)
        optimiser.step()
        rows.append(w.tolist() + b.tolist())
    return rows


def grouped(wd):
    return lambda w, b: [{"params": [w], "weight_decay": wd}, {"params": [b], "weight_decay": 0.0}]


SGD, ADAM, ADAMW = torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW
CASES = [
    ("sgd with Nesterov momentum and coupled decay", {"weightDecay": 0.01},
     lambda w, b: SGD([w, b], 0.1, momentum=0.9, nesterov=True, weight_decay=0.01)),
    ("sgd with plain momentum", {"weightDecay": 0, "optimiser": {"kind": "sgd", "momentum": 0.9, "nesterov": False}},
     lambda w, b: SGD([w, b], 0.1, momentum=0.9)),
    ("sgd without momentum, decay on weights only",
     {"weightDecay": 0.1, "decayOn": "weights", "optimiser": {"kind": "sgd", "momentum": 0, "nesterov": False}},
     lambda w, b: SGD(grouped(0.1)(w, b), 0.1)),
    ("adam with coupled decay", {"weightDecay": 0.01, "optimiser": {"kind": "adam"}},
     lambda w, b: ADAM([w, b], 0.1, weight_decay=0.01)),
    ("adamw", {"weightDecay": 0.01, "optimiser": {"kind": "adamw"}},
     lambda w, b: ADAMW([w, b], 0.1, weight_decay=0.01)),
    ("sgd with coupled decay and gradients clipped to a global norm", {"weightDecay": 0.01, "clip": 1.5},
     lambda w, b: SGD([w, b], 0.1, momentum=0.9, nesterov=True, weight_decay=0.01)),
]
content = {"start": START, "gradients": GRADIENTS,
           "cases": [{"name": name, "recipe": recipe, "weights": updates(make, recipe.get("clip"))} for name, recipe, make in CASES]}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(content, indent=1) + "\n")

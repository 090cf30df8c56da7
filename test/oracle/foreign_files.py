#!/usr/bin/env python3
"""Files of weights as PyTorch, safetensors, NumPy, h5py and Keras write them, and what is in them.

  python3 -m venv PLACE && PLACE/bin/pip install torch numpy h5py safetensors keras
  KERAS_BACKEND=torch PLACE/bin/python test/oracle/foreign_files.py

Writes test/oracle/foreign/*.EXT and foreign/expected.json: for each file its tensors by name with
shape, type and every number (as hexadecimal float64, so that nothing is rounded).
Made with torch 2.15.0, numpy 2.4.6, h5py 3.16.0, safetensors 0.8.0, keras 3.15.1.
"""
import collections
import json
import os
import pathlib

os.environ.setdefault("KERAS_BACKEND", "torch")
import h5py
import keras
import numpy as np
import safetensors.numpy
import safetensors.torch
import torch

HERE = pathlib.Path(__file__).parent / "foreign"
HERE.mkdir(exist_ok=True)
rng = np.random.default_rng(7)
torch.manual_seed(7)
expected = {}


def number(value):
    return float(value).hex()


def note(file, tensors):
    expected[file] = {
        name: {
            "shape": list(t.shape),
            "dtype": t.dtype.name if isinstance(t, (np.ndarray, np.generic)) else str(t.dtype).replace("torch.", ""),
            "values": [number(v) for v in (t.double() if isinstance(t, torch.Tensor) else t).reshape(-1)],
        }
        for name, t in tensors.items()
    }


def net(skip=True, prefix=""):
    """A ResNet-8 of width 2 in the names of tomgoldstein/loss-landscape, with counters."""
    d, cin = collections.OrderedDict(), 2
    def bn(name, c):
        d[prefix + name + ".weight"], d[prefix + name + ".bias"] = torch.randn(c), torch.randn(c)
        d[prefix + name + ".running_mean"], d[prefix + name + ".running_var"] = torch.randn(c), torch.rand(c)
        d[prefix + name + ".num_batches_tracked"] = torch.tensor(5)
    d[prefix + "conv1.weight"] = torch.randn(2, 1, 3, 3)
    bn("bn1", 2)
    for stage in (1, 2, 3):
        c, name = 2 ** stage, f"layer{stage}.0"
        d[prefix + name + ".conv1.weight"] = torch.randn(c, cin, 3, 3)
        bn(name + ".bn1", c)
        d[prefix + name + ".conv2.weight"] = torch.randn(c, c, 3, 3)
        bn(name + ".bn2", c)
        if skip and c != cin:
            d[prefix + name + ".shortcut.0.weight"] = torch.randn(c, cin, 1, 1)
            bn(name + ".shortcut.1", c)
        cin = c
    d[prefix + "linear.weight"], d[prefix + "linear.bias"] = torch.randn(10, 8), torch.randn(10)
    return d


types = {
    "float64": torch.float64, "float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16,
    "int64": torch.int64, "int32": torch.int32, "int16": torch.int16, "int8": torch.int8, "uint8": torch.uint8,
    "bool": torch.bool,
}
odd = [0.0, -0.0, 1e-40, 65504.0, 6e-8, -2.5, float("nan"), float("inf"), -float("inf")]


def of(dtype):
    if dtype.is_floating_point:
        return torch.cat([torch.randn(6, dtype=torch.float64), torch.tensor(odd)]).to(dtype).reshape(3, 5)
    return torch.tensor([0, 1, 2, 3, 100, 7]).to(dtype).reshape(2, 3)


# PyTorch, both formats, every type (20 files)
for name, dtype in types.items():
    sd = {"a": of(dtype), "b.c": of(dtype).reshape(-1)[:4].clone()}
    for form in ("zip", "stream"):
        file = f"torch-{form}-{name}.pt"
        torch.save(sd, HERE / file, _use_new_zipfile_serialization=form == "zip")
        note(file, sd)

# PyTorch: what lies around the weights (7 files)
base = torch.randn(4, 6)
views = {"row": base[1], "columns": base[:, 2:4], "turned": base.t(), "scalar": torch.tensor(2.5), "none": torch.zeros(0, 3)}
torch.save(views, HERE / "torch-views.pt")
note("torch-views.pt", views)
torch.save(views, HERE / "torch-views-stream.t7", _use_new_zipfile_serialization=False)
note("torch-views-stream.t7", views)
plain = net()
torch.save(plain, HERE / "resnet8.pth")
note("resnet8.pth", plain)
wrapped = net(skip=False, prefix="module.")
holder = {"state_dict": wrapped, "epoch": 3, "acc": 0.5, "optimizer": {"state": {0: {"momentum_buffer": torch.randn(3)}}, "param_groups": [{"lr": 0.1, "params": [0]}]}, "best": np.float64(0.25)}
torch.save(holder, HERE / "resnet8-noshort-module.t7", _use_new_zipfile_serialization=False)
note("resnet8-noshort-module.t7", wrapped)
torch.save({"net": {"w": torch.randn(2, 2)}}, HERE / "torch-net.ckpt")
note("torch-net.ckpt", torch.load(HERE / "torch-net.ckpt")["net"])
parameters = {"p": torch.nn.Parameter(torch.randn(3))}
torch.save(parameters, HERE / "torch-parameter.pt")
note("torch-parameter.pt", {"p": parameters["p"].detach()})
arrays = {"n": rng.standard_normal((2, 3)).astype("f4"), "t": torch.randn(2)}
torch.save(arrays, HERE / "torch-numpy.pt")
note("torch-numpy.pt", arrays)

# safetensors (4 files and shards)
sd = {name: of(dtype) for name, dtype in types.items()}
safetensors.torch.save_file(sd, HERE / "all.safetensors", {"format": "pt"})
note("all.safetensors", sd)
safetensors.torch.save_file(net(), HERE / "resnet8.safetensors")
note("resnet8.safetensors", safetensors.torch.load_file(HERE / "resnet8.safetensors"))
safetensors.numpy.save_file({"empty": np.zeros((0, 4), "f4"), "one": np.float32([1])}, HERE / "empty.safetensors")
note("empty.safetensors", {"empty": np.zeros((0, 4), "f4"), "one": np.float32([1])})
first, second = {"a": torch.randn(2, 2)}, {"b": torch.randn(3)}
safetensors.torch.save_file(first, HERE / "shard-1.safetensors")
safetensors.torch.save_file(second, HERE / "shard-2.safetensors")
(HERE / "shards.json").write_text(json.dumps({"metadata": {}, "weight_map": {"a": "shard-1.safetensors", "b": "shard-2.safetensors"}}))
note("shards.json", {**first, **second})

# NumPy (8 files)
for code in ("<f8", "<f4", "<f2", ">f4", "<i8", "|u1"):
    array = (rng.standard_normal((2, 3)) * 9).astype(code)
    file = f"array-{code.replace('<', 'l').replace('>', 'b').replace('|', '')}.npy"
    np.save(HERE / file, array)
    note(file, {file[:-4]: array})
columns = {"f": np.asfortranarray(rng.standard_normal((2, 3, 4))), "c": rng.standard_normal(3).astype("f4")}
np.savez(HERE / "stored.npz", **columns)
note("stored.npz", columns)
np.savez_compressed(HERE / "packed.npz", **columns)
note("packed.npz", columns)

# HDF5 by h5py (2 files)
with h5py.File(HERE / "plain.h5", "w") as f:
    f["g/w"] = rng.standard_normal((3, 4)).astype("f4")
    f["d"] = rng.standard_normal(5)
    f["i"] = np.arange(6, dtype="i8")
    f["b"] = rng.standard_normal(3).astype(">f4")
    f.create_dataset("z", data=rng.standard_normal((8, 8)).astype("f4"), compression="gzip", shuffle=True, fletcher32=True)
with h5py.File(HERE / "plain.h5") as f:
    names = []
    f.visititems(lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) else None)
    note("plain.h5", {name: f[name][()] for name in names})
with h5py.File(HERE / "directions.h5", "w") as f:
    for axis in ("xdirection", "ydirection"):
        for i in range(2):
            f[f"{axis}/{i}"] = rng.standard_normal((2, 2)).astype("f4")
with h5py.File(HERE / "directions.h5") as f:
    note("directions.h5", {f"{a}/{i}": f[a][str(i)][()] for a in f for i in range(2)})

# Keras, its three formats (3 files)
model = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Conv2D(3, 3, name="conv"), keras.layers.BatchNormalization(name="norm"), keras.layers.Flatten(), keras.layers.Dense(4, name="dense")])
for weight in model.weights:
    weight.assign(rng.standard_normal(weight.shape).astype("f4"))
values = [np.asarray(w.numpy() if hasattr(w, "numpy") else w) for w in model.weights]
keras_names = {
    "new": ["conv/0", "conv/1", "norm/0", "norm/1", "norm/2", "norm/3", "dense/0", "dense/1"],
    "old": ["conv/sequential/conv/kernel", "conv/sequential/conv/bias", "norm/sequential/norm/gamma", "norm/sequential/norm/beta",
            "norm/sequential/norm/moving_mean", "norm/sequential/norm/moving_variance", "dense/sequential/dense/kernel", "dense/sequential/dense/bias"],
}
for file in ("keras.keras", "keras.weights.h5", "keras.h5"):
    model.save_weights(HERE / file) if "weights" in file else model.save(HERE / file)
    with h5py.File(HERE / file) if file.endswith("h5") else __import__("contextlib").nullcontext() as f:
        if f is not None:
            found = []
            f.visititems(lambda name, item: found.append(name) if isinstance(item, h5py.Dataset) else None)
            print(file, found)
    expected[file] = [{"shape": list(v.shape), "values": [number(x) for x in v.reshape(-1)]} for v in values]

# Types that HDF5 has none for, or has in another order (2 files)
with h5py.File(HERE / "types.h5", "w") as f:
    for code in ("<f2", ">f2", ">f8", "<i2", ">i4", ">u8", "|u1", "|i1"):
        f[code.replace("<", "l").replace(">", "b").replace("|", "")] = (rng.standard_normal((2, 3)) * 9).clip(0 if "u" in code else None).astype(code)
    f["odd"] = np.array([0.0, -0.0, 6e-8, 65504, np.nan, np.inf], "f2")
    f["scalar"] = np.float16(-2.5)
with h5py.File(HERE / "types.h5") as f:
    note("types.h5", {name: f[name][()] for name in f})
keras.config.set_dtype_policy("bfloat16")
brief = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, name="dense")])
brief.save_weights(HERE / "bfloat16.weights.h5")
expected["bfloat16.weights.h5"] = [{"shape": list(w.shape), "values": [number(x) for x in w.value.detach().double().reshape(-1)]} for w in brief.weights]

(HERE / "expected.json").write_text(json.dumps(expected))
print(len(expected), "files")

# What must be refused: HDF5 that looks into other files (read by test/foreign/attacks.ts)
(HERE / "secret.bin").write_bytes(np.arange(4, dtype="f4").tobytes())
with h5py.File(HERE / "attack-external-storage.h5", "w") as f:
    f.create_dataset("w", (4,), "f4", external=[("secret.bin", 0, 16)])
with h5py.File(HERE / "attack-external-link.h5", "w") as f:
    f["w"] = h5py.ExternalLink("plain.h5", "/d")
with h5py.File(HERE / "attack-virtual.h5", "w") as f:
    layout = h5py.VirtualLayout((5,), "f8")
    layout[:] = h5py.VirtualSource(str(HERE.name) + "/plain.h5", "d", (5,))
    f.create_virtual_dataset("w", layout)
with h5py.File(HERE / "attack-huge.h5", "w") as f:
    f.create_dataset("w", (2**20, 2**12), "f4", chunks=(1024, 1024), compression="gzip")
with h5py.File(HERE / "attack-lambda.h5", "w") as f:
    f.attrs["keras_version"] = "2.0"
    f.attrs["model_config"] = json.dumps({"config": {"layers": [{"class_name": "Lambda"}]}})
    f["model_weights/w"] = np.zeros(3, "f4")
with h5py.File(HERE / "attack-filter.h5", "w") as f:
    f.create_dataset("w", data=np.arange(4096, dtype="i4"), chunks=(1024,), compression="lzf")

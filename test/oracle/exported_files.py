"""Reads what Isocurve exported with the libraries whose formats they are, and writes down that it is so.

Run: python test/oracle/exported_files.py FOLDER   (torch 2.15, safetensors 0.8, numpy 2.4, vtk 9.6)
FOLDER is what `ISOCURVE_EXPORTS=FOLDER npx vitest run test/export` leaves: for each network its
weights as .safetensors, .pt and .npz, its logits in logits.json, and a surface as .npz and .vtp.
Every tensor must be the same in all three, the PyTorch network must take them strictly and give our
logits. The SHA-256 of each file goes into test/oracle/exported.json: the test compares with these, so
a file that passes there is one that was read here.
"""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from safetensors.torch import load_file
from vtk.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkIOXML import vtkXMLPolyDataReader


class Block(nn.Module):
    def __init__(self, cin, cout, stride, skip):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(cin, cout, 3, stride, 1, bias=False), nn.BatchNorm2d(cout)
        self.conv2, self.bn2 = nn.Conv2d(cout, cout, 3, 1, 1, bias=False), nn.BatchNorm2d(cout)
        self.skip, self.stride, self.more = skip, stride, cout - cin
        if skip == "projection" and (stride != 1 or cin != cout):
            self.shortcut = nn.Sequential(nn.Conv2d(cin, cout, 1, stride, bias=False), nn.BatchNorm2d(cout))

    def forward(self, x):
        h = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        if self.skip == "projection":
            h = h + (self.shortcut(x) if hasattr(self, "shortcut") else x)
        if self.skip == "identity":
            h = h + F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, 0, self.more))
        return F.relu(h)


class ResNet(nn.Module):
    def __init__(self, width, skip):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(1, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width)
        cin = width
        for stage in range(3):
            cout = width << stage
            setattr(self, f"layer{stage + 1}", nn.Sequential(Block(cin, cout, 2 if stage else 1, skip)))
            cin = cout
        self.linear = nn.Linear(cin, 10)

    def forward(self, x):
        h = F.relu(self.bn1(self.conv1(x)))
        return self.linear(self.layer3(self.layer2(self.layer1(h))).mean((2, 3)))


def main(folder):
    hashes = {}
    for place in sorted(path for path in folder.iterdir() if path.is_dir()):
        files = {end: place / f"weights.{end}" for end in ("safetensors", "pt", "npz")}
        tensors = load_file(files["safetensors"])
        pt = torch.load(files["pt"], weights_only=True)
        npz = np.load(files["npz"], allow_pickle=False)
        assert set(npz.files) == set(pt) == set(tensors)
        for name, tensor in tensors.items():
            assert torch.equal(tensor, pt[name]) and np.array_equal(tensor.numpy(), npz[name])
        net = ResNet(4, place.name).eval()
        net.load_state_dict(pt, strict=True)
        told = json.loads((place / "logits.json").read_text())
        images = torch.tensor(told["images"]).reshape(told["shape"]).permute(0, 3, 1, 2)
        with torch.no_grad():
            off = (net(images).reshape(-1) - torch.tensor(told["logits"])).abs().max().item()
        assert off < 1e-4, off
        print(place.name, "logits differ by at most", off)
        for end, path in files.items():
            hashes[f"{place.name}/{path.name}"] = hashlib.sha256(path.read_bytes()).hexdigest()
    surface = np.load(folder / "surface.npz")
    reader = vtkXMLPolyDataReader()
    reader.SetFileName(str(folder / "surface.vtp"))
    reader.Update()
    mesh = reader.GetOutput()
    points = vtk_to_numpy(mesh.GetPoints().GetData())
    losses = vtk_to_numpy(mesh.GetPointData().GetArray("loss"))
    known = np.isfinite(surface["loss"])
    xs, ys = np.meshgrid(surface["x"], surface["y"])
    assert np.array_equal(losses, surface["loss"][known]) and mesh.GetNumberOfPolys() == 4
    assert np.array_equal(points[:, 0], xs[known]) and np.array_equal(points[:, 1], ys[known])
    assert np.allclose(points[:, 2], np.log10(1 + losses), rtol=1e-12)
    for name in ("surface.npz", "surface.vtp"):
        hashes[name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    out = Path(__file__).parent / "exported.json"
    out.write_text(json.dumps(hashes, indent=2) + "\n")


main(Path(sys.argv[1]))

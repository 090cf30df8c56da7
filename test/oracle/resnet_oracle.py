#!/usr/bin/env python3
"""What PyTorch computes for small CIFAR ResNets: logits, losses, training steps and a surface.

  python3 -m venv PLACE && PLACE/bin/pip install torch numpy h5py safetensors
  PLACE/bin/python test/oracle/resnet_oracle.py

Writes, beside itself, for a ResNet-20 of width 4 with and without projection skips on 16×16×3 noise:
  resnet20-KIND.safetensors   weights before (`before.NAME`), running statistics, images, labels,
                              logits and loss in evaluation and training mode, losses of ten training steps
  resnet20-KIND.h5            two filter-normalised directions in the layout of tomgoldstein/loss-landscape,
                              and the 5×5 surface along them in evaluation mode (xcoordinates, ycoordinates, train_loss)
Made with torch 2.15.0, numpy 2.4.6, h5py 3.16.0, safetensors 0.8.0, on a CPU in float32 (the surface's loss summed in float64).
"""
import pathlib

import h5py
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from safetensors.torch import save_file

HERE = pathlib.Path(__file__).parent
WIDTH, DEPTH, SIZE, BATCH, CLASSES = 4, 20, 16, 16, 10


class Block(nn.Module):
    def __init__(self, cin, cout, stride, skip):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(cin, cout, 3, stride, 1, bias=False), nn.BatchNorm2d(cout)
        self.conv2, self.bn2 = nn.Conv2d(cout, cout, 3, 1, 1, bias=False), nn.BatchNorm2d(cout)
        self.skip = skip
        if skip and (stride != 1 or cin != cout):
            self.shortcut = nn.Sequential(nn.Conv2d(cin, cout, 1, stride, bias=False), nn.BatchNorm2d(cout))

    def forward(self, x):
        h = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        if self.skip:
            h = h + (self.shortcut(x) if hasattr(self, "shortcut") else x)
        return F.relu(h)


class ResNet(nn.Module):
    def __init__(self, skip):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, WIDTH, 3, 1, 1, bias=False), nn.BatchNorm2d(WIDTH)
        cin = WIDTH
        for stage in range(3):
            cout, blocks = WIDTH << stage, []
            for i in range((DEPTH - 2) // 6):
                blocks.append(Block(cin, cout, 2 if stage and not i else 1, skip))
                cin = cout
            setattr(self, f"layer{stage + 1}", nn.Sequential(*blocks))
        self.linear = nn.Linear(cin, CLASSES)

    def forward(self, x):
        h = F.relu(self.bn1(self.conv1(x)))
        return self.linear(self.layer3(self.layer2(self.layer1(h))).mean((2, 3)))


def filter_normalised(params):
    """As net_plotter.py of the reference code does with norm=filter, ignore=biasbn."""
    direction = []
    for w in params:
        if w.dim() <= 1:
            direction.append(torch.zeros_like(w))
            continue
        d = torch.randn_like(w)
        for one, other in zip(d, w):
            one.mul_(other.norm() / (one.norm() + 1e-10))
        direction.append(d)
    return direction


def main(kind, skip):
    torch.manual_seed(7)
    net = ResNet(skip)
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.3, 0.3)
    images = torch.randn(BATCH, 3, SIZE, SIZE)
    labels = torch.randint(0, CLASSES, (BATCH,))
    net.train()
    for _ in range(20):  # running statistics that are neither 0 nor 1
        net(torch.randn(64, 3, SIZE, SIZE))
    out = {}
    for name, value in net.state_dict().items():
        if not name.endswith("num_batches_tracked"):
            out[f"before.{name}"] = value.clone()
    net.eval()
    with torch.no_grad():
        logits = net(images)
        out["eval.logits"], out["eval.loss"] = logits, F.cross_entropy(logits, labels)[None]

    params = list(net.parameters())
    centre = [p.detach().clone() for p in params]
    d0, d1 = filter_normalised(centre), filter_normalised(centre)
    xs, ys = np.linspace(-1, 1, 5), np.linspace(-0.5, 0.5, 5)
    surface = np.zeros((5, 5))
    with torch.no_grad():
        for row, y in enumerate(ys):
            for column, x in enumerate(xs):
                for p, w, a, b in zip(params, centre, d0, d1):
                    p.copy_(w + float(x) * a + float(y) * b)
                surface[row, column] = F.cross_entropy(net(images).double(), labels).item()
        for p, w in zip(params, centre):
            p.copy_(w)
    with h5py.File(HERE / f"resnet20-{kind}.h5", "w") as file:
        for axis, direction in (("xdirection", d0), ("ydirection", d1)):
            group = file.create_group(axis)
            for i, d in enumerate(direction):
                group.create_dataset(str(i), data=d.numpy())
        file["xcoordinates"], file["ycoordinates"], file["train_loss"] = xs, ys, surface

    net.train()
    optimiser = torch.optim.SGD(params, 0.01, momentum=0.9, nesterov=True, weight_decay=5e-4)
    losses = []
    for step in range(10):
        optimiser.zero_grad()
        logits = net(images)
        if step == 0:
            out["train.logits"] = logits.detach().clone()
        loss = F.cross_entropy(logits, labels)
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    out["train.losses"] = torch.tensor(losses)
    out["after.linear.weight"] = net.linear.weight.detach().clone()
    out["after.bn1.running_mean"] = net.bn1.running_mean.clone()
    out["after.bn1.running_var"] = net.bn1.running_var.clone()
    out["images"], out["labels"] = images, labels.to(torch.int32)
    save_file({name: value.contiguous() for name, value in out.items()}, HERE / f"resnet20-{kind}.safetensors")
    print(kind, losses[0], losses[-1], surface.min(), surface.max())


main("skip", True)
main("plain", False)

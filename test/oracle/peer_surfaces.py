"""What tomgoldstein/loss-landscape computes for its CIFAR networks: its files, and its surfaces.

Run: python test/oracle/peer_surfaces.py   (torch 2.15, numpy 2.4, h5py 3.16; 10 minutes on two cores)
Follows the peer line by line, from its published code: cifar10/models/resnet.py (ResNet_cifar, its
names and its average pooling over 8 pixels), net_plotter.py (random directions, norm=filter,
ignore=biasbn; set_weights), h5_util.py (write_list), evaluation.py (eval_loss over batches of 128 in
evaluation mode), cifar10/dataloader.py (mean 125.3, 123.0, 113.9 and deviation 63.0, 62.1, 66.7 of 255)
and plot_2D.py (how a surface file is read). The networks give the logits of those in the package loss-landscape 0.0.5 to the last bit. The images are drawn (real CIFAR is not to be had here), in
CIFAR's own Python batches. Weights and directions are rounded to few bits, so that git packs them small:
they are the weights and directions all the same. Writes, into test/oracle/peer/:
  cifar-10-batches-py/data_batch_1     96 images
  NET.t7                               {'state_dict': …} as the peer saves it, with DataParallel's names
  NET_directions.h5                    xdirection, ydirection
  NET_surface.h5                       xcoordinates, ycoordinates, train_loss, train_acc
"""

import pickle
from pathlib import Path

import h5py
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

OUT = Path(__file__).parent / "peer"
IMAGES, BATCH = 96, 128
MEAN, STD = np.array([125.3, 123.0, 113.9]) / 255, np.array([63.0, 62.1, 66.7]) / 255


class Block(nn.Module):
    def __init__(self, cin, cout, stride, short):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(cin, cout, 3, stride, 1, bias=False), nn.BatchNorm2d(cout)
        self.conv2, self.bn2 = nn.Conv2d(cout, cout, 3, 1, 1, bias=False), nn.BatchNorm2d(cout)
        self.short = short
        if short:
            self.shortcut = nn.Sequential()
            if stride != 1 or cin != cout:
                self.shortcut = nn.Sequential(nn.Conv2d(cin, cout, 1, stride, bias=False), nn.BatchNorm2d(cout))

    def forward(self, x):
        out = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(out + self.shortcut(x) if self.short else out)


class ResNet_cifar(nn.Module):
    def __init__(self, blocks, short):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16)
        cin = 16
        for stage, cout in enumerate((16, 32, 64)):
            layers = []
            for i in range(blocks):
                layers.append(Block(cin, cout, 2 if stage and not i else 1, short))
                cin = cout
            setattr(self, f"layer{stage + 1}", nn.Sequential(*layers))
        self.linear = nn.Linear(64, 10)

    def forward(self, x):
        out = F.relu(self.bn1(self.conv1(x)))
        out = F.avg_pool2d(self.layer3(self.layer2(self.layer1(out))), 8)
        return self.linear(out.view(out.size(0), -1))


def few_bits(array):
    """Four bits of mantissa."""
    bits = array.astype(np.float32).view(np.uint32)
    return (((bits + (1 << 18)) >> 19) << 19).view(np.float32)


def draw_images(rng):
    """Coloured blobs on a shaded ground; the class is where the blob lies and how it is coloured."""
    labels = np.arange(IMAGES) % 10
    y, x = np.mgrid[0:32, 0:32]
    images = np.zeros((IMAGES, 32, 32, 3), np.uint8)
    for image, label in zip(images, labels):
        cx, cy = 8 + 4 * (label % 5) + rng.integers(-2, 3), 10 + 10 * (label // 5) + rng.integers(-2, 3)
        ground = rng.integers(0, 16, 3) * 8
        colour = np.array([40 + 20 * label, 250 - 20 * label, 128]) // 8 * 8
        inside = ((x - cx) ** 2 + (y - cy) ** 2 < 36)[..., None]
        image[:] = np.where(inside, colour, ground + (x[..., None] // 8) * 8)
    return images, labels


def write_list(file, name, direction):
    group = file.create_group(name)
    for i, tensor in enumerate(direction):
        array = few_bits(tensor.numpy())
        group.create_dataset(str(i), data=array, compression="gzip", compression_opts=9, shuffle=array.ndim > 1 or None)


def filter_direction(weights):
    direction = [torch.randn(w.size()) for w in weights]
    for d, w in zip(direction, weights):
        if d.dim() <= 1:
            d.fill_(0)
        else:
            for f, g in zip(d, w):
                f.mul_(g.norm() / (f.norm() + 1e-10))
    return direction


def eval_loss(net, inputs, targets):
    net.eval()
    total, correct = 0.0, 0
    with torch.no_grad():
        for at in range(0, len(inputs), BATCH):
            out = net(inputs[at : at + BATCH])
            total += F.cross_entropy(out, targets[at : at + BATCH]).item() * len(out)
            correct += out.argmax(1).eq(targets[at : at + BATCH]).sum().item()
    return total / len(inputs), 100.0 * correct / len(inputs)


def train(net, inputs, targets, steps):
    net.train()
    optimiser = torch.optim.SGD(net.parameters(), 0.05, momentum=0.9, nesterov=True, weight_decay=5e-4)
    for step in range(steps):
        chosen = torch.randperm(len(inputs))[:BATCH]
        optimiser.zero_grad()
        F.cross_entropy(net(inputs[chosen]), targets[chosen]).backward()
        optimiser.step()


def crunch(name, blocks, short, side, reach, steps, inputs, targets):
    torch.manual_seed(123)
    net = ResNet_cifar(blocks, short)
    train(net, inputs, targets, steps)
    state = {key: torch.from_numpy(few_bits(value.numpy())) if value.is_floating_point() else value
             for key, value in net.state_dict().items()}
    net.load_state_dict(state)
    torch.save({"epoch": 300, "state_dict": {f"module.{key}": value for key, value in state.items()}}, OUT / f"{name}.t7")
    weights = [p.data.clone() for p in net.parameters()]
    with h5py.File(OUT / f"{name}_directions.h5", "w") as file:
        for axis in ("xdirection", "ydirection"):
            write_list(file, axis, filter_direction(weights))
    with h5py.File(OUT / f"{name}_directions.h5", "r") as file:
        dx, dy = ([torch.from_numpy(file[axis][str(i)][:]) for i in range(len(file[axis]))] for axis in ("xdirection", "ydirection"))
    x = np.linspace(-reach, reach, side)
    losses, accuracies = np.zeros((side, side)), np.zeros((side, side))
    xs, ys = np.meshgrid(x, x)
    for k, (a, b) in enumerate(zip(xs.ravel(), ys.ravel())):
        for p, w, d0, d1 in zip(net.parameters(), weights, dx, dy):
            p.data = w + (d0 * float(a) + d1 * float(b))
        losses.ravel()[k], accuracies.ravel()[k] = eval_loss(net, inputs, targets)
    with h5py.File(OUT / f"{name}_surface.h5", "w") as file:
        file["xcoordinates"], file["ycoordinates"] = x, x
        file["train_loss"], file["train_acc"] = losses, accuracies
    print(name, "centre", losses[side // 2, side // 2], "highest", losses.max())


def main():
    OUT.mkdir(exist_ok=True)
    folder = OUT / "cifar-10-batches-py"
    folder.mkdir(exist_ok=True)
    images, labels = draw_images(np.random.default_rng(5))
    batch = {"data": images.transpose(0, 3, 1, 2).reshape(IMAGES, -1), "labels": labels.tolist()}
    (folder / "data_batch_1").write_bytes(pickle.dumps(batch, protocol=2))
    inputs = torch.from_numpy(((images / 255 - MEAN) / STD).astype(np.float32)).permute(0, 3, 1, 2).contiguous()
    targets = torch.from_numpy(labels)
    crunch("resnet20", 3, True, 5, 1.0, 60, inputs, targets)
    crunch("resnet20_noshort", 3, False, 5, 1.0, 60, inputs, targets)
    crunch("resnet56_noshort", 9, False, 5, 1.0, 60, inputs, targets)


main()

"""Networks of other people's PyTorch code: their tensors by name and shape, and their logits.

Run: python test/oracle/torch_networks.py
(torch 2.15, torchvision 0.30, and `pip install --no-deps loss-landscape==0.0.5`, whose `datasets`
package holds the networks of tomgoldstein/loss-landscape.) Weights are sixteenths made by a formula, in
powers of two, so that the test makes the same without a file. Writes test/oracle/torch_networks.json.
"""

import json
import math
from pathlib import Path

import torch
import torchvision
from datasets.cifar10.models import densenet, resnet, vgg
from torchvision.models.resnet import BasicBlock, Bottleneck, ResNet


def fill(state):
    for k, (name, tensor) in enumerate(state.items()):
        if not tensor.is_floating_point():
            continue
        i = torch.arange(tensor.numel(), dtype=torch.float64)
        values = ((i * 37 + k * 101) % 65 - 32) / 32
        if name.endswith("running_var"):
            values = 0.5 + values * values
        elif tensor.dim() == 1 and name.endswith("weight"):
            values = 1 + values / 4
        elif tensor.dim() > 1:
            fan = tensor[0].numel()
            values = values * 2.0 ** -math.floor(math.log2(math.sqrt(fan)) - 0.5)
        tensor.copy_(values.reshape(tensor.shape).float())


nets = {
    "torchvision resnet18": torchvision.models.resnet18(num_classes=10),
    "torchvision bottlenecks": ResNet(Bottleneck, [1, 2, 1, 1], num_classes=10),
    "torchvision densenet": torchvision.models.DenseNet(8, (2, 3, 2), 16, num_classes=10),
    "loss-landscape ResNet18": resnet.ResNet18(),
    "loss-landscape ResNet18_noshort": resnet.ResNet18_noshort(),
    "loss-landscape VGG9": vgg.VGG9(),
    "loss-landscape densenet_cifar": densenet.densenet_cifar(),
}
i = torch.arange(2 * 3 * 32 * 32, dtype=torch.float64)
images = (((i * 37 + 505) % 65 - 32) / 16).float().reshape(2, 32, 32, 3).permute(0, 3, 1, 2).contiguous()
out = {}
for name, net in nets.items():
    state = net.state_dict()
    with torch.no_grad():
        fill(state)
        net.load_state_dict(state)
        rounded = net.eval().float()(images.float()).double()
        logits = net.double()(images.double())
    # How far PyTorch's own float32 is off, of the largest logit.
    error = ((rounded - logits).abs().max() / logits.abs().max()).item()
    tensors = [[key, list(value.shape)] for key, value in state.items()]
    out[name] = {"tensors": tensors, "logits": logits.reshape(-1).tolist(), "float32Error": error}
    print(name, sum(p.numel() for p in net.parameters()), logits.abs().max().item(), error)
(Path(__file__).parent / "torch_networks.json").write_text(json.dumps(out) + "\n")

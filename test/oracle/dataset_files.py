"""Writes datasets in the formats they are given out in, as small as can be, and what is in them.

Run: python test/oracle/dataset_files.py   (numpy 2.4, pillow 12, torchvision 0.30)
CIFAR's Python batches are those of Python 2, whose pickles keep bytes in strings: the pickler below
writes them so, and torchvision reads them back. MNIST-likes are read back by torchvision, images by
Pillow. Expected: SHA-256 of all samples as bytes, channels last, and the labels.
"""

import gzip
import hashlib
import io
import json
import pickle
import shutil
import struct
import tarfile
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image
from torchvision.datasets import CIFAR10, CIFAR100, ImageFolder
from torchvision.datasets.mnist import read_image_file, read_label_file

OUT = Path(__file__).parent / "datasets"
shutil.rmtree(OUT, ignore_errors=True)
OUT.mkdir()
rng = np.random.default_rng(7)
expected = {}


class Python2Pickler(pickle._Pickler):
    """Protocol 2 with str and bytes alike as Python 2's strings."""

    dispatch = dict(pickle._Pickler.dispatch)

    def save_old(self, obj):
        data = obj.encode("latin1") if isinstance(obj, str) else obj
        if len(data) < 256:
            self.write(b"U" + bytes([len(data)]) + data)
        else:
            self.write(b"T" + struct.pack("<i", len(data)) + data)
        self.memoize(obj)

    dispatch[str] = save_old
    dispatch[bytes] = save_old


def old_pickle(obj):
    buffer = io.BytesIO()
    Python2Pickler(buffer, 2).dump(obj)
    return buffer.getvalue().replace(b"cnumpy._core.multiarray", b"cnumpy.core.multiarray")


def images(count, height, width, channels):
    """Blocks of few colours, so that the files stay small."""
    coarse = rng.integers(0, 256, (count, 4, 4, channels), dtype=np.uint8)
    return np.kron(coarse, np.ones((1, height // 4, width // 4, 1), dtype=np.uint8))


def note(name, train, train_labels, test=None, test_labels=None, **more):
    entry = {"train": digest(train), "trainLabels": [int(label) for label in train_labels], **more}
    if test is not None:
        entry |= {"test": digest(test), "testLabels": [int(label) for label in test_labels]}
    expected[name] = entry


def digest(array):
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


def planes(array):
    return array.transpose(0, 3, 1, 2).reshape(len(array), -1)


def tar(path, folder):
    with tarfile.open(path, "w:gz") as archive:
        archive.add(folder, arcname=folder.name)


def cifar10():
    train, test = images(20, 32, 32, 3), images(10, 32, 32, 3)
    labels, test_labels = [i * 7 % 10 for i in range(20)], [9 - i for i in range(10)]
    names = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
    python, binary = OUT / "cifar-10-batches-py", OUT / "cifar-10-batches-bin"
    python.mkdir(), binary.mkdir()
    parts = [(f"data_batch_{i + 1}", train[4 * i : 4 * i + 4], labels[4 * i : 4 * i + 4]) for i in range(5)]
    for name, part, marks in [*parts, ("test_batch", test, test_labels)]:
        batch = {"batch_label": name, "labels": marks, "data": planes(part), "filenames": [f"{i}.png" for i in marks]}
        (python / name).write_bytes(old_pickle(batch))
        records = np.concatenate([np.array(marks, np.uint8)[:, None], planes(part)], axis=1)
        (binary / f"{name}.bin").write_bytes(records.tobytes())
    meta = {"num_cases_per_batch": 4, "label_names": names, "num_vis": 3072}
    (python / "batches.meta").write_bytes(old_pickle(meta))
    (binary / "batches.meta.txt").write_text("\n".join(names) + "\n\n")
    check = CIFAR10.__new__(CIFAR10)  # its loader, without its checksums
    read = [pickle.loads((python / name).read_bytes(), encoding="latin1") for name, _, _ in parts]
    again = np.vstack([batch["data"] for batch in read]).reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    assert isinstance(check, CIFAR10) and np.array_equal(again, train)
    for name, folder in [("cifar-10-python.tar.gz", python), ("cifar-10-binary.tar.gz", binary)]:
        tar(OUT / name, folder)
        note(name, train, labels, test, test_labels, shape=[32, 32, 3], classNames=names)
    note("cifar-10-batches-py", train, labels, test, test_labels, shape=[32, 32, 3], classNames=names)
    note("cifar-10-batches-bin", train, labels, test, test_labels, shape=[32, 32, 3], classNames=names)


def cifar100():
    train, test = images(6, 32, 32, 3), images(4, 32, 32, 3)
    labels, test_labels = [0, 99, 41, 7, 7, 50], [3, 99, 0, 12]
    names = [f"thing_{i}" for i in range(100)]
    python, binary = OUT / "cifar-100-python", OUT / "cifar-100-binary"
    python.mkdir(), binary.mkdir()
    for name, part, marks in [("train", train, labels), ("test", test, test_labels)]:
        coarse = [mark // 5 for mark in marks]
        batch = {"filenames": ["a.png"], "batch_label": name, "fine_labels": marks, "coarse_labels": coarse, "data": planes(part)}
        (python / name).write_bytes(old_pickle(batch))
        columns = [np.array(coarse, np.uint8)[:, None], np.array(marks, np.uint8)[:, None], planes(part)]
        (binary / f"{name}.bin").write_bytes(np.concatenate(columns, axis=1).tobytes())
    (python / "meta").write_bytes(old_pickle({"fine_label_names": names, "coarse_label_names": []}))
    (binary / "fine_label_names.txt").write_text("\n".join(names) + "\n")
    assert CIFAR100.base_folder == "cifar-100-python"
    for folder in (python, binary):
        note(folder.name, train, labels, test, test_labels, shape=[32, 32, 3], classNames=names)


def idx(path, array):
    head = struct.pack(">I", 0x0800 | array.ndim) + b"".join(struct.pack(">I", n) for n in array.shape)
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "wb") as file:
        file.write(head + array.astype(np.uint8).tobytes())


def mnist():
    train, test = images(12, 28, 28, 1), images(6, 28, 28, 1)
    labels, test_labels = np.arange(12) % 10, np.arange(6)
    for folder, end in [(OUT / "mnist", ".gz"), (OUT / "mnist-unpacked", "")]:
        folder.mkdir()
        idx(folder / f"train-images-idx3-ubyte{end}", train[..., 0])
        idx(folder / f"train-labels-idx1-ubyte{end}", labels)
        idx(folder / f"t10k-images-idx3-ubyte{end}", test[..., 0])
        idx(folder / f"t10k-labels-idx1-ubyte{end}", test_labels)
        note(folder.name, train, labels, test, test_labels, shape=[28, 28, 1])
    plain = OUT / "mnist-unpacked"
    assert np.array_equal(read_image_file(str(plain / "train-images-idx3-ubyte")).numpy(), train[..., 0])
    assert np.array_equal(read_label_file(str(plain / "train-labels-idx1-ubyte")).numpy(), labels)


def emnist():
    """As given out: images on their side, letters counted from 1, several parts in one archive."""
    with zipfile.ZipFile(OUT / "emnist-gzip.zip", "w") as archive:
        for part, first, classes in [("balanced", 0, 4), ("letters", 1, 3)]:
            for split, count in [("train", 8), ("test", 4)]:
                array = images(count, 28, 28, 1)[..., 0]
                labels = np.arange(count) % classes + first
                for kind, values in [("images-idx3", array.transpose(0, 2, 1)), ("labels-idx1", labels)]:
                    path = OUT / f"emnist-{part}-{split}-{kind}-ubyte.gz"
                    idx(path, values)
                    archive.write(path, f"gzip/{path.name}")
                    path.unlink()
                key = f"emnist-{part}"
                expected.setdefault(key, {"shape": [28, 28, 1]})
                expected[key] |= {split: digest(array), f"{split}Labels": [int(i - first) for i in labels]}
            mapping = "".join(f"{i + first} {65 + i} {97 + i}\n" for i in range(classes))
            archive.writestr(f"gzip/emnist-{part}-mapping.txt", mapping)
            expected[f"emnist-{part}"]["classNames"] = [f"{chr(65 + i)}{chr(97 + i)}" for i in range(classes)]


def folders():
    """Images in folders, PNG of several kinds; the labels as torchvision counts them."""
    root = OUT / "pictures"
    kinds = ["RGB", "L", "RGBA", "P", "I;16"]
    for split, count in [("train", 3), ("val", 2)]:
        for label in ["cat", "Dog", "10"]:
            (root / split / label).mkdir(parents=True)
            for i in range(count):
                array = images(1, 16, 16, 3)[0]
                picture = Image.fromarray(array)
                kind = kinds[(i + len(label)) % 4]
                picture = picture.convert(kind) if kind != "P" else picture.quantize(16)
                picture.save(root / split / label / f"{i}.png")
    read = {}
    for split in ["train", "val"]:
        folder = ImageFolder(str(root / split))
        read[split] = (np.stack([np.asarray(image) for image, _ in folder]), folder.targets, folder.classes)
    note("pictures", *read["train"][:2], *read["val"][:2], shape=[16, 16, 3], classNames=read["train"][2])
    sizes = OUT / "sizes"
    scaled = []
    for label in ["a", "b"]:
        (sizes / label).mkdir(parents=True)
        for i, (width, height) in enumerate([(40, 30), (20, 48), (16, 16)]):
            y, x = np.mgrid[0:height, 0:width]
            array = np.stack([x * 6 % 256, y * 5 % 256, (x + y) * 3 % 256], axis=2).astype(np.uint8)
            name = sizes / label / f"{i}.{'jpg' if label == 'b' else 'png'}"
            Image.fromarray(array).save(name, **({"quality": 95, "subsampling": 0} if label == "b" else {}))
            picture = Image.open(name).convert("RGB")
            side = min(width, height)
            left, top = (width - side) // 2, (height - side) // 2
            square = picture.crop((left, top, left + side, top + side)).resize((16, 16), Image.BILINEAR)
            scaled.append(np.asarray(square))
    expected["sizes"] = {"shape": [16, 16, 3], "pixels": [int(v) for v in np.stack(scaled).ravel()]}


def photos():
    """JPEGs with colours at full, half and quarter size, progressive and grey."""
    root = OUT / "photos"
    kinds = [dict(subsampling=0), dict(subsampling=1), dict(subsampling=2), dict(subsampling=2, progressive=True), dict(grey=True)]
    for label in "ab":
        (root / label).mkdir(parents=True)
        for i, kind in enumerate(kinds):
            small = Image.fromarray(rng.integers(0, 256, (5, 6, 3), dtype=np.uint8))
            picture = small.resize((27, 21), Image.BICUBIC).convert("L" if kind.pop("grey", False) else "RGB")
            picture.save(root / label / f"{i}.jpg", quality=85, **kind)
        kinds[-1]["grey"] = True
    folder = ImageFolder(str(root))
    note("photos", np.stack([np.asarray(image) for image, _ in folder]), folder.targets, shape=[21, 27, 3], classNames=folder.classes)


def arrays():
    train, test = images(8, 8, 8, 3), images(4, 8, 8, 3)
    labels, test_labels = np.arange(8) % 4, np.arange(4)
    np.savez(OUT / "keras-like.npz", x_train=train, y_train=labels, x_test=test, y_test=test_labels)
    note("keras-like.npz", train, labels, test, test_labels, shape=[8, 8, 3])
    np.savez_compressed(
        OUT / "medmnist-like.npz", train_images=train, train_labels=labels[:, None], val_images=test,
        val_labels=test_labels[:, None], test_images=test[::-1], test_labels=test_labels[::-1, None],
    )
    note("medmnist-like.npz", train, labels, test[::-1], test_labels[::-1], shape=[8, 8, 3])
    folder = OUT / "arrays"
    folder.mkdir()
    floats = (train.transpose(0, 3, 1, 2) / 255).astype(np.float32)
    np.save(folder / "train_data.npy", floats)
    np.save(folder / "train_targets.npy", labels * 10)
    np.save(folder / "test_data.npy", floats[:4])
    np.save(folder / "test_targets.npy", labels[:4] * 10)
    last = floats.transpose(0, 2, 3, 1)
    note("arrays", last, labels, last[:4], labels[:4], shape=[8, 8, 3], classNames=["0", "10", "20", "30"])


def tables():
    train, test = images(6, 8, 8, 1), images(4, 8, 8, 1)
    labels, test_labels = np.arange(6) % 3, np.arange(4) % 3
    folder = OUT / "tables"
    folder.mkdir()
    header = ",".join(["label", *[f"pixel{i + 1}" for i in range(64)]])
    for name, array, marks in [("train.csv", train, labels), ("test.csv", test, test_labels)]:
        rows = np.concatenate([marks[:, None], array.reshape(len(array), -1)], axis=1)
        np.savetxt(folder / name, rows, fmt="%d", delimiter=",", header=header, comments="")
    note("tables", train, labels, test, test_labels, shape=[8, 8, 1])
    flowers = rng.normal(5, 2, (9, 4)).astype(np.float32)
    kinds = ["setosa", "virginica", "versicolor"]
    rows = [[*map(lambda v: f"{v:.9g}", row), kinds[i % 3]] for i, row in enumerate(flowers)]
    text = "\n".join(",".join(row) for row in [["sepal", "petal", "other", '"and, more"', "species"], *rows])
    (OUT / "flowers.csv").write_text(text)
    order = sorted(kinds)
    note("flowers.csv", flowers, [order.index(kinds[i % 3]) for i in range(9)], shape=[4], classNames=order)


for write in (cifar10, cifar100, mnist, emnist, folders, arrays, tables, photos):
    write()
(OUT / "expected.json").write_text(json.dumps(expected) + "\n")

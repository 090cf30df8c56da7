#!/usr/bin/env python3
"""Checkpoints and SavedModels as TensorFlow writes them, a LayersModel as TensorFlow.js' converter
writes it, and what the networks in them predict.

  python3 -m venv PLACE && PLACE/bin/pip install tensorflow-cpu tf_keras jax
  PLACE/bin/pip install --no-deps tensorflowjs==4.22.0   (two of its dependencies do not install)
  PLACE/bin/python test/oracle/tensorflow_files.py

Writes into test/oracle/tf: folders of files; expected.json, for each of them its tensors with
shape, type and every number (as hexadecimal float64); predictions.json, the probabilities (softmax of
the output) for three images of sixteenths, as in keras_networks.py.
Made with tensorflow 2.21.0, tf_keras 2.21.0, keras 3.15.1, tensorflowjs 4.22.0.
"""
import json
import os
import shutil
import sys
from pathlib import Path
from unittest.mock import MagicMock

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tensorflow as tf

# Only other converters of tensorflowjs use these.
for name in ("tensorflow_decision_forests", "tensorflow_hub"):
    sys.modules[name] = MagicMock()
np.object, np.bool = object, np.bool_
import keras as keras3
import tensorflowjs
import tf_keras as keras
from tf_keras import layers

OUT = Path(__file__).parent / "tf"
shutil.rmtree(OUT, ignore_errors=True)
rng = np.random.default_rng(11)
expected, predictions = {}, {}
images = np.array([((i * 37 + 5 * 101) % 65 - 32) / 16 for i in range(3 * 64)], "f4").reshape(3, 8, 8, 1)


def note(place, tensors):
    expected[place] = {
        name: {"shape": list(t.shape), "dtype": t.dtype.name, "values": [float(v).hex() for v in t.reshape(-1)]}
        for name, t in tensors.items()
    }


def fill(model):
    for weight in model.weights:
        values = rng.normal(0, 0.4, weight.shape)
        name = getattr(weight, "path", weight.name)
        weight.assign((np.abs(values) + 0.5 if "variance" in name else values).astype("f4"))


def foresee(place, model):
    output = np.asarray(model(images, training=False), "f8")
    output = np.exp(output - output.max(1, keepdims=True))
    predictions[place] = (output / output.sum(1, keepdims=True)).reshape(-1).tolist()


def only_weights(folder):
    """What is never read may go: the files stay small."""
    (folder / "fingerprint.pb").unlink()


# Every type, in a checkpoint of TensorFlow 2 and in a SavedModel
codes = ("float32", "float64", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "uint16", "bool")
module = tf.Module()
for i, code in enumerate(codes):
    values = rng.normal(0, 9, (2, 3)) if "float" in code else rng.integers(0, 2 if code == "bool" else 90, (2, 3))
    setattr(module, f"v{i}", tf.Variable(tf.cast(values, code), name=code))
module.scalar = tf.Variable(np.float32(-2.5), name="scalar")
module.words = tf.Variable(["not", "numbers"], name="words")
module.empty = tf.Variable(np.zeros((0, 4), "f4"), name="empty")
plain = {v.name.removesuffix(":0"): v.numpy() for v in module.variables if v.dtype != tf.string}
saver = tf.train.Checkpoint(net=module, optimizer=keras.optimizers.SGD(0.1))
for _ in range(2):
    saver.save(str(OUT / "checkpoint" / "ckpt"))
for old in (OUT / "checkpoint").glob("ckpt-1.*"):
    old.unlink()
note("checkpoint", plain)
note("checkpoint/ckpt-2.index", plain)
tf.saved_model.save(module, str(OUT / "module"))
only_weights(OUT / "module")
note("module", plain)
note("module/saved_model.pb", plain)

# A checkpoint of over ten layers, whose keys are not in the order of their names
deep = keras.Sequential([layers.Input((4,))] + [layers.Dense(3, name=f"layer{i}") for i in range(12)])
fill(deep)
deep.save_weights(str(OUT / "weights" / "deep"))
note("weights/deep.index", {w.name.removesuffix(":0"): w.numpy() for w in deep.weights})


def residual():
    pixels = keras.Input((8, 8, 1), name="pixels")
    x = layers.Conv2D(4, 3, padding="same", use_bias=False, name="stem")(pixels)
    x = layers.ReLU()(layers.BatchNormalization(name="stem_norm")(x))
    h = layers.ZeroPadding2D(((0, 1), (1, 0)))(x)
    h = layers.Conv2D(6, 3, strides=2, name="a")(h)
    h = layers.LeakyReLU(0.2)(layers.BatchNormalization(scale=False, name="b")(h))
    h = layers.Conv2D(6, 3, padding="same", name="c")(h)
    skip = layers.AveragePooling2D(3, strides=2, padding="same")(x)
    skip = layers.Conv2D(6, 1, name="skip")(skip)
    x = layers.Activation("gelu")(layers.Add(name="sum")([h, skip]))
    x = layers.SeparableConv2D(6, 3, padding="same", name="halves")(x)
    x = layers.DepthwiseConv2D(3, depth_multiplier=2, padding="same", name="each")(x)
    return keras.Model(pixels, layers.Dense(10, name="head")(layers.GlobalAveragePooling2D()(x)))


# The same network as a SavedModel of Keras 2 and as a LayersModel by the converter
model = residual()
fill(model)
model.save(str(OUT / "keras2"))
only_weights(OUT / "keras2")
foresee("keras2", model)
tensorflowjs.converters.save_keras_model(model, str(OUT / "converted"), weight_shard_size_bytes=1024)
foresee("converted", model)

# What Keras 3 exports has no config: weights alone
sequence = keras3.Sequential([keras3.Input((8, 8, 1)), keras3.layers.Conv2D(4, 3, name="conv"), keras3.layers.BatchNormalization(name="norm"), keras3.layers.Flatten(), keras3.layers.Dense(10, name="head")])
fill(sequence)
sequence.export(str(OUT / "keras3"), verbose=False)
only_weights(OUT / "keras3")
note("keras3", {w.path.split("/", 1)[1]: w.numpy() for w in sequence.weights})

(OUT / "expected.json").write_text(json.dumps(expected) + "\n")
(OUT / "predictions.json").write_text(json.dumps(predictions) + "\n")
print(len(expected), "and", len(predictions))

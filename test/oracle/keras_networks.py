"""Keras models with architectures of their own, and what they predict.

Run: KERAS_BACKEND=torch python test/oracle/keras_networks.py   (keras 3.15, torch 2.15)
Writes test/oracle/keras/NAME.keras and NAME.h5 and, in expected.json, the probabilities (softmax of
the output) for three images of sixteenths, which every language computes alike.
Average pooling is without padding: Keras on PyTorch repeats the border there, TensorFlow leaves it out.
"""

import json
import os
from pathlib import Path

os.environ["KERAS_BACKEND"] = "torch"
import keras
import numpy as np
from keras import layers

OUT = Path(__file__).parent / "keras"
OUT.mkdir(exist_ok=True)
rng = np.random.default_rng(3)


def plain():
    return keras.Sequential([
        keras.Input((8, 8, 1)),
        layers.Conv2D(4, 3, activation="relu", name="first"),
        layers.MaxPooling2D(2),
        layers.BatchNormalization(name="norm", epsilon=0.01),
        layers.Dropout(0.5),
        layers.Flatten(),
        layers.Dense(12, activation="tanh", use_bias=False, name="middle"),
        layers.Dense(10, activation="softmax", name="head"),
    ])


def residual():
    images = keras.Input((8, 8, 1), name="pixels")
    x = layers.Conv2D(4, 3, padding="same", use_bias=False, name="stem")(images)
    x = layers.ReLU()(layers.BatchNormalization(name="stem_norm")(x))
    h = layers.ZeroPadding2D(((0, 1), (1, 0)))(x)
    h = layers.Conv2D(6, 3, strides=2, name="a")(h)
    h = layers.LeakyReLU(negative_slope=0.2)(layers.BatchNormalization(scale=False, name="b")(h))
    h = layers.Conv2D(6, 3, padding="same", name="c")(h)
    skip = layers.Conv2D(6, 1, strides=2, padding="same", name="skip")(x)
    h = layers.Add(name="sum")([layers.AveragePooling2D(1)(h), skip])
    h = layers.Activation("gelu")(h)
    return keras.Model(images, layers.Dense(10, name="head")(layers.GlobalAveragePooling2D()(h)))


def dense():
    images = keras.Input((8, 8, 1))
    x = images
    for i in range(3):
        h = layers.BatchNormalization(center=False)(x)
        h = layers.Conv2D(3, 3, padding="same", activation="elu")(h)
        x = layers.Concatenate()([x, h])
    x = layers.AveragePooling2D(3, strides=2)(x)
    x = layers.GlobalMaxPooling2D()(x)
    return keras.Model(images, layers.Softmax()(layers.Dense(10)(x)))


def mobile():
    images = keras.Input((8, 8, 1))
    x = layers.Conv2D(4, 3, padding="same", dilation_rate=2, name="wide")(images)
    x = layers.DepthwiseConv2D(3, depth_multiplier=2, strides=2, padding="same", use_bias=False, name="each")(x)
    x = layers.ReLU(max_value=6)(layers.BatchNormalization()(x))
    x = layers.SeparableConv2D(6, 3, padding="same", activation="relu", name="halves")(x)
    x = layers.SeparableConv2D(5, 2, depth_multiplier=3, name="more")(x)
    x = layers.DepthwiseConv2D(2, dilation_rate=2, activation="tanh", name="last")(x)
    return keras.Model(images, layers.Dense(10, name="head")(layers.Flatten()(x)))


def unknown():
    return keras.Sequential([keras.Input((8, 8, 1)), layers.Flatten(), layers.Dense(16), layers.Reshape((4, 4)), layers.GRU(10, name="gru")])


images = np.array([((i * 37 + 5 * 101) % 65 - 32) / 16 for i in range(3 * 64)], "f4").reshape(3, 8, 8, 1)
expected = {}
for build in (plain, residual, dense, unknown, mobile):
    keras.utils.clear_session()
    model = build()
    for weight in model.weights:
        values = rng.normal(0, 0.4, weight.shape)
        weight.assign((np.abs(values) + 0.5 if "variance" in weight.path else values).astype("f4"))
    name = build.__name__
    output = np.asarray(model(images, training=False).detach().numpy(), "f8")
    if name not in ("plain", "dense"):
        output = np.exp(output - output.max(1, keepdims=True))
        output /= output.sum(1, keepdims=True)
    for ending in ("keras", "h5"):
        model.save(OUT / f"{name}.{ending}")
    if name != "unknown":
        expected[name] = output.reshape(-1).tolist()
(OUT / "expected.json").write_text(json.dumps(expected) + "\n")

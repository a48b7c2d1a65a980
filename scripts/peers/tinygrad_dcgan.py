"""The tutorial's training step in tinygrad, on its OpenCL back end (DEV=CL) unless DEV says
otherwise. A peer in speed, with PyTorch's padding. On a CPU a step takes it many seconds.

    tinygrad_dcgan.py data/mnist
"""
import os

import numpy as np

import peer

options = peer.parse(__doc__)
os.environ.setdefault("DEV", "CL")
from tinygrad import Context, Device, Tensor, TinyJit, nn  # pylint: disable=wrong-import-position


def batchnorm(features):
    return nn.BatchNorm(features, eps=peer.BN_EPSILON, momentum=1 - peer.BN_MOMENTUM)


def up(channels_in, channels, stride):
    return nn.ConvTranspose2d(channels_in, channels, 5, stride=stride, padding=2,
                              output_padding=stride - 1, bias=False)


class Generator:
    def __init__(self):
        self.dense, self.bn0 = nn.Linear(peer.NOISE, 7 * 7 * 256, bias=False), batchnorm(7 * 7 * 256)
        self.up1, self.bn1 = up(256, 128, 1), batchnorm(128)
        self.up2, self.bn2 = up(128, 64, 2), batchnorm(64)
        self.up3 = up(64, 1, 2)
        norms = [tensor for norm in (self.bn0, self.bn1, self.bn2)
                 for tensor in (norm.weight, norm.bias)]
        self.trained = [layer.weight for layer in (self.dense, self.up1, self.up2, self.up3)] + norms

    def __call__(self, noise):
        x = self.bn0(self.dense(noise).reshape(peer.BATCH, -1, 1, 1)).leaky_relu(peer.SLOPE)
        x = self.bn1(self.up1(x.reshape(peer.BATCH, 256, 7, 7))).leaky_relu(peer.SLOPE)
        return self.up3(self.bn2(self.up2(x)).leaky_relu(peer.SLOPE)).tanh()


class Discriminator:
    def __init__(self):
        self.conv1 = nn.Conv2d(1, 64, 5, stride=2, padding=2)
        self.conv2 = nn.Conv2d(64, 128, 5, stride=2, padding=2)
        self.dense = nn.Linear(7 * 7 * 128, 1)
        self.trained = nn.state.get_parameters(self)

    def __call__(self, x):
        for conv in (self.conv1, self.conv2):
            x = conv(x).leaky_relu(peer.SLOPE).dropout(peer.DROPOUT)
        return self.dense(x.flatten(1))


generator, discriminator = Generator(), Discriminator()
adams = [nn.optim.Adam(network.trained, lr=peer.LEARNING_RATE, eps=peer.ADAM_EPSILON)
         for network in (generator, discriminator)]


@TinyJit
def train(real):
    with Context(TRAINING=1):
        fake = generator(Tensor.randn(peer.BATCH, peer.NOISE))
        real_logits, fake_logits = discriminator(real), discriminator(fake)
        one, zero = Tensor.ones(peer.BATCH, 1), Tensor.zeros(peer.BATCH, 1)
        loss_g = fake_logits.binary_crossentropy_logits(one)
        loss_d = (real_logits.binary_crossentropy_logits(one)
                  + fake_logits.binary_crossentropy_logits(zero))
        gradients = [loss.gradient(*network.trained)
                     for loss, network in ((loss_g, generator), (loss_d, discriminator))]
        for network, found in zip((generator, discriminator), gradients):
            for parameter, gradient in zip(network.trained, found):
                parameter.grad = gradient
        Tensor.realize(loss_g, loss_d, *(t for adam in adams for t in adam.schedule_step()))
        return loss_g, loss_d


images = peer.images(options.data)[:, None]
random = np.random.default_rng(0)


def step():
    chosen = random.integers(0, len(images), peer.BATCH)
    return [loss.item() for loss in train(Tensor(images[chosen]).realize())]


# The first call runs, the second records, from the third on the recording is played.
name = getattr(Device[Device.DEFAULT], "device_name", None) or Device.DEFAULT
peer.measure(step, options, "tinygrad", name, warm_up=1)

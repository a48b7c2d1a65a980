"""The tutorial's training step in PyTorch. A peer in speed: its padding puts the strided
convolutions one pixel off TensorFlow's, at the same cost.

    torch_dcgan.py data/mnist [--device cpu|gpu] [--compile] [--tf32]
"""
import torch
import torch.nn.functional as F
from torch import nn

import peer

options = peer.parse(__doc__, "--compile", "--tf32")
place = "cuda" if options.device == "gpu" else "cpu"
if place == "cuda" and not torch.cuda.is_available():
    raise SystemExit("PyTorch finds no GPU")
torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = options.tf32
torch.backends.cudnn.benchmark = True

normal = {"eps": peer.BN_EPSILON, "momentum": 1 - peer.BN_MOMENTUM}


def up(channels_in, channels, stride):
    return nn.ConvTranspose2d(channels_in, channels, 5, stride, 2, stride - 1, bias=False)


def down(channels_in, channels):
    return [nn.Conv2d(channels_in, channels, 5, 2, 2), nn.LeakyReLU(peer.SLOPE),
            nn.Dropout(peer.DROPOUT)]


generator = nn.Sequential(
    nn.Linear(peer.NOISE, 7 * 7 * 256, bias=False), nn.BatchNorm1d(7 * 7 * 256, **normal),
    nn.LeakyReLU(peer.SLOPE), nn.Unflatten(1, (256, 7, 7)),
    up(256, 128, 1), nn.BatchNorm2d(128, **normal), nn.LeakyReLU(peer.SLOPE),
    up(128, 64, 2), nn.BatchNorm2d(64, **normal), nn.LeakyReLU(peer.SLOPE),
    up(64, 1, 2), nn.Tanh()).to(place)
discriminator = nn.Sequential(
    *down(1, 64), *down(64, 128), nn.Flatten(), nn.Linear(7 * 7 * 128, 1)).to(place)
sides = [(list(network.parameters()),
          torch.optim.Adam(network.parameters(), peer.LEARNING_RATE, eps=peer.ADAM_EPSILON))
         for network in (generator, discriminator)]
one = torch.ones(peer.BATCH, 1, device=place)
zero = torch.zeros(peer.BATCH, 1, device=place)


def losses(real):
    fake = generator(torch.randn(peer.BATCH, peer.NOISE, device=place))
    real_logits, fake_logits = discriminator(real), discriminator(fake)
    loss = F.binary_cross_entropy_with_logits
    return loss(fake_logits, one), loss(real_logits, one) + loss(fake_logits, zero)


if options.compile:
    losses = torch.compile(losses)


def train(real):
    values = losses(real)
    gradients = [torch.autograd.grad(value, parameters, retain_graph=True)
                 for value, (parameters, _) in zip(values, sides)]
    for (parameters, adam), found in zip(sides, gradients):
        for parameter, gradient in zip(parameters, found):
            parameter.grad = gradient
        adam.step()
    return values


images = torch.from_numpy(peer.images(options.data)[:, None]).to(place)


def step():
    chosen = torch.randint(len(images), (peer.BATCH,), device=place)
    return [value.item() for value in train(images[chosen])]


device = torch.cuda.get_device_name() if place == "cuda" else peer.processor()
peer.measure(step, options, "torch", device)

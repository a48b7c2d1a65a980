"""The tutorial's training step in TensorFlow.

    tf_dcgan.py data/mnist [--device cpu|gpu] [--xla]
"""
import os

import peer

options = peer.parse(__doc__, "--xla")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import tensorflow as tf  # pylint: disable=wrong-import-position

layers = tf.keras.layers
if options.device == "cpu":
    tf.config.set_visible_devices([], "GPU")
elif not tf.config.list_physical_devices("GPU"):
    raise SystemExit("TensorFlow finds no GPU")


def normalised():
    return [layers.BatchNormalization(momentum=peer.BN_MOMENTUM, epsilon=peer.BN_EPSILON),
            layers.LeakyReLU(negative_slope=peer.SLOPE)]


def up(channels, stride, **more):
    return layers.Conv2DTranspose(channels, 5, strides=stride, padding="same", use_bias=False,
                                  **more)


def down(channels):
    return [layers.Conv2D(channels, 5, strides=2, padding="same"),
            layers.LeakyReLU(negative_slope=peer.SLOPE), layers.Dropout(peer.DROPOUT)]


generator = tf.keras.Sequential([
    layers.Input((peer.NOISE,)), layers.Dense(7 * 7 * 256, use_bias=False), *normalised(),
    layers.Reshape((7, 7, 256)), up(128, 1), *normalised(), up(64, 2), *normalised(),
    up(1, 2, activation="tanh")])
discriminator = tf.keras.Sequential([
    layers.Input((28, 28, 1)), *down(64), *down(128), layers.Flatten(), layers.Dense(1)])
loss = tf.keras.losses.BinaryCrossentropy(from_logits=True)
adam_g, adam_d = (tf.keras.optimizers.Adam(peer.LEARNING_RATE, epsilon=peer.ADAM_EPSILON)
                  for _ in range(2))


@tf.function(jit_compile=options.xla)
def train(real):
    noise = tf.random.normal([peer.BATCH, peer.NOISE])
    with tf.GradientTape() as tape_g, tf.GradientTape() as tape_d:
        fake = generator(noise, training=True)
        real_logits = discriminator(real, training=True)
        fake_logits = discriminator(fake, training=True)
        loss_g = loss(tf.ones_like(fake_logits), fake_logits)
        loss_d = loss(tf.ones_like(real_logits), real_logits) + loss(
            tf.zeros_like(fake_logits), fake_logits)
    for tape, value, network, adam in ((tape_g, loss_g, generator, adam_g),
                                       (tape_d, loss_d, discriminator, adam_d)):
        variables = network.trainable_variables
        adam.apply_gradients(zip(tape.gradient(value, variables), variables))
    return loss_g, loss_d


images = peer.images(options.data)[..., None]
batches = iter(tf.data.Dataset.from_tensor_slices(images).shuffle(60000).repeat()
               .batch(peer.BATCH))
package = next((p for p in ("tensorflow-cpu", "tensorflow") if peer.is_installed(p)), "tensorflow")
device = peer.processor() if options.device == "cpu" else (
    tf.config.experimental.get_device_details(tf.config.list_physical_devices("GPU")[0])
    .get("device_name", "GPU"))
peer.measure(lambda: [float(value) for value in train(next(batches))], options, package, device)

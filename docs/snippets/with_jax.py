import jax
import jax.numpy as jnp
import numpy as np

from sphinx_tape import from_jax

POINTS = np.array([[1.0, 2.0], [0.5, -1.0]], np.float32)
CLASSES = np.array([0, 1])
PARAMS = {
    "w": np.array([[0.5, -0.5], [0.25, 1.0]], np.float32),
    "b": np.zeros(2, np.float32),
}


def cross_entropy(params, x, classes):
    scores = jnp.tanh(x @ params["w"]) + params["b"]
    chances = jax.nn.log_softmax(scores)
    return -jnp.mean(jnp.take_along_axis(chances, classes[:, None], axis=1))


def classifier():
    return from_jax(cross_entropy, PARAMS, POINTS, CLASSES, argnums=0)


def classifier_in_short():
    return from_jax(cross_entropy, PARAMS, POINTS, CLASSES, argnums=0, closed=("log_softmax",))

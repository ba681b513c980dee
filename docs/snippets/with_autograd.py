import autograd.numpy as np

from sphinx_tape import from_autograd


def squared_error(params, x, target):
    prediction = np.tanh(np.dot(x, params["w"]) + params["b"])
    return np.sum((prediction - target) ** 2)


def prediction_error():
    params = {"w": np.array([0.5, -0.25]), "b": 0.1}
    return from_autograd(squared_error, params, np.array([1.0, 2.0]), 0.8)

class Value:
    """A number that remembers how it was made: the whole engine of a course."""

    def __init__(self, data, parents=(), op=""):
        self.data = data
        self.grad = 0.0
        self._prev = parents
        self._op = op
        self._backward = lambda: None

    def __add__(self, other):
        out = Value(self.data + other.data, (self, other), "+")

        def backward():
            self.grad += out.grad
            other.grad += out.grad

        out._backward = backward
        return out

    def __mul__(self, other):
        out = Value(self.data * other.data, (self, other), "*")

        def backward():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out._backward = backward
        return out


def square_plus(x=3.0, y=4.0):
    a, b = Value(x), Value(y)
    a.label, b.label = "a", "b"
    return a * a + b

"""The training step that a careful person writes in NumPy, to measure against.

A multi-layer perceptron of any depth, relu or tanh, cross-entropy (softmax or one
sigmoid), Adam or SGD. No array is allocated in a step: products write into buffers,
and the optimizer runs over one flat block of parameters, in parts that stay in cache.
"""

import math

import numpy as np

from ..network.training.optimizers import Adam

PART = 16_384  # parameters that the optimizer takes through all its passes together


class NumPyTraining:
    """Trains the parameters of a fastnn network of Dense layers, on a copy of them.

    optimizer: an Adam or a plain SGD, of which only the settings are used. The loss is
    cross-entropy over classes; for a network with one output, of 0 and 1.
    """

    def __init__(self, net, X, y, batch_size, optimizer=None, dtype=np.float32):
        self.dtype = np.dtype(dtype)
        self.X, self.batch_size = np.ascontiguousarray(X, dtype), batch_size
        self.one_output = net.n_out == 1
        self.y = np.asarray(y, dtype if self.one_output else np.int64)
        self.relu = net.layers[0].activation != "tanh"
        self.optimizer = Adam(1e-3) if optimizer is None else optimizer
        self.start = net.flat_parameters.astype(dtype)
        self.flat, self.grad, self.m, self.v, self.t1, self.t2 = (
            np.zeros_like(self.start) for _ in range(6)
        )
        self.weights, self.grad_weights = [], []
        self.biases, self.grad_biases = [], []
        for layer in net.layers:
            for name, of, of_grad in (
                ("weights", self.weights, self.grad_weights),
                ("bias", self.biases, self.grad_biases),
            ):
                first, x = net.places[layer][name], getattr(layer, name)
                part = slice(first, first + x.size)
                of.append(self.flat[part].reshape(x.shape))
                of_grad.append(self.grad[part].reshape(x.shape))
        self._buffers([layer.n_out for layer in net.layers])
        self.begin()

    def _buffers(self, widths):
        def buffers(dtype, of):
            return [np.empty((self.batch_size, width), dtype) for width in of]

        self.a = buffers(self.dtype, widths)
        self.grad_a = buffers(self.dtype, widths[:-1])
        self.scratch = buffers(self.dtype, widths)
        self.mask = buffers(bool, widths)
        self.column = np.empty((self.batch_size, 1), self.dtype)
        self.rows = np.arange(self.batch_size)
        self.ones = np.ones(self.batch_size, self.dtype)

    def begin(self):
        """Back to the network's parameters and an optimizer that has seen nothing."""
        self.flat[...] = self.start
        self.m[...] = self.v[...] = 0
        self.step = 0

    def epoch(self, n_steps=None):
        """One pass over X in order, in whole batches; returns the mean loss."""
        total, size = 0.0, self.batch_size
        n_steps = len(self.X) // size if n_steps is None else n_steps
        for s in range(n_steps):
            rows = slice(s * size, (s + 1) * size)
            total += self._step(self.X[rows], self.y[rows])
        return total / n_steps

    def _step(self, x, y):
        inputs = [x, *self.a[:-1]]
        for a, w, b, z in zip(inputs, self.weights, self.biases, self.a, strict=True):
            np.dot(a, w, out=z)
            z += b
            if z is not self.a[-1]:
                if self.relu:
                    np.maximum(z, 0, out=z)
                else:
                    np.tanh(z, out=z)
        if self.one_output:
            loss = self._sigmoid_loss(self.a[-1], y.reshape(-1, 1))
        else:
            loss = self._softmax_loss(self.a[-1], y)
        self._backward(inputs, self.a[-1])
        self.step += 1
        if isinstance(self.optimizer, Adam):
            self._adam(self.optimizer)
        else:
            np.multiply(self.grad, self.optimizer.learning_rate, out=self.t1)
            self.flat -= self.t1
        return loss

    def _sigmoid_loss(self, z, y):
        """log(1 + e^z) - y z; z becomes dL/dz = (sigmoid(z) - y) / n."""
        loss, e = self.column, self.scratch[-1]
        np.logaddexp(z, 0, out=loss)
        np.multiply(z, y, out=e)
        loss -= e
        z *= 0.5  # sigmoid(z) = (1 + tanh(z / 2)) / 2, which cannot overflow
        np.tanh(z, out=z)
        z += 1
        z *= 0.5
        z -= y
        z /= len(y)
        return float(np.add.reduce(loss, axis=None)) / len(y)

    def _softmax_loss(self, z, y):
        """log sum exp - logit, shifted by the largest logit; z becomes dL/dz."""
        np.maximum.reduce(z, axis=1, keepdims=True, out=self.column)
        z -= self.column
        right = z[self.rows, y]
        np.exp(z, out=z)
        np.add.reduce(z, axis=1, keepdims=True, out=self.column)
        z /= self.column
        z[self.rows, y] -= 1
        z /= len(y)
        np.log(self.column, out=self.column)
        total = np.add.reduce(self.column, axis=None) - np.add.reduce(right)
        return float(total) / len(y)

    def _backward(self, inputs, grad):
        for i in range(len(self.weights) - 1, -1, -1):
            np.dot(inputs[i].T, grad, out=self.grad_weights[i])
            np.dot(self.ones, grad, out=self.grad_biases[i])
            if i == 0:
                return
            grad = np.dot(grad, self.weights[i].T, out=self.grad_a[i - 1])
            a = inputs[i]
            if self.relu:
                grad *= np.greater(a, 0, out=self.mask[i - 1])
            else:
                slope = np.multiply(a, a, out=self.scratch[i - 1])
                grad *= np.subtract(1, slope, out=slope)

    def _adam(self, settings):
        beta1, beta2, eps = settings.beta1, settings.beta2, settings.eps
        rate = settings.learning_rate / (1 - beta1**self.step)
        unbias = 1 / math.sqrt(1 - beta2**self.step)
        for start in range(0, len(self.flat), PART):
            part = slice(start, start + PART)
            m, v, grad = self.m[part], self.v[part], self.grad[part]
            t1, t2, flat = self.t1[part], self.t2[part], self.flat[part]
            m *= beta1
            np.multiply(grad, 1 - beta1, out=t1)
            m += t1
            v *= beta2
            np.multiply(grad, grad, out=t1)
            t1 *= 1 - beta2
            v += t1
            np.sqrt(v, out=t1)
            t1 *= unbias
            t1 += eps
            np.divide(m, t1, out=t2)
            t2 *= rate
            flat -= t2

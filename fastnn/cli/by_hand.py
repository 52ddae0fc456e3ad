"""The training step that a careful person writes in NumPy, to measure against.

One hidden layer with relu, cross-entropy and Adam in float32: no array is allocated in
a step, products write into buffers, Adam runs once over one flat block of parameters.
"""

import numpy as np


class NumPyTraining:
    """Trains the parameters of a fastnn network with one hidden layer, on a copy."""

    def __init__(self, net, X, y, batch_size, learning_rate=1e-3):
        n_in, n_hidden = net.layers[0].weights.shape
        n_out = net.n_out
        self.X, self.y, self.batch_size = X, y, batch_size
        self.learning_rate, self.step = learning_rate, 0

        shapes = ((n_in, n_hidden), (n_hidden, n_out), (n_hidden,), (n_out,))
        n = sum(int(np.prod(shape)) for shape in shapes)
        self.flat, self.grad, self.m, self.v, self.t1, self.t2 = (
            np.zeros(n, np.float32) for _ in range(6)
        )
        self.w1, self.w2, self.b1, self.b2 = self._views(self.flat, shapes)
        self.gw1, self.gw2, self.gb1, self.gb2 = self._views(self.grad, shapes)
        first, second = net.layers
        for mine, its in (
            (self.w1, first.weights),
            (self.w2, second.weights),
            (self.b1, first.bias),
            (self.b2, second.bias),
        ):
            mine[...] = its

        self.hidden, self.grad_hidden = np.empty((2, batch_size, n_hidden), np.float32)
        self.mask = np.empty((batch_size, n_hidden), bool)
        self.probs = np.empty((batch_size, n_out), np.float32)
        self.column = np.empty((batch_size, 1), np.float32)
        self.rows = np.arange(batch_size)

    @staticmethod
    def _views(flat, shapes):
        views, start = [], 0
        for shape in shapes:
            size = int(np.prod(shape))
            views.append(flat[start : start + size].reshape(shape))
            start += size
        return views

    def epoch(self):
        """One pass over X in order, in whole batches; returns the mean loss."""
        total = 0.0
        n_steps = len(self.X) // self.batch_size
        for s in range(n_steps):
            rows = slice(s * self.batch_size, (s + 1) * self.batch_size)
            total += self._step(self.X[rows], self.y[rows])
        return total / n_steps

    def _step(self, x, y):
        hidden, probs, column = self.hidden, self.probs, self.column
        # forward
        np.dot(x, self.w1, out=hidden)
        hidden += self.b1
        np.maximum(hidden, 0, out=hidden)
        np.dot(hidden, self.w2, out=probs)
        probs += self.b2
        # softmax and the loss: log sum exp - logit, both shifted by the largest logit
        probs -= probs.max(axis=1, keepdims=True, out=column)
        right = probs[self.rows, y]
        np.exp(probs, out=probs)
        probs.sum(axis=1, keepdims=True, out=column)
        loss = float(np.log(column).mean() - right.mean())
        # backward: probs becomes dL/dlogits
        probs /= column
        probs[self.rows, y] -= 1
        probs /= len(y)
        np.dot(hidden.T, probs, out=self.gw2)
        probs.sum(axis=0, out=self.gb2)
        np.dot(probs, self.w2.T, out=self.grad_hidden)
        np.greater(hidden, 0, out=self.mask)
        self.grad_hidden *= self.mask
        np.dot(x.T, self.grad_hidden, out=self.gw1)
        self.grad_hidden.sum(axis=0, out=self.gb1)
        self._adam()
        return loss

    def _adam(self, beta1=0.9, beta2=0.999, eps=1e-8):
        self.step += 1
        m, v, grad, t1, t2 = self.m, self.v, self.grad, self.t1, self.t2
        m *= beta1
        np.multiply(grad, 1 - beta1, out=t1)
        m += t1
        v *= beta2
        np.multiply(grad, grad, out=t1)
        t1 *= 1 - beta2
        v += t1
        np.multiply(v, 1 / (1 - beta2**self.step), out=t1)
        np.sqrt(t1, out=t1)
        t1 += eps
        np.divide(m, t1, out=t2)
        t2 *= self.learning_rate / (1 - beta1**self.step)
        self.flat -= t2

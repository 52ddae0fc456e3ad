"""Network: a stack of layers that learns.

    net = fn.mlp(n_in=64, hidden=[128], n_out=10, seed=0)
    history = net.fit(X, y, epochs=20)
    net.predict(X)

How fit works is in training/, how layers work in layers.py.
"""

import numpy as np

from ..ops import checks
from . import inputs, losses, program, storage, summary
from .draws import Draws
from .layers import BUILT_IN, Dropout, Layer
from .training.run import Training


class Network:
    """Layers in a row: the output of one is the input of the next.

    layers: a list of layers; seed: of the weights, the shuffling and dropout (None:
    from the system's entropy); dtype: "float32" or "float64".

    Everything inside can be read and written: `net.layers[2].weights`, and after
    `net.forward(X)` each layer's z and a, after `net.backward(...)` its grad_weights.
    All parameters lie in one block, and the layers hold views of it:

        flat_parameters  [ weights | weights | ... | bias | bias | gamma | beta ... ]
                           felt by weight decay      not felt by it

    `flat_gradients` has the same places; `flat_statistics` holds running averages.
    `predict` may be called from many threads at once; forward, backward and fit write
    into the layers and may not.
    """

    def __init__(self, layers, seed=0, dtype="float32"):
        self.layers = inputs.layers_in_order(layers)
        if seed is None:
            seed = int(np.random.SeedSequence().generate_state(1, np.uint64)[0] >> 1)
        self.seed = checks.whole("Network", "seed", seed)
        self.dtype = inputs.precision(dtype)
        self.loss = None  # that it was last trained with: a name, or an OwnLoss
        self.history = None  # of the last fit
        self.metadata = {}  # of the user's own; a file keeps it
        self.draws = 0  # training passes made so far: what shuffles and masks are of
        self.compiles = program.can_compile(self.layers)  # whether kernels run it whole
        self.laid_out = program.LaidOut()  # for the kernels
        self.output = None  # of the last forward pass, which backward needs
        self._build()

    def _build(self):
        """Give each layer its width and values, and all of them one block."""
        width = self.layers[0].n_in
        if width is None:
            raise ValueError(
                f"Network: the first layer, {self.layers[0]!r}, does not say how many "
                "columns come in; give it n_features, or begin with a Dense"
            )
        before = [dict(vars(layer)) for layer in self.layers]
        rng = Draws(self.seed)
        try:
            for layer in self.layers:
                own = type(layer) not in BUILT_IN.values()  # it knows NumPy's generator
                layer.build(width, rng.generator() if own else rng)
                Layer.build(layer, width, rng)  # where its own left the widths out
                width = layer.n_out
        except Exception:  # refused layers can still be used elsewhere
            for layer, values in zip(self.layers, before, strict=True):
                vars(layer).clear()
                vars(layer).update(values)
            raise
        self.n_in, self.n_out = self.layers[0].n_in, width
        decayed = [(x, n) for x, n in self._named("parameter_names") if decays(x, n)]
        others = [(x, n) for x, n in self._named("parameter_names") if not decays(x, n)]
        self.n_decayed = sum(getattr(x, n).size for x, n in decayed)
        self.places = {layer: {} for layer in self.layers}
        self.flat_parameters = self._block(decayed + others)
        self.flat_gradients = program.aligned(self.flat_parameters.size, self.dtype)
        self.flat_statistics = self._block(self._named("statistic_names"))
        for index, layer in enumerate(self.layers):
            layer.attach(self._views(layer), self.laid_out)
            if isinstance(layer, Dropout):
                layer.index = index
        self.set_seed(self.seed)

    def _named(self, kind):
        return [(x, n) for x in self.layers for n in getattr(x, kind)]

    def _block(self, named):
        """One array of all these arrays; remembers where each of them begins."""
        start = 0
        for layer, name in named:
            self.places[layer][name] = start
            start += getattr(layer, name).size
        parts = [np.ravel(getattr(layer, name)) for layer, name in named]
        block = program.aligned(start, self.dtype)
        np.concatenate([*parts, np.empty(0)], out=block, casting="same_kind")
        return block

    def _views(self, layer):
        views = {}
        for name, start in self.places[layer].items():
            shape = np.shape(getattr(layer, name))
            part = slice(start, start + int(np.prod(shape)))
            if name in layer.statistic_names:
                views[name] = self.flat_statistics[part].reshape(shape)
            else:
                views[name] = self.flat_parameters[part].reshape(shape)
                views["grad_" + name] = self.flat_gradients[part].reshape(shape)
        return views

    # --- Forward and backward --------------------------------------------------------

    def __call__(self, X):
        """The raw outputs (logits or values) for X (n_samples, n_in)."""
        return self._checked_outputs("Network", X)

    def _checked_outputs(self, where, X):
        """The raw outputs for a user's X, which is refused where it is not finite."""
        if self.compiles:
            outputs = self.laid_out.quickly(self, X)
            if outputs is not None:
                return outputs
        x = inputs.matrix(where, "X", X, self.n_in, self.dtype)
        if not self.compiles:
            inputs.finite(where, "X", x)
            return self._outputs(x)
        outputs, finite = self.laid_out.inference(self)(self, x)
        if not finite:
            inputs.finite(where, "X", x)
        return outputs

    def _outputs(self, x):
        """The raw outputs for an x that is checked already."""
        if self.compiles:
            return self.laid_out.inference(self)(self, x)[0]
        chunks = np.array_split(x, len(x) // program.INFER_ROWS + 1)
        return np.concatenate([self._through(chunk) for chunk in chunks])

    def _through(self, x, training=False):
        for layer in self.layers:
            out = layer.forward(x, training)
            x = inputs.from_layer(layer, "forward", out, (len(x), layer.n_out), x.dtype)
        self.output = x
        return x

    def forward(self, X, training=False):
        """The raw outputs for X; every layer keeps its z and a."""
        x = inputs.features("forward", "X", X, self.n_in, self.dtype)
        training = checks.flag("forward", "training", training)
        if training:
            self.next_draw()
        return self._through(x, training)

    def set_seed(self, seed):
        """The seed of the shuffles and the dropout masks from here on."""
        self.seed = seed
        for layer in self.layers:
            if isinstance(layer, Dropout):
                layer.seed = seed

    def next_draw(self):
        """New dropout masks for the training pass that follows."""
        for layer in self.layers:
            if isinstance(layer, Dropout):
                layer.step = self.draws
        self.draws += 1

    def backward(self, grad_output):
        """dL/dX from dL/d(outputs) of the last `forward`; fills every gradient."""
        grad = checks.floating(
            "backward", "grad_output", grad_output, ndim=2, dtype=self.dtype
        )
        if self.output is None:
            raise RuntimeError("backward: call forward(X) first; it keeps z and a")
        checks.same_shape(
            "backward", "grad_output", grad, "the last output", self.output
        )
        for layer in reversed(self.layers):
            out = layer.backward(grad)
            shape = (len(grad), layer.n_in)
            grad = inputs.from_layer(layer, "backward", out, shape, grad.dtype)
        return grad

    def input_gradient(self, X, y, loss=None, sample_weight=None):
        """dL/dX (n_samples, n_in) of the loss: which inputs matter, and where to.

        `loss` is by default the one that the network was trained with. The layers'
        z, a and gradients are filled as well.
        """
        x, target, weight, _ = self._judged("input_gradient", X, y, loss, sample_weight)
        _, grad = target.value_and_gradient(self._through(x), weight)
        return self.backward(grad)

    def graph(self, X, y=None, loss=None, sample_weight=None, training=False):
        """The network's computation as a graph: the logits, or with y the loss.

            loss = net.graph(X, y)
            loss.backward()  # into its leaves: fn.graph.leaves(loss)["0.weights"].grad

        A Tensor, computed from the constant X and leaves with the names and copies of
        `named_parameters`, a node or a few for each layer: to draw, to explain, to
        differentiate as often as you like. The first derivatives are those of
        `backward`, to rounding, in some twice the time. loss: by default the one it was
        trained with. training: batch statistics, and the masks of dropout that the next
        training pass will have. Nothing in the network changes.

        Raises ValueError or TypeError where an argument does not fit, and TypeError
        for a layer of your own that has no `compute` (docs/own_layer.md).
        """
        from .tensors import as_graph

        training = checks.flag("graph", "training", training)
        if y is None:
            as_graph.refuse_without_y(loss=loss, sample_weight=sample_weight)
            x = inputs.features("graph", "X", X, self.n_in, self.dtype, empty_ok=False)
            return as_graph.outputs(self, x, training)
        x, target, weight, _ = self._judged("graph", X, y, loss, sample_weight)
        return target.node(as_graph.outputs(self, x, training), weight)

    # --- Learning --------------------------------------------------------------------

    def fit(
        self,
        X,
        y,
        loss=None,
        optimizer="adam",
        epochs=20,
        batch_size=32,
        validation=None,
        sample_weight=None,
        class_weight=None,
        callbacks=(),
        shuffle=True,
        progress=False,
        resume=None,
    ):
        """Learn from X (n_samples, n_in) and y by mini-batch gradient descent.

        loss: a name of fastnn.network.losses; by default the last one used, or
        "cross_entropy". y: class indices, or values (n_samples, n_out). Or a function
        of yours, (outputs, y) or (outputs, y, sample_weight) -> a Tensor of one number;
        the network then goes layer by layer (docs/own_loss.md).
        optimizer: fn.Adam(...), fn.SGD(...) or a name. epochs: passes over X.
        validation: (X, y), judged after every epoch. sample_weight (n_samples,);
        class_weight: "balanced" or {class: weight}.
        callbacks: fn.EarlyStopping(...), fn.Checkpoint(path) or functions of one
        argument, the running Training. resume: the path of a checkpoint to go on from;
        the result is the same, bit for bit, as without the interruption.
        progress: True for a bar on a terminal, a line an epoch elsewhere.

        Returns the History. Raises ValueError or TypeError when an argument does
        not fit, with the network as it was. Ctrl-C leaves the network as it was
        after the last finished step, and `net.history` with the epochs finished.
        """
        training = Training(
            self, X, y, loss, optimizer, epochs, batch_size, validation, sample_weight,
            class_weight, callbacks, shuffle, progress,
        )  # fmt: skip
        return training.run(resume)

    def predict(self, X):
        """Labels (n_samples,) of a classifier, or the predicted values.

        Which of them, the loss says that it was trained with; before any training,
        several outputs are taken for classes and one output for a value.
        """
        return losses.decide(
            self.loss_or_default(), self._checked_outputs("predict", X)
        )

    def predict_proba(self, X):
        """Probabilities (n_samples, n_classes)."""
        return losses.probabilities(
            self.loss_or_default(), self._checked_outputs("predict_proba", X)
        )

    def evaluate(self, X, y, loss=None, sample_weight=None):
        """{"loss": ..., "accuracy": ...}; for values "r2" instead of "accuracy"."""
        x, target, weight, loss = self._judged("evaluate", X, y, loss, sample_weight)
        return self.judge(x, target, loss, weight)

    def judge(self, x, target, loss, weight=None):
        """`evaluate` for arguments that are checked already."""
        outputs = self._outputs(x)
        value = target.value(outputs, weight)
        return {"loss": value, **losses.measured(loss, target, outputs, weight)}

    def score(self, X, y, sample_weight=None):
        """Accuracy of a classifier, R^2 of a regression or with a loss of your own."""
        x, target, weight, loss = self._judged(
            "score", X, y, None, sample_weight, needed=False
        )
        return losses.score(loss, target, self._outputs(x), weight)

    def loss_or_default(self):
        """The loss it was trained with; before that, what its outputs suggest."""
        if self.loss is not None:
            return self.loss
        return "cross_entropy" if self.n_out > 1 else "mse"

    def _judged(self, where, X, y, loss, sample_weight, needed=True):
        loss = self.loss_or_default() if loss is None else loss
        loss = losses.as_loss(where, loss, self.n_out, needed)
        x = inputs.features(where, "X", X, self.n_in, self.dtype, empty_ok=False)
        target = losses.targets(where, "y", y, loss, self.n_out, self.dtype)
        inputs.same_length(where, "y", target, "X", len(x))
        weight = inputs.sample_weights(where, sample_weight, len(x), self.dtype)
        return x, target, weight, loss

    # --- What is inside --------------------------------------------------------------

    def parameters(self):
        """The parameter arrays, layer by layer; writing into them is allowed."""
        return [getattr(layer, name) for layer, name in self._named("parameter_names")]

    def named_parameters(self):
        """{"0.weights": array, "0.bias": array, ...}, numbered by layer."""
        return {
            f"{index}.{name}": getattr(layer, name)
            for index, layer in enumerate(self.layers)
            for name in layer.parameter_names
        }

    def gradients(self):
        """The gradients of the last backward pass, in the order of parameters()."""
        return [
            getattr(layer, "grad_" + name)
            for layer, name in self._named("parameter_names")
        ]

    def get_state(self):
        """A copy of everything learned: {"parameters": ..., "statistics": ...}."""
        return {
            "parameters": self.flat_parameters.copy(),
            "statistics": self.flat_statistics.copy(),
        }

    def set_state(self, state):
        """Take back what get_state gave; other names in `state` don't matter."""
        if not isinstance(state, dict):
            raise TypeError(
                f"set_state: state is {checks.describe(state)}; expected what "
                "get_state() gave"
            )
        mine = {"parameters": self.flat_parameters, "statistics": self.flat_statistics}
        values = {
            name: checks.floating(
                "set_state", f"state[{name!r}]", state.get(name), dtype=self.dtype
            )
            for name in mine
        }
        for name, array in mine.items():
            checks.same_shape(
                "set_state", f"state[{name!r}]", values[name], "this network's", array
            )
        for name, array in mine.items():
            array[:] = values[name]

    def __setstate__(self, state):
        """After pickle or copy: the layers' arrays become views of the block again."""
        self.__dict__.update(state)
        for name in ("flat_parameters", "flat_gradients", "flat_statistics"):
            block = state[name]  # joblib may give a read-only one, mapped from a file
            setattr(self, name, block if block.flags.writeable else np.array(block))
        for layer in self.layers:
            layer.attach(self._views(layer), self.laid_out)

    def summary(self):
        """One line a layer: its shape, activation and number of parameters."""
        return summary.of_network(self)

    __repr__ = summary

    # --- Files -----------------------------------------------------------------------

    def config(self):
        """What makes a network of the same shape again."""
        return {
            "layers": [{"type": type(x).__name__, **x.config()} for x in self.layers],
            "seed": self.seed,
            "dtype": self.dtype.name,
            "loss": losses.to_file(self.loss),
        }

    def save(self, path, metadata=None):
        """Write the network to `path` (.npz, no pickle), whole or not at all.

        metadata: a dict of JSON values to keep with it, say names of the features, by
        default `net.metadata`; fn.load gives it back there.
        """
        metadata = self.metadata if metadata is None else metadata
        header = {**self.config(), "metadata": inputs.json_values(metadata)}
        storage.write_archive(path, "network", header, self.get_state())

    def to_onnx(self, path):
        """Write what net(X) computes to `path` (.onnx, opset 17), whole or not at all.

        Needs the extra `io`. Raises TypeError for a layer that ONNX does not know.
        """
        from .onnx import to_onnx

        to_onnx(self, path)


def decays(layer, name):
    return name in layer.decayed_names

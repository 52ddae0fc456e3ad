"""Checkpoints: a running training in a file, from which another one goes on.

A file holds the parameters, the optimizer's state, the number of training passes made
(shuffles and dropout's masks are functions of it), the history, and what schedule and
callbacks have learnt. So the training that goes on has the same bits as one that was
never interrupted.
"""

from ...ops import checks
from .. import losses, storage
from .history import History


def save(training, path):
    """Write everything that fit(resume=path) needs to go on."""
    states = [callback.state() for callback in with_state(training)]
    header = {
        "network": training.network.config(),
        "optimizer": training.optimizer.config(),
        "settings": settings(training),
        "epoch": training.epoch,
        "step": training.step,
        "draws": training.network.draws,
        "schedule": training.optimizer.schedule.state(),
        "history": training.history.to_dict(),
        "callbacks": [values for values, _ in states],
    }
    arrays = {**training.network.get_state(), "slots": training.slots}
    for index, (_, of_callback) in enumerate(states):
        arrays |= {f"callback{index}.{n}": x for n, x in of_callback.items()}
    storage.write_archive(path, "checkpoint", header, arrays)


def restore(training, path):
    """Go on from a checkpoint: same network, optimizer and settings as before.

    The network stays as it is until everything in the file has been checked.
    """
    header, arrays = storage.read_archive(path, "checkpoint")
    net = training.network
    try:
        different = difference(training, header)
        if different is None:
            seed, draws, epoch, step = counts(header)
            history = History.from_dict(header["history"])
            for name, x in {**net.get_state(), "slots": training.slots}.items():
                if arrays[name].shape != x.shape or arrays[name].dtype != x.dtype:
                    raise ValueError(f"{name} has another shape or dtype")
            restore_listeners(training, header, arrays)
    except (
        LookupError, TypeError, AttributeError, OverflowError, ValueError
    ) as error:  # fmt: skip
        raise ValueError(
            f"fit: resume={path!r} is not a whole checkpoint ({error!r}); "
            "start again without it"
        ) from None
    if different is not None:
        raise ValueError(
            f"fit: resume={path!r} was written with {different}; they must be "
            "equal to go on"
        )
    training.history, training.epoch, training.step = history, epoch, step
    training.slots[:] = arrays["slots"]
    net.set_state(arrays)
    net.set_seed(seed)
    net.draws = draws


def settings(training):
    """What else must be equal to go on, but for the network and the optimizer."""
    return {
        "loss": losses.to_file(training.loss),
        "batch_size": training.batch_size,
        "shuffle": training.shuffle,
        "n_samples": len(training.data),
        "callbacks with a state": [type(c).__name__ for c in with_state(training)],
    }


def with_state(training):
    return [c for c in training.callbacks if hasattr(c, "state")]


def difference(training, header):
    """A setting in which the checkpoint's training was another one, in words."""
    mine = {
        "network": training.network.config()["layers"],
        "optimizer": training.optimizer.config(),
        **settings(training),
    }
    theirs = {
        "network": header["network"]["layers"],
        "optimizer": header["optimizer"],
        **header["settings"],
    }
    for name, value in mine.items():
        if theirs[name] != value:
            return f"{name} = {theirs[name]}, but this call has {value}"
    return None


def counts(header):
    """seed, draws, epoch and step of a checkpoint: whole numbers of 64 bits."""
    found = {"seed": header["network"]["seed"]}
    found |= {name: header[name] for name in ("draws", "epoch", "step")}
    for name, value in found.items():
        if checks.whole("resume", name, value) >= 2**63:
            raise ValueError(f"{name} is {checks.describe(value)}")
    return found.values()


def restore_listeners(training, header, arrays):
    """Give the schedule and the callbacks what they had learnt."""
    training.optimizer.schedule.restore(header["schedule"])
    for index, callback in enumerate(with_state(training)):
        prefix = f"callback{index}."
        mine = {
            name.removeprefix(prefix): x
            for name, x in arrays.items()
            if name.startswith(prefix)
        }
        callback.restore(header["callbacks"][index], mine)

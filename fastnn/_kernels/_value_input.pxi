# What comes into a Value, checked; and the words for what goes wrong.

cdef inline Value constant(double data):
    cdef Value out = Value.__new__(Value)
    out.node.data = data
    return out


cdef inline Value operand(object x):
    """x as a Value, if it is one or a number; else None: x may know more."""
    if isinstance(x, Value):
        return <Value>x
    if isinstance(x, float):
        return constant(<double>x)
    if isinstance(x, int) or isinstance(x, Real):
        return constant(number("data", x))
    if type(x).__name__ == "Value":
        raise TypeError(
            "Value: one of these Values is compiled, the other one plain Python; make "
            'both inside of `with fn.use("reference"):` or both outside'
        )
    if type(x).__module__ == "builtins":  # those know no Value
        raise TypeError(
            f"Value: the other operand is {described(x)}; expected a Value or a number"
        )
    return None


cdef inline list list_of(str argument, object x):
    if type(x) is list:
        return <list>x
    if isinstance(x, str) or not hasattr(x, "__iter__"):
        raise TypeError(f"Value: {argument} is {described(x)}; expected a sequence")
    return list(x)


cdef inline Value summand(object x):
    """x as a Value; nobody else is asked what it may be."""
    if type(x) is Value:
        return <Value>x
    cdef Value value = operand(x)
    if value is None:
        raise TypeError(
            f"Value: a weight, input or bias is {described(x)}; expected a Value or a "
            "number"
        )
    return value


cdef double number(str argument, object x) except? -1.0:
    """x as a float; a sentence if it is none."""
    if isinstance(x, float):
        return <double>x
    if not isinstance(x, int) and not isinstance(x, Real):
        raise TypeError(f"Value: {argument} is {described(x)}; expected a number")
    try:
        return float(x)
    except OverflowError:
        raise ValueError(f"Value: {argument} is beyond the largest float") from None


cdef str described(object x):
    """What came instead of what was expected, in a few words."""
    if x is None or isinstance(x, (str, bytes, complex)):
        return repr(x)[:60]
    return f"an object of type {type(x).__name__}"


cdef str label(Value node):
    """A node in a message: "x = 0.5", "(+) = 0.5", "0.5"."""
    title = node.name or (f"({node.op})" if node.op else "")
    return f"{title} = {node.data}" if title else f"{node.data}"


cdef object warn_if_new(Value node):
    """Warn where NaN or infinity arises: it does not come from the inputs."""
    inputs = [x.data for x in node.inputs]
    if isnan(node.node.data):
        new = not any([x != x for x in inputs])
    else:
        new = all([isfinite(x) for x in inputs])
    if new:
        labels = " and ".join([label(x) for x in node.inputs])
        message = f"Value: {node.op} of {labels} is {node.data}"
        warn(message, RuntimeWarning, stacklevel=1)

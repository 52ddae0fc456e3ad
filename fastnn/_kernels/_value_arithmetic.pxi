# How Values come from Values, for value.pyx: one node each.

cdef inline Value unary(Op op, double data, Value x, double grad_x):
    """The result of an operation on one Value."""
    cdef Value out = Value.__new__(Value)
    Py_INCREF(x)  # given back by `release`
    out.node.op = op
    out.node.data = data
    out.node.left = &x.node
    out.node.grad_left = grad_x
    if not isfinite(data):
        warn_if_new(out)
    return out


cdef inline Value binary(
    Op op, double data, Value x, double grad_x, Value y, double grad_y
):
    """The result of an operation on two Values."""
    cdef Value out = Value.__new__(Value)
    Py_INCREF(x)
    Py_INCREF(y)
    out.node.op = op
    out.node.data = data
    out.node.left = &x.node
    out.node.right = &y.node
    out.node.grad_left = grad_x
    out.node.grad_right = grad_y
    if not isfinite(data):
        warn_if_new(out)
    return out


cdef inline Value sum_of(Value x, Value y):
    return binary(ADD, x.node.data + y.node.data, x, 1.0, y, 1.0)


cdef inline Value product_of(Value x, Value y):
    return binary(
        MULTIPLY, x.node.data * y.node.data, x, y.node.data, y, x.node.data
    )


cdef inline object add(Value x, Value y):
    return NotImplemented if x is None or y is None else sum_of(x, y)


cdef inline object subtract(Value x, Value y):
    if x is None or y is None:
        return NotImplemented
    return binary(SUBTRACT, x.node.data - y.node.data, x, 1.0, y, -1.0)


cdef inline object multiply(Value x, Value y):
    return NotImplemented if x is None or y is None else product_of(x, y)


cdef inline object divide(Value x, Value y):
    if x is None or y is None:
        return NotImplemented
    cdef double a = x.node.data / y.node.data
    return binary(DIVIDE, a, x, 1.0 / y.node.data, y, -(a / y.node.data))


cdef inline double power_slope(double x, double n) noexcept:
    return n * pow(x, n - 1.0) if n != 0.0 else 0.0


cdef object power_of_number(Value x, double n):
    cdef double slope = power_slope(x.node.data, n)
    cdef Value out = Value.__new__(Value)
    Py_INCREF(x)
    out.node.op = NUMBER_POWER
    out.node.data = pow(x.node.data, n)
    out.node.left = &x.node
    out.node.grad_left = slope
    out.node.grad_right = n
    if not isfinite(out.node.data):
        warn_if_new(out)
    return out


cdef object power(Value base, Value exponent):
    if base is None or exponent is None:
        return NotImplemented
    cdef double x = base.node.data, y = exponent.node.data, a = pow(x, y)
    cdef double slope = 0.0 if x == 0.0 and y >= 0.0 else a * log(x)
    return binary(POWER, a, base, power_slope(x, y), exponent, slope)

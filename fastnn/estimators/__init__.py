"""Models in scikit-learn's conventions, on fastnn's networks and kernels.

    LogisticRegression    the linear classifier, by gradient descent or by Newton
    MLPClassifier         a multi-layer perceptron that names classes
    MLPRegressor          a multi-layer perceptron that predicts values

The conventions: the constructor only stores its arguments, `fit` returns self, what is
learned ends in an underscore. They work in scikit-learn's Pipeline and GridSearchCV
where it is installed; nothing here imports it.
"""

from .logistic import LogisticRegression
from .mlp import MLPClassifier, MLPRegressor

__all__ = ["LogisticRegression", "MLPClassifier", "MLPRegressor"]

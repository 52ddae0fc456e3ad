"""The tables that ship with fastnn, from the folder tables/ (see SOURCES.md there).

Each call reads its file anew, so what you do to the arrays stays with you.
Rows stand in the order of scikit-learn's and palmerpenguins' copies.
"""

import io
import os

import numpy as np

from .dataset import Dataset, ImageDataset, RawTable

FOLDER = os.path.join(os.path.dirname(__file__), "tables")


def load_digits():
    """1797 handwritten digits as images of 8 x 8 pixels, each 0 (paper) to 16 (ink).

    Returns an ImageDataset: .X (1797, 64) float64, .y (1797,) int64,
    .images (1797, 8, 8), .feature_names, .target_names, .description.

    >>> digits = load_digits()
    >>> digits.images[0].shape, int(digits.y[0])
    ((8, 8), 0)
    """
    names = tuple(str(digit) for digit in range(10))
    X, y, features = _read_classes("digits.csv.gz", names)
    return ImageDataset(X, y, features, names, DIGITS, image_shape=(8, 8))


def load_breast_cancer():
    """Diagnosis of 569 breast tumours from 30 measurements of cell nuclei.

    Returns a Dataset: .X (569, 30) float64, .y (569,) int64 with 0 malignant and
    1 benign, .feature_names, .target_names, .description.
    """
    names = ("malignant", "benign")
    X, y, features = _read_classes("breast_cancer.csv", names)
    return Dataset(X, y, features, names, BREAST_CANCER)


def load_diabetes():
    """How far the diabetes of 442 patients went in a year, from ten measurements.

    Returns a Dataset: .X (442, 10) float64 in the units of the clinic, nothing scaled,
    .y (442,) float64, 25 to 346: values, not classes, .feature_names,
    .target_names ("progression",), .description.
    """
    X, last, (*features, target) = _read_table("diabetes.csv")
    return Dataset(X, np.array(last, float), tuple(features), (target,), DIABETES)


def load_el_nino():
    """The sea off Peru, month after month from 1950 to 2010: 732 mean temperatures.

    Returns a Dataset: .X (732, 2) float64, year and month (1 to 12), .y (732,) float64,
    degrees Celsius in the order of time, .feature_names, .target_names
    ("temperature_c",), .description.
    """
    X, last, (*features, target) = _read_table("el_nino.csv")
    return Dataset(X, np.array(last, float), tuple(features), (target,), EL_NINO)


def load_iris():
    """Three species of iris, 50 flowers each, four lengths in centimetres.

    Returns a Dataset: .X (150, 4) float64, .y (150,) int64, .feature_names,
    .target_names, .description.
    """
    names = ("setosa", "versicolor", "virginica")
    X, y, features = _read_classes("iris.csv", names)
    return Dataset(X, y, features, names, IRIS)


def load_penguins():
    """Three species of penguin, 342 birds, four measurements.

    Returns a Dataset: .X (342, 4) float64, .y (342,) int64, .feature_names,
    .target_names, .description. Two birds of the published table were not measured
    and are left out; load_penguins_raw() gives the table with everything in it.
    """
    table = load_penguins_raw().table
    columns = [table[column] for column in PENGUIN_FEATURES.values()]
    species = [name.split()[0] for name in table["Species"]]  # "Adelie Penguin (...)"
    names = tuple(sorted(set(species)))
    birds = zip(species, *columns, strict=True)
    measured = [(names.index(s), *bird) for s, *bird in birds if "NA" not in bird]
    y = np.array([row[0] for row in measured], np.int64)
    X = np.array([row[1:] for row in measured], np.float64)
    return Dataset(X, y, tuple(PENGUIN_FEATURES), names, PENGUINS)


def load_penguins_raw():
    """The penguins as published: 344 rows, 17 columns, gaps, comments and all.

    Returns a RawTable: .table (column name -> list of str, a gap is "NA"),
    .path (the CSV file), .description. `pandas.read_csv(raw.path)` reads it whole.
    """
    import csv  # here: `import fastnn` should not wait for them
    from pathlib import Path

    text = _read("penguins_raw.csv")
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    columns = (list(column) for column in zip(*rows, strict=True))
    table = dict(zip(header, columns, strict=True))
    return RawTable(table, Path(FOLDER, "penguins_raw.csv"), PENGUINS_RAW)


def _read_classes(file, target_names):
    """X, y and feature names of a table whose last column is the name of the class."""
    X, last, header = _read_table(file)
    y = np.array([target_names.index(name) for name in last], np.int64)
    return X, y, tuple(header[:-1])


def _read_table(file):
    """X, the last column as text, and the names of all columns."""
    header, *lines = _read(file).splitlines()
    rows = [line.rpartition(",") for line in lines]  # all but the last are numbers
    X = np.fromstring(",".join([row[0] for row in rows]), sep=",")
    return X.reshape(len(rows), -1), [row[2] for row in rows], header.split(",")


def _read(file):
    with open(os.path.join(FOLDER, file), "rb") as stream:
        data = stream.read()
    if file.endswith(".gz"):
        import gzip  # here: `import fastnn` should not wait for it

        data = gzip.decompress(data)
    return data.decode()


PENGUIN_FEATURES = {  # our name -> the column of the raw table
    "bill_length_mm": "Culmen Length (mm)",
    "bill_depth_mm": "Culmen Depth (mm)",
    "flipper_length_mm": "Flipper Length (mm)",
    "body_mass_g": "Body Mass (g)",
}

DIGITS = """\
Optical digits: 1797 handwritten digits, 8 x 8 pixels, ten classes
The test set of "Optical Recognition of Handwritten Digits" (E. Alpaydin and C. Kaynak,
UCI, 1998), written by 13 people. A bitmap of 32 x 32 was cut into blocks of 4 x 4; a
pixel is the number of inked points in its block, 0 to 16. Nothing is missing.
Source: https://doi.org/10.24432/C50P49, CC BY 4.0."""

BREAST_CANCER = """\
Breast cancer Wisconsin (diagnostic): 569 tumours, 30 features, two classes
Ten properties of the cell nuclei in the image of a fine needle aspirate, each as mean,
standard error ("error") and mean of the three largest ("worst"). 212 malignant,
357 benign. Nothing is missing; the scales of the features differ by a factor of 100000.
W. H. Wolberg, W. N. Street, O. L. Mangasarian (UCI, 1995).
Source: https://doi.org/10.24432/C5DW2B, CC BY 4.0."""

DIABETES = """\
Diabetes: 442 patients, ten features, one value
age in years, sex (1 and 2; the source does not say which is which), bmi in kg/m2, bp
the mean blood pressure, six measurements of blood serum: s1 total cholesterol, s2 LDL,
s3 HDL, s4 total cholesterol / HDL, s5 possibly the logarithm of triglycerides, s6 blood
sugar. To predict: a measure of the disease's progression one year later. Nothing is
missing.
B. Efron, T. Hastie, I. Johnstone, R. Tibshirani (2004), Annals of Statistics 32(2).
Licence: none stated by the authors; copy of scikit-learn, BSD-3-Clause."""

EL_NINO = """\
El Nino: the sea's temperature in 732 months, a series
Monthly mean of the sea surface between 0 and 10 degrees south, 80 and 90 degrees west
(the region Nino 1+2), from January 1950 to December 2010. In some years El Nino warms
it by several degrees. Nothing is missing.
NOAA's National Weather Service, from ERSST.v3b (T. M. Smith, R. W. Reynolds,
T. C. Peterson, J. Lawrimore, 2008, Journal of Climate 21). Public domain."""

IRIS = """\
Iris: 150 flowers, four features, three classes
Length and width of sepal and petal, in centimetres, 50 flowers of each species.
Measured by E. Anderson (1935), published by R. A. Fisher (1936); as in Fisher's paper
(UCI's copy has two rows wrong). Nothing is missing.
Source: https://doi.org/10.24432/C56C76, CC BY 4.0."""

PENGUINS = """\
Palmer penguins: 342 birds, four features, three classes
Bill, flipper and mass of adult penguins of three species near Palmer Station,
Antarctica, 2007 to 2009. The published table has 344 birds; the two without
measurements (rows 3 and 271, counted from 0) are dropped here.
K. B. Gorman, T. D. Williams, W. R. Fraser (2014), PLoS ONE 9(3): e90081;
A. M. Horst, A. P. Hill, K. B. Gorman (2020), palmerpenguins. CC0 1.0."""

PENGUINS_RAW = """\
Palmer penguins, the raw table: 344 birds, 17 columns
As published: gaps (written NA), a sex unknown for eleven birds, free comments, an
identity number that repeats, columns that give the answer away or say nothing.
K. B. Gorman, T. D. Williams, W. R. Fraser (2014), PLoS ONE 9(3): e90081;
A. M. Horst, A. P. Hill, K. B. Gorman (2020), palmerpenguins. CC0 1.0."""

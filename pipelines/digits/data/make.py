"""Writes `digits.csv` beside itself, from the digits that scikit-learn carries.

1,797 handwritten digits as 8 by 8 pixels of 0 to 16 (UCI, Optical Recognition of Handwritten Digits, E. Alpaydin and
C. Kaynak, CC BY 4.0). `stroke` says how thick a digit is written: a third of them each is thin, medium and thick.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

if __name__ == "__main__":
    found = load_digits()
    ink = found.data.sum(axis=1)
    thin, medium = np.quantile(ink, [1 / 3, 2 / 3])
    with (Path(__file__).parent / "digits.csv").open("w", encoding="utf-8", newline="") as out:
        table = csv.writer(out, lineterminator="\n")
        table.writerow([*(f"p{row}{column}" for row in range(8) for column in range(8)), "stroke", "digit"])
        for pixels, amount, digit in zip(found.data.astype(int).tolist(), ink, found.target.tolist(), strict=True):
            table.writerow([*pixels, "thin" if amount < thin else "medium" if amount < medium else "thick", digit])

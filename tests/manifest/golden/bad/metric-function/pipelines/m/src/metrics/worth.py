def value(rows): return 1.0

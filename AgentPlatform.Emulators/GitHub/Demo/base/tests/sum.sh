check "sum of three values" 6 sum 1 2 3
check "sum of nothing" 0 sum

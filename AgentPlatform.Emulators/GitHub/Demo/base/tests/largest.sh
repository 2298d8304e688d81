check "largest of three values" 9 largest 4 9 2
check "largest of nothing is refused" "largest: no values" largest

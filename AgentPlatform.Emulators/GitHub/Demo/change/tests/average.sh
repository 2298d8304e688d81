check "average of three values" 4 average 2 4 6
check "average rounds down" 2 average 2 3
